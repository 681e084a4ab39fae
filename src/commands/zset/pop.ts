// Taking members off an end: ZPOPMIN, ZPOPMAX, ZMPOP and the forms that wait for one. What waited is
// propagated as the pop that it became.

import { key } from '../../dispatch/command.ts';
import { Kind } from '../../engine/record.ts';
import { zsetDeleteRange, zsetForEach, zsetLength } from '../../engine/zset-value.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { type DataCommand, type DataSession, isKind, type Ref, writeKey } from '../context.ts';
import {
  keysBeforeTimeout,
  multiPopKeys,
  type PopPlan,
  type Poppable,
  popOneOrWait,
  popSeveral,
  popSeveralOrWait,
} from '../multi-pop.ts';
import { valueKey } from '../value-key.ts';
import { replyMember } from './read.ts';
import { membersRemoved } from './remove.ts';

type End = 'MIN' | 'MAX';

/** Replies with `n` members from an end, pairs nested or in turn, and removes them. */
function popFrom(
  session: DataSession,
  request: Request,
  i: number,
  ref: Ref,
  from: End,
  n: number,
  nested: boolean,
  reply: ReplyWriter,
): void {
  const length = zsetLength(session.db, ref);
  const fromTop = from === 'MAX';
  zsetForEach(session.db, ref, fromTop ? length - 1 : 0, n, fromTop, (member, score) => {
    if (nested) reply.array(2);
    replyMember(reply, member);
    reply.double(score);
  });
  zsetDeleteRange(valueKey(session, request, i), ref, fromTop ? length - n : 0, n);
  membersRemoved(session, request, i, fromTop ? 'zpopmax' : 'zpopmin', n);
}

function pop(session: DataSession, request: Request, reply: ReplyWriter, from: End): void {
  if (request.count > 3) return reply.error(errors.syntax);
  const hasCount = request.count === 3;
  const count = hasCount ? request.integer(2) : 1;
  if (!(count >= 0)) return reply.error(errors.notPositive);
  const ref = writeKey(session, request, 1);
  if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
  if (ref === 0 || count === 0) return reply.array(0);
  const n = Math.min(count, zsetLength(session.db, ref));
  const nested = hasCount && reply.protocol === 3;
  reply.array(nested ? n : n * 2);
  popFrom(session, request, 1, ref, from, n, nested, reply);
}

function popCommand(name: string, summary: string, from: End): DataCommand {
  return {
    name,
    summary,
    since: '5.0.0',
    group: 'sorted-set',
    complexity: 'O(log(N)*M) with N members in the sorted set and M removed',
    arity: -2,
    flags: ['write', 'fast'],
    categories: ['sortedset'],
    keys: key('RW', 'access', 'delete'),
    syntax: 'key [count:integer]',
    run: (session, request, reply) => pop(session, request, reply, from),
  };
}

export const zpopmin: DataCommand = popCommand(
  'zpopmin',
  'Removes and returns members with the lowest scores.',
  'MIN',
);

export const zpopmax: DataCommand = popCommand(
  'zpopmax',
  'Removes and returns members with the highest scores.',
  'MAX',
);

/** Pops from the first key that holds a sorted set; false when none does. Errors count as done. */
function popFromFirst(
  session: DataSession,
  request: Request,
  { first, last, from, count }: PopPlan<End>,
  reply: ReplyWriter,
): boolean {
  for (let i = first; i < last; i++) {
    const ref = writeKey(session, request, i);
    if (ref === 0) continue;
    if (!isKind(session, ref, Kind.zset, reply)) return true;
    const single = count === -1;
    const n = single ? 1 : Math.min(count, zsetLength(session.db, ref));
    reply.array(single ? 3 : 2);
    reply.bulkRange(request.buffer, request.starts[i], request.ends[i]);
    if (!single) reply.array(n);
    popFrom(session, request, i, ref, from, n, !single, reply);
    session.propagateAs(
      single ? [`ZPOP${from}`, request.bytes(i)] : [`ZPOP${from}`, request.bytes(i), n],
    );
    return true;
  }
  return false;
}

function endOf(request: Request, i: number): End | undefined {
  if (request.is(i, 'MIN')) return 'MIN';
  return request.is(i, 'MAX') ? 'MAX' : undefined;
}

const sortedSets: Poppable<End> = { kind: 'zset', endOf, popFromFirst };

export const zmpop: DataCommand = {
  name: 'zmpop',
  summary: 'Removes and returns members of the first sorted set of several that exists.',
  since: '7.0.0',
  group: 'sorted-set',
  complexity: 'O(K) + O(M*log(N)) with K keys, N members in the sorted set and M removed',
  arity: -4,
  flags: ['write'],
  categories: ['sortedset'],
  keys: multiPopKeys(1),
  syntax: 'numkeys:integer key... where=<MIN|MAX> [COUNT count:integer]',
  run: (session, request, reply) => popSeveral(session, request, sortedSets, reply),
};

function waitingPopCommand(name: string, summary: string, from: End): DataCommand {
  return {
    name,
    summary,
    since: '5.0.0',
    group: 'sorted-set',
    complexity: 'O(log(N)) with N members in the sorted set',
    arity: -3,
    flags: ['write', 'fast', 'blocking'],
    categories: ['sortedset'],
    keys: keysBeforeTimeout,
    syntax: 'key... timeout:double',
    history: [['6.0.0', 'Timeouts with decimals.']],
    run: (session, request, reply) => popOneOrWait(session, request, sortedSets, from, reply),
  };
}

export const bzpopmin: DataCommand = waitingPopCommand(
  'bzpopmin',
  'Removes and returns the lowest member of the first sorted set of several, waiting if need be.',
  'MIN',
);

export const bzpopmax: DataCommand = waitingPopCommand(
  'bzpopmax',
  'Removes and returns the highest member of the first sorted set of several, waiting if need be.',
  'MAX',
);

export const bzmpop: DataCommand = {
  name: 'bzmpop',
  summary: 'Removes and returns members of the first sorted set of several, waiting if need be.',
  since: '7.0.0',
  group: 'sorted-set',
  complexity: 'O(K) + O(M*log(N)) with K keys, N members in the sorted set and M removed',
  arity: -5,
  flags: ['write', 'blocking'],
  categories: ['sortedset'],
  keys: multiPopKeys(2),
  syntax: 'timeout:double numkeys:integer key... where=<MIN|MAX> [COUNT count:integer]',
  run: (session, request, reply) => popSeveralOrWait(session, request, sortedSets, reply),
};
