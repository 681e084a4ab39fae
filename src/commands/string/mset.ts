// MSET and MSETNX: several strings in one command, all of them or, with NX, none.

import { keysToEnd } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { NO_EXPIRY } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, readAhead, writeKey } from '../context.ts';
import { storeString } from './string-value.ts';

function storeAll(session: DataSession, request: Request): void {
  for (let i = 1, known = 1; i < request.count; i += 2) {
    if (i === known) known += readAhead(session, request, i, 2);
    storeString(session, request, i, i + 1, NO_EXPIRY);
    changedKey(session, request, i, NotifyClass.string, 'set');
  }
}

export const mset: DataCommand = {
  name: 'mset',
  summary: 'Stores several strings at their keys.',
  since: '1.0.1',
  group: 'string',
  complexity: 'O(N) with N being the number of keys',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: keysToEnd(['OW', 'update'], 2),
  syntax: 'data=(key value)...',
  tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
  run(session, request, reply) {
    if (request.count % 2 === 0) return reply.error(errors.wrongArity('mset'));
    storeAll(session, request);
    reply.ok();
  },
};

export const msetnx: DataCommand = {
  name: 'msetnx',
  summary: 'Stores several strings, but only when none of the keys exists.',
  since: '1.0.1',
  group: 'string',
  complexity: 'O(N) with N being the number of keys',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['string'],
  keys: keysToEnd(['OW', 'insert'], 2),
  syntax: 'data=(key value)...',
  run(session, request, reply) {
    if (request.count % 2 === 0) return reply.error(errors.wrongArity('msetnx'));
    // All are looked at before the first is stored; a key named twice may then be stored twice.
    for (let i = 1; i < request.count; i += 2) {
      if (writeKey(session, request, i) !== 0) return reply.integer(0);
    }
    storeAll(session, request);
    reply.integer(1);
  },
};
