// LMPOP, ZMPOP and their waiting forms: `numkeys key … end [COUNT count]`. Only the words for an end differ.

import type { KeySpec } from '../dispatch/command.ts';
import { errors } from '../protocol/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';

export interface PopPlan<End> {
  /** Arguments [first, last) are keys. */
  readonly first: number;
  readonly last: number;
  readonly from: End;
  /** -1: one element, beside its key in one flat array (BLPOP, BZPOPMIN …). */
  readonly count: number;
}

/** The arguments from `numkeys` at `at` on; `endOf` undefined: no such end. Undefined after an error reply. */
export function multiPopPlan<End>(
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
