// DEBUG DIGEST and DIGEST-VALUE: a signature of the data that equals real Redis's for equal data, however
// each of the two keeps them. Order counts where it is part of the value (lists, streams) and not
// where it is not. Model: debug.c of Redis 7.2.
//
// Each kind has a visitor below. A kind whose large form lives in another folder exports its visitor
// there and is entered in `visitors`.

import type { Database } from '../../engine/database.ts';
import type { Dict } from '../../engine/dict.ts';
import { Int64 } from '../../engine/int64.ts';
import { intsetAt, intsetCount } from '../../engine/intset.ts';
import { ListCursor } from '../../engine/list-cursor.ts';
import { openList } from '../../engine/list-value.ts';
import { LISTPACK_END, LISTPACK_HEADER, ListpackEntry } from '../../engine/listpack.ts';
import { Encoding, Kind, NO_EXPIRY } from '../../engine/record.ts';
import { assert } from '../../util/assert.ts';
import { parseDouble } from '../../util/double.ts';
import { sha1 } from '../../util/sha1.ts';
import { Digits, shortestDigits } from '../../util/shortest-digits.ts';
import type { Ref } from '../context.ts';

const BYTES = 20;

/** A running signature. */
export class Digest {
  readonly bytes: Buffer = Buffer.alloc(BYTES);

  /** Adds b[s..e) so that the order of additions does not matter. */
  xor(b: Uint8Array, s: number, e: number): void {
    this.#xorHash(sha1(b.subarray(s, e)));
  }

  /** Adds b[s..e) so that the order of additions matters. */
  mix(b: Uint8Array, s: number, e: number): void {
    this.xor(b, s, e);
    this.bytes.set(sha1(this.bytes));
  }

  mixText(latin1: string): void {
    this.mix(Buffer.from(latin1, 'latin1'), 0, latin1.length);
  }

  /** Adds another signature as one unordered element. */
  xorDigest(other: Digest): void {
    this.xor(other.bytes, 0, BYTES);
  }

  #xorHash(hash: Uint8Array): void {
    for (let i = 0; i < BYTES; i++) this.bytes[i] ^= hash[i];
  }

  toString(): string {
    return this.bytes.toString('hex');
  }
}

/** Adds the value at `ref` to the digest. */
export type DigestVisitor = (db: Database, ref: Ref, digest: Digest) => void;

const visitors: ReadonlyMap<number, DigestVisitor> = new Map([
  [Kind.string, digestString],
  [Kind.list, digestList],
  [Kind.set, digestSet],
  [Kind.hash, digestHash],
]);

/** The signature of all databases. */
export function digestOfAll(databases: readonly Database[]): Digest {
  const all = new Digest();
  const number = Buffer.alloc(4);
  for (const db of databases) {
    if (db.keyCount === 0) continue;
    number.writeUInt32BE(db.index);
    all.mix(number, 0, 4);
    db.table.forEach((ref) => {
      const one = new Digest();
      const start = db.keyStart(ref);
      one.mix(db.keyPage(ref), start, start + db.keyLength(ref));
      addValue(db, ref, one);
      all.xorDigest(one);
    });
  }
  return all;
}

/** The signature of one value, without its key. Zeros for no key. */
export function digestOfValue(db: Database, ref: Ref): Digest {
  const digest = new Digest();
  if (ref !== 0) addValue(db, ref, digest);
  return digest;
}

const EXPIRES: Buffer = Buffer.from('!!expire!!', 'latin1');

function addValue(db: Database, ref: Ref, digest: Digest): void {
  const kind = db.kind(ref);
  const number = Buffer.alloc(4);
  number.writeUInt32BE(kind);
  digest.mix(number, 0, 4);
  const visit = visitors.get(kind);
  assert(visit !== undefined, `no digest for kind ${kind}`);
  visit(db, ref, digest);
  if (db.expiry(ref) !== NO_EXPIRY) digest.xor(EXPIRES, 0, EXPIRES.length);
}

function digestString(db: Database, ref: Ref, digest: Digest): void {
  const start = db.valueStart(ref);
  digest.mix(db.page(ref), start, start + db.valueLength(ref));
}

function digestList(db: Database, ref: Ref, digest: Digest): void {
  const cursor = new ListCursor();
  openList(cursor, db, ref, 0, true);
  while (cursor.next()) {
    const { bytes, start, end } = cursor.load();
    digest.mix(bytes, start, end);
  }
}

function digestSet(db: Database, ref: Ref, digest: Digest): void {
  const encoding = db.encoding(ref);
  if (encoding === Encoding.intset) {
    const page = db.page(ref);
    const start = db.valueStart(ref);
    const value = new Int64();
    const digits = Buffer.alloc(24);
    for (let i = 0; i < intsetCount(page, start); i++) {
      intsetAt(page, start, i, value);
      digest.xor(digits, 0, value.write(digits, 0));
    }
  } else if (encoding === Encoding.listpack) {
    forEachEntry(db, ref, (entry) => digest.xor(entry.bytes, entry.start, entry.end));
  } else {
    const members = db.object(ref) as unknown as Dict;
    members.forEach((member) => {
      const start = members.keyStart(member);
      digest.xor(members.keyPage(member), start, start + members.keyLength(member));
    });
  }
}

function digestHash(db: Database, ref: Ref, digest: Digest): void {
  if (db.encoding(ref) === Encoding.listpack) {
    forEachPair(db, ref, (one, value) => {
      one.mix(value.bytes, value.start, value.end);
      digest.xorDigest(one);
    });
    return;
  }
  const fields = db.object(ref) as unknown as Dict;
  fields.forEach((field) => {
    const one = new Digest();
    const name = fields.keyStart(field);
    one.mix(fields.keyPage(field), name, name + fields.keyLength(field));
    const value = fields.valueStart(field);
    one.mix(fields.page(field), value, value + fields.valueLength(field));
    digest.xorDigest(one);
  });
}

/** For the small form of sorted sets: members and scores alternate, scores as text. */
export function digestPackedZset(db: Database, ref: Ref, digest: Digest): void {
  forEachPair(db, ref, (one, score) => {
    one.mixText(scoreText(parseDouble(score.bytes, score.start, score.end)));
    digest.xorDigest(one);
  });
}

/**
 * A score as the digest has it: fpconv's digits and layout. Unlike in replies, a large integer with many
 * zeros is no exception and gets an exponent.
 */
export function scoreText(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? 'inf' : '-inf';
  if (score === 0) return Object.is(score, -0) ? '-0' : '0';
  shortestDigits(Math.abs(score), decimal);
  const sign = score < 0 ? '-' : '';
  const digits = decimal.digits.subarray(0, decimal.count).join('');
  const shift = decimal.exponent;
  const power = shift + digits.length - 1;
  if (shift >= 0 && shift < 8) return sign + digits + '0'.repeat(shift);
  if (shift < 0 && (shift > -7 || Math.abs(power) < 4)) {
    const whole = digits.length + shift;
    if (whole > 0) return `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}`;
    return `${sign}0.${'0'.repeat(-whole)}${digits}`;
  }
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${sign}${digits[0]}${fraction}e${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}

const decimal: Digits = new Digits();

/** Every entry of the listpack at `ref`. */
function forEachEntry(db: Database, ref: Ref, visit: (entry: ListpackEntry) => void): void {
  const page = db.page(ref);
  const entry = new ListpackEntry();
  let at = db.valueStart(ref) + LISTPACK_HEADER;
  while (page[at] !== LISTPACK_END) {
    at = entry.load(page, at);
    visit(entry);
  }
}

/** Every pair of the listpack at `ref`: a digest that has the first entry mixed in, and the second. */
function forEachPair(
  db: Database,
  ref: Ref,
  visit: (one: Digest, second: ListpackEntry) => void,
): void {
  let one: Digest | undefined;
  forEachEntry(db, ref, (entry) => {
    if (one === undefined) {
      one = new Digest();
      one.mix(entry.bytes, entry.start, entry.end);
    } else {
      visit(one, entry);
      one = undefined;
    }
  });
}
