// One value as DUMP replies it and RESTORE takes it: its type, the value as in an RDB file, the version of
// the format (two bytes) and a CRC-64 of all that (eight bytes), both little endian.

import { Database } from '../engine/database.ts';
import type { Ref } from '../engine/record.ts';
import { Crc64 } from '../util/crc64.ts';
import { FOOTER_BYTES, NEWEST_VERSION, VALKEY_VERSION } from './rdb-format.ts';
import type { RdbEntry } from './rdb-handler.ts';
import { RdbLoader } from './rdb-loader.ts';
import { RdbOutput } from './rdb-output.ts';
import { RdbSource, RdbString } from './rdb-source.ts';
import { RdbValueReader } from './rdb-value-reader.ts';
import { rdbTypeOf } from './rdb-value-writer.ts';
import { writeWholeValue } from './rdb-writer.ts';

/** The payload of an existing key. */
export function dumpPayload(
  db: Database,
  ref: Ref,
  options: { readonly version: number; readonly compress: boolean },
): Buffer {
  const { version, compress } = options;
  const { records } = db.table;
  const chunks: Buffer[] = [];
  const out = new RdbOutput({ compress, checksum: false, emit: (chunk) => chunks.push(chunk) });
  out.byte(rdbTypeOf(records.kind(ref), records.encoding(ref), version));
  writeWholeValue(out, records, ref, version);
  out.byte(version & 0xff);
  out.byte(version >> 8);
  out.flush();
  const footer = Buffer.alloc(FOOTER_BYTES - 2);
  const crc = new Crc64();
  for (const chunk of chunks) crc.update(chunk);
  crc.writeTo(footer, 0);
  return Buffer.concat([...chunks, footer]);
}

/**
 * Whether the footer is there, of a version that can be read, and its checksum right (or zero: none, or
 * of no interest).
 */
export function isPayloadIntact(payload: Buffer, anyChecksum = false): boolean {
  const end = payload.length - FOOTER_BYTES;
  if (end < 0) return false;
  const version = payload.readUInt16LE(end);
  if (version > NEWEST_VERSION && version !== VALKEY_VERSION) return false;
  const sumAt = end + 2;
  if (anyChecksum || payload.readBigUInt64LE(sumAt) === 0n) return true;
  const crc = new Crc64();
  crc.update(payload, 0, sumAt);
  return crc.equals(payload, sumAt);
}

/** Where a payload's value goes. */
export interface PayloadTarget {
  readonly db: Database;
  readonly key: Uint8Array;
  readonly expiryMs: number;
  readonly idleSeconds: number;
  readonly frequency: number;
  /** Packed values are searched for duplicates. */
  readonly deep: boolean;
  /** The value is only read, to tell whether it could be stored. */
  readonly discard?: boolean;
  /** Told where and why a value is damaged. */
  readonly explain?: (offset: number, reason: string) => void;
}

/**
 * Stores the value of an intact payload under a key, in place of what is there; false when the value is
 * damaged or empty, and nothing was changed.
 */
export function restorePayload(payload: Buffer, target: PayloadTarget): boolean {
  const { db } = target;
  const { engine } = db;
  const key = Buffer.from(target.key);
  // Read into a database of its own, of which nobody is told.
  const beside = new Database(engine, db.index);
  const { interest } = engine;
  engine.interest = 0;
  const isGood = loadPayload(payload, target, key, beside);
  engine.interest = interest;
  if (isGood && target.discard !== true) {
    db.delete(key, 0, key.length);
    beside.moveKey(key, 0, key.length, db, key, 0, key.length);
  }
  beside.table.onObjectFreed = (object) => engine.dropObject(object);
  beside.table.free(Number.POSITIVE_INFINITY);
  return isGood;
}

function loadPayload(
  payload: Buffer,
  target: PayloadTarget,
  key: Buffer,
  beside: Database,
): boolean {
  const loader = new RdbLoader(beside.engine);
  const source = new RdbSource();
  source.feed(payload.subarray(0, payload.length - FOOTER_BYTES));
  const name = new RdbString();
  name.set(key, 0, key.length);
  const { expiryMs, idleSeconds, frequency } = target;
  const entry: RdbEntry = { db: beside.index, key: name, expiryMs, idleSeconds, frequency };
  const values = new RdbValueReader(source, loader, target.deep);
  const type = source.byte();
  loader.start(beside, entry);
  if (type >= 0 && values.begin(type) && values.step() && source.at === source.end) {
    return !loader.wasEmpty;
  }
  loader.abandon();
  target.explain?.(source.offset, source.failure ?? 'the value does not fill the payload');
  return false;
}
