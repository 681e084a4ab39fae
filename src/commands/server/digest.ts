// DEBUG DIGEST and DIGEST-VALUE: a signature of the data that equals real Redis's for equal data, however
// each of the two keeps them. Order counts where it is part of the value (lists, streams) and not
// where it is not. Model: debug.c of Redis 7.2.
//
// Each kind has a visitor below. A kind whose large form lives in another folder exports its visitor
// there and is entered in `visitors`.

import type { Database } from '../../engine/database.ts';
import { forEachField } from '../../engine/hash-value.ts';
import { ListCursor } from '../../engine/list-cursor.ts';
import { openList } from '../../engine/list-value.ts';
import { Kind, NO_EXPIRY } from '../../engine/record.ts';
import { forEachMember } from '../../engine/set-value.ts';
import type { Stream } from '../../engine/stream.ts';
import { StreamCursor } from '../../engine/stream-cursor.ts';
import { LONGEST_ID_TEXT } from '../../engine/stream-id.ts';
import { zsetForEach, zsetLength } from '../../engine/zset-value.ts';
import { assert } from '../../util/assert.ts';
import { Sha1 } from '../../util/sha1.ts';
import { Digits, shortestDigits } from '../../util/shortest-digits.ts';
import type { Ref } from '../context.ts';

const WORDS = 5;
/** Between the halves of a stream's id. */
const DOT = 0x2e;

const sha: Sha1 = new Sha1();

/** A running signature. */
export class Digest {
  readonly #words: Int32Array = new Int32Array(WORDS);

  /** As new. */
  clear(): this {
    this.#words.fill(0);
    return this;
  }

  /** Adds b[s..e) so that the order of additions does not matter. */
  xor(b: Uint8Array, s: number, e: number): void {
    sha.hash(b, s, e);
    this.#xorHash();
  }

  /** Adds b[s..e) so that the order of additions matters. */
  mix(b: Uint8Array, s: number, e: number): void {
    this.xor(b, s, e);
    sha.hashWords(this.#words);
    this.#words.set(sha.words);
  }

  mixText(latin1: string): void {
    this.mix(Buffer.from(latin1, 'latin1'), 0, latin1.length);
  }

  /** Adds another signature as one unordered element. */
  xorDigest(other: Digest): void {
    sha.hashWords(other.#words);
    this.#xorHash();
  }

  #xorHash(): void {
    const words = this.#words;
    for (let i = 0; i < WORDS; i++) words[i] ^= sha.words[i];
  }

  toString(): string {
    let hex = '';
    for (const word of this.#words) hex += (word >>> 0).toString(16).padStart(8, '0');
    return hex;
  }
}

/** Of a key, and of an element: used again and again, since digests of millions of them are made. */
const ofKey: Digest = new Digest();
const ofElement: Digest = new Digest();

/** Adds the value at `ref` to the digest. */
export type DigestVisitor = (db: Database, ref: Ref, digest: Digest) => void;

const visitors: ReadonlyMap<number, DigestVisitor> = new Map([
  [Kind.string, digestString],
  [Kind.list, digestList],
  [Kind.set, digestSet],
  [Kind.zset, digestZset],
  [Kind.hash, digestHash],
  [Kind.stream, digestStream],
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
      const one = ofKey.clear();
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
/** As a big-endian word. */
const kindBytes: Buffer = Buffer.alloc(4);

function addValue(db: Database, ref: Ref, digest: Digest): void {
  const kind = db.kind(ref);
  kindBytes[3] = kind;
  digest.mix(kindBytes, 0, 4);
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
  forEachMember(db, ref, ({ bytes, start, end }) => digest.xor(bytes, start, end));
}

/** Entries only: what groups know is no part of the signature. */
function digestStream(db: Database, ref: Ref, digest: Digest): void {
  const cursor = new StreamCursor();
  const { field, value } = cursor;
  const id = Buffer.alloc(LONGEST_ID_TEXT);
  cursor.open(db.object(ref) as Stream, undefined, undefined);
  while (cursor.next()) {
    digest.mix(id, 0, cursor.id.write(id, 0, DOT));
    for (let i = cursor.pairs; i > 0; i--) {
      cursor.readPair();
      digest.mix(field.bytes, field.start, field.end);
      digest.mix(value.bytes, value.start, value.end);
    }
  }
}

function digestHash(db: Database, ref: Ref, digest: Digest): void {
  forEachField(db, ref, (field, value) => {
    const one = ofElement.clear();
    one.mix(field.bytes, field.start, field.end);
    one.mix(value.bytes, value.start, value.end);
    digest.xorDigest(one);
  });
}

function digestZset(db: Database, ref: Ref, digest: Digest): void {
  zsetForEach(db, ref, 0, zsetLength(db, ref), false, (member, score) => {
    const one = ofElement.clear();
    one.mix(member.bytes, member.start, member.end);
    one.mixText(scoreText(score));
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
