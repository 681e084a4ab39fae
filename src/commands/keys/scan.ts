// SCAN: the keyspace in steps. The cursor is a hash position, so a key that is there from the first
// call to the last is seen, however the table is split or merged in between.

import { kindName } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { Glob } from '../../util/glob.ts';
import type { DataCommand, DataSession, Ref } from '../context.ts';

const DEFAULT_COUNT = 10;
const CURSOR_LIMIT = 2n ** 64n;
const CURSOR = /^[+-]?[0-9]+$/;

export const BAD_CURSOR = -1;

/**
 * The cursor at argument `i`, by strtoul's rules: an empty one is 0, a sign is taken, and 64 bits
 * are the limit. Beyond 2^53 it is no cursor of ours: any position will do.
 */
export function scanCursor(request: Request, i: number): number {
  const value = request.integer(i);
  if (value >= 0) return value;
  const text = request.text(i);
  if (text === '') return 0;
  if (!CURSOR.test(text)) return BAD_CURSOR;
  const exact = BigInt(text.replace(/^[+-]/, ''));
  if (exact >= CURSOR_LIMIT) return BAD_CURSOR;
  return Number(text.startsWith('-') ? BigInt.asUintN(64, -exact) : exact);
}

interface ScanOptions {
  readonly count: number;
  readonly glob: Glob | undefined;
  /** Lower case; a word that names no type matches no key. */
  readonly type: string | undefined;
}

function parseOptions(request: Request, reply: ReplyWriter): ScanOptions | undefined {
  let count = DEFAULT_COUNT;
  let glob: Glob | undefined;
  let type: string | undefined;
  for (let i = 2; i < request.count; i += 2) {
    const hasValue = i + 1 < request.count;
    if (hasValue && request.is(i, 'COUNT')) {
      count = request.integer(i + 1);
      if (Number.isNaN(count)) reply.error(errors.notInteger);
      else if (count < 1) reply.error(errors.syntax);
      else continue;
      return undefined;
    }
    if (hasValue && request.is(i, 'MATCH')) glob = new Glob(request.bytes(i + 1));
    else if (hasValue && request.is(i, 'TYPE')) type = request.text(i + 1).toLowerCase();
    else {
      reply.error(errors.syntax);
      return undefined;
    }
  }
  return { count, glob, type };
}

/** Replies with the next cursor and the keys of one step; keys found expired are then deleted. */
function replyStep(
  session: DataSession,
  cursor: number,
  options: ScanOptions,
  reply: ReplyWriter,
): void {
  const db = session.db;
  const { glob, type } = options;
  const found: Ref[] = [];
  const expired: Buffer[] = [];
  const next = db.table.scan(cursor, options.count, (ref) => {
    if (glob !== undefined && !glob.isStar) {
      const start = db.keyStart(ref);
      if (!glob.matches(db.keyPage(ref), start, start + db.keyLength(ref))) return;
    }
    if (db.isExpired(ref)) expired.push(db.copyKey(ref));
    else if (type === undefined || kindName(db.kind(ref)) === type) found.push(ref);
  });
  reply.array(2);
  reply.bulkInteger(next);
  reply.array(found.length);
  for (const ref of found) {
    const start = db.keyStart(ref);
    reply.bulkRange(db.keyPage(ref), start, start + db.keyLength(ref));
  }
  // Only now: a deletion would end the refs.
  for (const key of expired) db.lookupWrite(key, 0, key.length);
}

export const scan: DataCommand = {
  name: 'scan',
  summary: 'Returns some keys and a cursor to go on from; 0 begins and ends the walk.',
  since: '2.8.0',
  group: 'generic',
  complexity: 'O(COUNT) a call, O(N) for the whole walk with N being the number of keys',
  arity: -2,
  flags: ['readonly', 'touches_arbitrary_keys'],
  categories: ['keyspace'],
  syntax: 'cursor:integer [MATCH pattern:pattern] [COUNT count:integer] [TYPE type@6.0.0]',
  tips: ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
  history: [['6.0.0', 'TYPE.']],
  run(session, request, reply) {
    const cursor = scanCursor(request, 1);
    if (cursor === BAD_CURSOR) return reply.error(errors.invalidCursor);
    const options = parseOptions(request, reply);
    if (options !== undefined) replyStep(session, cursor, options, reply);
  },
};
