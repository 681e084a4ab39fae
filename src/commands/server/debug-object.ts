// DEBUG's looks into one value or one table: OBJECT, SDSLEN, LISTPACK, QUICKLIST, HTSTATS, HTSTATS-KEY.

import type { Database } from '../../engine/database.ts';
import { Dict } from '../../engine/dict.ts';
import { listpackBytes, listpackCount } from '../../engine/listpack.ts';
import { Quicklist } from '../../engine/quicklist.ts';
import { Encoding, encodingName, Kind } from '../../engine/record.ts';
import { tableFigures } from '../../engine/segment.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataSession, Ref } from '../context.ts';

/** The value at argument 2, expired or not; 0 after the error. */
function valueAt(session: DataSession, request: Request, reply: ReplyWriter): Ref {
  const ref = session.db.lookupRaw(request.buffer, request.starts[2], request.ends[2]);
  if (ref === 0) reply.error(errors.noSuchKey);
  return ref;
}

export function debugObject(session: DataSession, request: Request, reply: ReplyWriter): void {
  const ref = valueAt(session, request, reply);
  if (ref === 0) return;
  const { db } = session;
  const clock = db.access(ref);
  const idle = db.engine.access.idleSeconds(clock);
  reply.simple(
    `Value at:0x${ref.toString(16)} refcount:1 encoding:${encodingName(db.encoding(ref))} ` +
      `serializedlength:${serializedBytes(db, ref)} lru:${clock} lru_seconds_idle:${idle}` +
      quicklistFacts(db, ref),
  );
}

/** About what a snapshot stores for the value, before compression. */
function serializedBytes(db: Database, ref: Ref): number {
  if (db.isObject(ref)) return db.object(ref).memoryBytes;
  const length = db.valueLength(ref);
  if (db.encoding(ref) === Encoding.int) return length < 4 ? 2 : length < 6 ? 3 : 5;
  return length + (length < 64 ? 1 : length < 16384 ? 2 : 5);
}

function quicklistFacts(db: Database, ref: Ref): string {
  const object = db.isObject(ref) ? db.object(ref) : undefined;
  if (!(object instanceof Quicklist)) return '';
  const facts = object.facts();
  return (
    ` ql_nodes:${facts.nodes} ql_avg_node:${facts.averagePerNode.toFixed(2)}` +
    ` ql_listpack_max:${facts.fill} ql_compressed:${facts.compressDepth === 0 ? 0 : 1}` +
    ` ql_uncompressed_size:${facts.uncompressedBytes}`
  );
}

export function debugSdslen(session: DataSession, request: Request, reply: ReplyWriter): void {
  const ref = valueAt(session, request, reply);
  if (ref === 0) return;
  const { db } = session;
  if (db.kind(ref) !== Kind.string || db.encoding(ref) === Encoding.int) {
    reply.error(errors.debugNotSds);
    return;
  }
  const key = db.keyLength(ref);
  const value = db.valueLength(ref);
  const record = db.keyBytes(ref);
  reply.simple(
    `key_sds_len:${key}, key_sds_avail:0, key_zmalloc: ${record - value}, ` +
      `val_sds_len:${value}, val_sds_avail:0, val_zmalloc: ${value}`,
  );
}

export function debugListpack(session: DataSession, request: Request, reply: ReplyWriter): void {
  const ref = valueAt(session, request, reply);
  if (ref === 0) return;
  const { db } = session;
  if (db.encoding(ref) !== Encoding.listpack) {
    reply.error(errors.debugNotListpack);
    return;
  }
  const page = db.page(ref);
  const start = db.valueStart(ref);
  const bytes = listpackBytes(page, start);
  session.server.host.log(
    'notice',
    `{total bytes ${bytes}} {num entries ${listpackCount(page, start)}} ` +
      page.toString('hex', start, start + bytes),
  );
  reply.simple('Listpack structure printed on stdout');
}

export function debugQuicklist(session: DataSession, request: Request, reply: ReplyWriter): void {
  const ref = valueAt(session, request, reply);
  if (ref === 0) return;
  const { db } = session;
  if (db.encoding(ref) !== Encoding.quicklist) {
    reply.error(errors.debugNotQuicklist);
    return;
  }
  session.server.host.log('notice', `Quicklist:${quicklistFacts(db, ref)}`);
  reply.simple('Quicklist structure printed on stdout');
}

export function debugTable(session: DataSession, request: Request, reply: ReplyWriter): void {
  const index = request.integer(2);
  if (Number.isNaN(index)) {
    reply.error(errors.notInteger);
    return;
  }
  const db = session.server.engine.databases[index];
  if (db === undefined) {
    reply.error(errors.debugDatabase);
    return;
  }
  // An expiry lies in its key's record: there is no table of expiries to tell about.
  reply.verbatim(
    'txt',
    `[Dictionary HT]\n${tableText(db.table)}[Expires HT]\n` +
      `Hash table 0 stats (main hash table):\n number of elements: ${db.expiryCount}\n`,
  );
}

export function debugTableOfKey(session: DataSession, request: Request, reply: ReplyWriter): void {
  const { db } = session;
  const ref = db.lookupQuiet(request.buffer, request.starts[2], request.ends[2]);
  if (ref === 0) {
    reply.error(errors.noSuchKey);
    return;
  }
  const object = db.isObject(ref) ? db.object(ref) : undefined;
  const table = object instanceof Dict ? object : indexOf(object);
  if (table === undefined) {
    reply.error(errors.debugNotHashTable);
    return;
  }
  reply.verbatim('txt', tableText(table));
}

/** A large sorted set has a table of its members beside its order. */
function indexOf(object: object | undefined): Dict | undefined {
  const index = object !== undefined && 'index' in object ? object.index : undefined;
  return index instanceof Dict ? index : undefined;
}

/** The head that Redis prints, and what there is to say of segments instead of chains. */
function tableText(table: Dict): string {
  if (table.count === 0) {
    return 'Hash table 0 stats (main hash table):\nNo stats available for empty dictionaries\n';
  }
  const { slots, segments, directory, longestProbe } = tableFigures(table);
  return (
    'Hash table 0 stats (main hash table):\n' +
    ` table size: ${slots}\n number of elements: ${table.count}\n` +
    ` segments: ${segments}\n directory size: ${directory}\n max probe length: ${longestProbe}\n`
  );
}
