// HSCAN, SSCAN and ZSCAN: all but what an element is. Packed values are small: one call returns all of
// them, whatever COUNT says, and ends the walk.

import type { Database } from '../engine/database.ts';
import type { Dict } from '../engine/dict.ts';
import type { ListpackEntry } from '../engine/listpack.ts';
import type { Ref } from '../engine/record.ts';
import type { StoredObject } from '../engine/stored-object.ts';
import { errors } from '../protocol/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
import { Glob } from '../util/glob.ts';
import { type DataSession, isKind, readKey } from './context.ts';
import { BAD_CURSOR, scanCursor } from './keys/scan.ts';

const DEFAULT_COUNT = 10;

interface CollectionScan {
  readonly count: number;
  /** Undefined when everything matches. */
  readonly glob: Glob | undefined;
}

/** What a walk must know of one kind. */
export interface ScannedKind {
  readonly kind: number;
  /** Bulks of one element. */
  readonly bulks: number;
  /** Replies with the elements of a packed value whose name `matches`; how many. */
  packed(
    db: Database,
    ref: Ref,
    matches: (name: ListpackEntry) => boolean,
    reply: ReplyWriter,
  ): number;
  tableOf(object: StoredObject): Dict;
  element(object: StoredObject, member: Ref, reply: ReplyWriter): void;
}

/** The whole command: `key cursor [MATCH pattern] [COUNT count]`. */
export function replyCollectionScan(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  scanned: ScannedKind,
): void {
  const cursor = scanCursor(request, 2);
  if (cursor === BAD_CURSOR) return reply.error(errors.invalidCursor);
  const ref = readKey(session, request, 1);
  if (ref === 0) return replyEmptyScan(reply);
  if (!isKind(session, ref, scanned.kind, reply)) return;
  const options = collectionScanOptions(request, reply);
  if (options === undefined) return;
  const { db } = session;
  reply.array(2);
  if (!db.isObject(ref)) {
    const { glob } = options;
    reply.text('0');
    const mark = reply.deferred();
    const matches = ({ bytes, start, end }: ListpackEntry): boolean =>
      glob === undefined || glob.matches(bytes, start, end);
    reply.finishArray(mark, scanned.bulks * scanned.packed(db, ref, matches, reply));
    return;
  }
  const object = db.object(ref);
  const { next, found } = scanTable(scanned.tableOf(object), cursor, options);
  reply.bulkInteger(next);
  reply.array(found.length * scanned.bulks);
  for (const member of found) scanned.element(object, member, reply);
}

/** The options behind key and cursor; undefined after an error reply. */
function collectionScanOptions(request: Request, reply: ReplyWriter): CollectionScan | undefined {
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
function replyEmptyScan(reply: ReplyWriter): void {
  reply.array(2);
  reply.text('0');
  reply.array(0);
}

/** One step over a table: the members found, and the cursor to go on from. */
function scanTable(
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
