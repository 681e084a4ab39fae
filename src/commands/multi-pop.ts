// Pops from the first of several keys: LMPOP, ZMPOP, BLPOP, BZPOPMIN and the like. Lists and sorted sets
// differ in what an end is called and in how an element leaves; how keys are given and waited for is one.

import { type Blocked, blocked } from '../dispatch/blocking.ts';
import type { KeySpec } from '../dispatch/command.ts';
import { errors } from '../protocol/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
import { BAD_TIMEOUT, blockingDeadline } from './blocking-timeout.ts';
import type { DataSession } from './context.ts';

export interface PopPlan<End> {
  /** Arguments [first, last) are keys. */
  readonly first: number;
  readonly last: number;
  readonly from: End;
  /** -1: one element, beside its key in one flat array (BLPOP, BZPOPMIN …). */
  readonly count: number;
}

/** One kind of value that can be popped from. */
export interface Poppable<End> {
  readonly kind: 'list' | 'zset';
  /** Undefined: no such end. */
  readonly endOf: (request: Request, i: number) => End | undefined;
  /** Pops from the first key that holds something; false when none does. Errors count as done. */
  readonly popFromFirst: (
    session: DataSession,
    request: Request,
    plan: PopPlan<End>,
    reply: ReplyWriter,
  ) => boolean;
}

/** The arguments from `numkeys` at `at` on. Undefined after an error reply. */
function multiPopPlan<End>(
  request: Request,
  at: number,
  endOf: (request: Request, i: number) => End | undefined,
  reply: ReplyWriter,
): PopPlan<End> | undefined {
  const fail = (text: string): undefined => {
    reply.error(text);
    return undefined;
  };
  const numkeys = request.integer(at);
  if (!(numkeys > 0)) return fail(errors.numkeysNotPositive);
  const where = at + numkeys + 1;
  if (where >= request.count) return fail(errors.syntax);
  const from = endOf(request, where);
  if (from === undefined) return fail(errors.syntax);
  let count = -1;
  for (let i = where + 1; i < request.count; i += 2) {
    if (count !== -1 || !request.is(i, 'COUNT') || i + 1 >= request.count) {
      return fail(errors.syntax);
    }
    count = request.integer(i + 1);
    if (!(count > 0)) return fail(errors.countNotPositive);
  }
  return { first: at + 1, last: where, from, count: count === -1 ? 1 : count };
}

/** The keys behind `numkeys` at argument `index`. */
export function multiPopKeys(index: number): readonly KeySpec[] {
  return [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index },
      find: { keynum: 0, first: 1, step: 1 },
    },
  ];
}

/** The keys before a timeout. */
export const keysBeforeTimeout: readonly KeySpec[] = [
  {
    flags: ['RW', 'access', 'delete'],
    begin: { index: 1 },
    find: { last: -2, step: 1, limit: 0 },
  },
];

/** LMPOP, ZMPOP. */
export function popSeveral<End>(
  session: DataSession,
  request: Request,
  what: Poppable<End>,
  reply: ReplyWriter,
): void {
  const plan = multiPopPlan(request, 1, what.endOf, reply);
  if (plan === undefined) return;
  if (!what.popFromFirst(session, request, plan, reply)) reply.nullArray();
}

/** BLMPOP, BZMPOP. */
export function popSeveralOrWait<End>(
  session: DataSession,
  request: Request,
  what: Poppable<End>,
  reply: ReplyWriter,
): Blocked | undefined {
  const plan = multiPopPlan(request, 2, what.endOf, reply);
  return plan === undefined ? undefined : popOrWait(session, request, what, plan, 1, reply);
}

/** `key … timeout`: BLPOP, BZPOPMIN and their opposites. */
export function popOneOrWait<End>(
  session: DataSession,
  request: Request,
  what: Poppable<End>,
  from: End,
  reply: ReplyWriter,
): Blocked | undefined {
  const last = request.count - 1;
  const plan = { first: 1, last, from, count: -1 };
  return popOrWait(session, request, what, plan, last, reply);
}

const replyNullArray = (reply: ReplyWriter): void => reply.nullArray();

/** Pops now if there is something to pop, else waits for one of the keys. */
function popOrWait<End>(
  session: DataSession,
  request: Request,
  what: Poppable<End>,
  plan: PopPlan<End>,
  timeoutAt: number,
  reply: ReplyWriter,
): Blocked | undefined {
  const deadlineMs = blockingDeadline(session, request, timeoutAt, reply);
  if (deadlineMs === BAD_TIMEOUT) return undefined;
  if (what.popFromFirst(session, request, plan, reply)) return undefined;
  if (session.denyBlocking) {
    reply.nullArray();
    return undefined;
  }
  const keys: Buffer[] = [];
  for (let i = plan.first; i < plan.last; i++) keys.push(request.copy(i));
  return blocked({ keys, kind: what.kind, deadlineMs, onTimeout: replyNullArray });
}
