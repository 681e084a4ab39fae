// HSCAN, SSCAN and ZSCAN: the arguments that they share and the way over a table. Packed values are
// small: one call returns all of them, whatever COUNT says, and ends the walk.

import type { Dict } from '../engine/dict.ts';
import type { Ref } from '../engine/record.ts';
import { errors } from '../protocol/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
import { Glob } from '../util/glob.ts';

const DEFAULT_COUNT = 10;

export interface CollectionScan {
  readonly count: number;
  /** Undefined when everything matches. */
  readonly glob: Glob | undefined;
}

/** The options behind key and cursor; undefined after an error reply. */
export function collectionScanOptions(
  request: Request,
  reply: ReplyWriter,
): CollectionScan | undefined {
  let count = DEFAULT_COUNT;
  let glob: Glob | undefined;
  for (let i = 3; i < request.count; i += 2) {
    let error: string | undefined;
    if (i + 1 === request.count) error = errors.syntax;
    else if (request.is(i, 'COUNT')) {
      count = request.integer(i + 1);
      if (Number.isNaN(count)) error = errors.notInteger;
      else if (count < 1) error = errors.syntax;
    } else if (request.is(i, 'MATCH')) {
      glob = new Glob(request.bytes(i + 1));
      if (glob.isStar) glob = undefined;
    } else error = errors.syntax;
    if (error !== undefined) {
      reply.error(error);
      return undefined;
    }
  }
  return { count, glob };
}

/** A walk over nothing. */
export function replyEmptyScan(reply: ReplyWriter): void {
  reply.array(2);
  reply.text('0');
  reply.array(0);
}

/** One step over a table: the members found, and the cursor to go on from. */
export function scanTable(
  dict: Dict,
  cursor: number,
  { count, glob }: CollectionScan,
): { readonly next: number; readonly found: readonly Ref[] } {
  const found: Ref[] = [];
  const next = dict.scan(cursor, count, (ref) => {
    const start = dict.keyStart(ref);
    if (glob === undefined || glob.matches(dict.keyPage(ref), start, start + dict.keyLength(ref))) {
      found.push(ref);
    }
  });
  return { next, found };
}
