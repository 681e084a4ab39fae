// SETBIT and GETBIT.

import { key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import { changedKey, type DataCommand, isKind, readKey, writeKey } from '../context.ts';
import { makeRoom } from '../string/string-room.ts';
import { bitOffset } from './bit-arguments.ts';

export const setbit: DataCommand = {
  name: 'setbit',
  summary: 'Sets or clears one bit of a string and returns what it was.',
  since: '2.2.0',
  group: 'bitmap',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom'],
  categories: ['bitmap'],
  keys: key('RW', 'access', 'update'),
  syntax: 'key offset:integer value:integer',
  run(session, request, reply) {
    const offset = bitOffset(session, request, 2, 0, reply);
    if (offset < 0) return;
    const on = request.integer(3);
    if (on !== 0 && on !== 1) return reply.error(errors.bitValue);
    const db = session.db;
    const found = writeKey(session, request, 1);
    if (found !== 0 && !isKind(session, found, Kind.string, reply)) return;
    const byte = Math.floor(offset / 8);
    const grows = found === 0 || db.valueLength(found) <= byte;
    const ref = makeRoom(session, request, 1, found, byte + 1);
    const page = db.page(ref);
    const at = db.valueStart(ref) + byte;
    const mask = 0x80 >> (offset % 8);
    const was = (page[at] & mask) === 0 ? 0 : 1;
    // A bit set to what it is changes nothing and is not propagated, unless the string grew for it.
    if (grows || was !== on) {
      page[at] = on === 1 ? page[at] | mask : page[at] & ~mask;
      changedKey(session, request, 1, NotifyClass.string, 'setbit');
    }
    reply.integer(was);
  },
};

export const getbit: DataCommand = {
  name: 'getbit',
  summary: 'Returns one bit of a string; beyond its end all are 0.',
  since: '2.2.0',
  group: 'bitmap',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  categories: ['bitmap'],
  keys: key('RO', 'access'),
  syntax: 'key offset:integer',
  run(session, request, reply) {
    const offset = bitOffset(session, request, 2, 0, reply);
    if (offset < 0) return;
    const ref = readKey(session, request, 1);
    if (ref === 0) return reply.integer(0);
    if (!isKind(session, ref, Kind.string, reply)) return;
    const db = session.db;
    const byte = Math.floor(offset / 8);
    if (byte >= db.valueLength(ref)) return reply.integer(0);
    reply.integer((db.page(ref)[db.valueStart(ref) + byte] >> (7 - (offset % 8))) & 1);
  },
};
