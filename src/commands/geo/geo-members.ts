// GEOADD, and what is asked of members by name: GEOPOS, GEODIST, GEOHASH.

import { key } from '../../dispatch/command.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import { Request } from '../../protocol/request.ts';
import { type DataCommand, isKind, readKey } from '../context.ts';
import { zadd } from '../zset/add.ts';
import {
  memberPosition,
  positionArgument,
  replyDistance,
  replyPosition,
  unitArgument,
} from './geo-arguments.ts';
import { distance, geohashText, scoreOfPosition } from './geo-cell.ts';

export const geoadd: DataCommand = {
  name: 'geoadd',
  summary: 'Adds members with their positions to a sorted set, or moves those that are there.',
  since: '3.2.0',
  group: 'geo',
  complexity: 'O(log(N)) a member with N members in the sorted set',
  arity: -5,
  flags: ['write', 'denyoom'],
  categories: ['geo'],
  keys: key('RW', 'update'),
  syntax:
    'key condition=[NX|XX]@6.2.0 [change=CH@6.2.0] data=(longitude:double latitude:double member)...',
  history: [['6.2.0', 'CH, NX and XX.']],
  run(session, request, reply) {
    let first = 2;
    let nx = false;
    let xx = false;
    for (; first < request.count; first++) {
      if (request.is(first, 'NX')) nx = true;
      else if (request.is(first, 'XX')) xx = true;
      else if (!request.is(first, 'CH')) break;
    }
    if ((request.count - first) % 3 !== 0 || (nx && xx)) return reply.error(errors.syntax);
    // It is ZADD with scores made of positions, for replicas too.
    const args: (Buffer | number | string)[] = ['ZADD'];
    for (let i = 1; i < first; i++) args.push(request.copy(i));
    for (let i = first; i < request.count; i += 3) {
      const position = positionArgument(request, i, reply);
      if (position === undefined) return;
      args.push(scoreOfPosition(position), request.copy(i + 2));
    }
    const { engine } = session.server;
    const before = engine.dirty;
    const outcome = zadd.run?.(session, Request.of(args), reply);
    if (engine.dirty !== before) session.propagateAs(args);
    return outcome;
  },
};

export const geopos: DataCommand = {
  name: 'geopos',
  summary: 'Returns the positions of members.',
  since: '3.2.0',
  group: 'geo',
  complexity: 'O(1) a member',
  arity: -2,
  flags: ['readonly'],
  categories: ['geo'],
  keys: key('RO', 'access'),
  syntax: 'key [member...]',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
    reply.array(request.count - 2);
    for (let i = 2; i < request.count; i++) {
      const position = memberPosition(session, ref, request, i);
      if (position === undefined) reply.nullArray();
      else replyPosition(reply, position);
    }
  },
};

export const geohash: DataCommand = {
  name: 'geohash',
  summary: 'Returns the positions of members as geohash texts.',
  since: '3.2.0',
  group: 'geo',
  complexity: 'O(1) a member',
  arity: -2,
  flags: ['readonly'],
  categories: ['geo'],
  keys: key('RO', 'access'),
  syntax: 'key [member...]',
  run(session, request, reply) {
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
    reply.array(request.count - 2);
    for (let i = 2; i < request.count; i++) {
      const position = memberPosition(session, ref, request, i);
      if (position === undefined) reply.null();
      else reply.text(geohashText(position));
    }
  },
};

export const geodist: DataCommand = {
  name: 'geodist',
  summary: 'Returns the distance between two members.',
  since: '3.2.0',
  group: 'geo',
  complexity: 'O(1)',
  arity: -4,
  flags: ['readonly'],
  categories: ['geo'],
  keys: key('RO', 'access'),
  syntax: 'key member1 member2 unit=[M|KM|FT|MI]',
  run(session, request, reply) {
    if (request.count > 5) return reply.error(errors.syntax);
    const metres = request.count === 5 ? unitArgument(request, 4, reply) : 1;
    if (metres === undefined) return;
    const ref = readKey(session, request, 1);
    if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
    const a = memberPosition(session, ref, request, 2);
    const b = memberPosition(session, ref, request, 3);
    if (a === undefined || b === undefined) reply.null();
    else replyDistance(reply, distance(a, b) / metres);
  },
};
