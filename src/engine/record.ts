// A record: one key with its value, kept as bytes in the arena. The same record serves the keyspace
// and the large hashes, sets and sorted sets, which are tables of records of their own.
//
//   word 0   form (4 bits: kind and encoding together) | flags (4) | access clock (24)
//   word 1   key length (16 bits) | value length (16): bytes inside the record
//   words 2-3   with HAS_EXPIRY: milliseconds since 1970, low word first
//   key bytes, value bytes
//
// Values above 32 KiB are Buffers of their own and collections past their packed form are objects:
// the record's value is then the number of the entry outside, four bytes. Keys above 32 KiB likewise.
// Eight bytes of header and no padding between: a key of 16 bytes with a value of 16 takes 40.

import { copyBytes, sameBytes } from '../util/bytes.ts';
import { type Arena, PAGE_MASK, PAGE_SHIFT, type Ref, sameBlock } from './arena.ts';
import { OutsideBytes } from './outside-bytes.ts';
import {
  encodingOfForm as encodings,
  formOf as forms,
  kindOfForm as kinds,
} from './record-form.ts';
import { RecordBit } from './record-head.ts';
import type { StoredObject } from './stored-object.ts';

export { Encoding, encodingName, Kind, kindName } from './record-form.ts';
export type { Ref };

// Constants of this file: to the compiler an imported one is a cell that is read and checked each time.
const SHIFT: number = PAGE_SHIFT;
const MASK: number = PAGE_MASK;
const encodingOfForm: Uint8Array = encodings;
const formOf: Uint8Array = forms;
const kindOfForm: Uint8Array = kinds;
const FORM: number = RecordBit.form;
const HAS_EXPIRY: number = RecordBit.hasExpiry;
const KEY_OUTSIDE: number = RecordBit.keyOutside;
const VALUE_OUTSIDE: number = RecordBit.valueOutside;
const OBJECT: number = RecordBit.object;
const OUTSIDE: number = KEY_OUTSIDE | VALUE_OUTSIDE | OBJECT;

/** The key never expires; as an argument: make it so. */
export const NO_EXPIRY = -1;
/** As an argument: leave the expiry as it is. */
export const KEEP_EXPIRY = -2;

const HEADER_BYTES = 8;
const EXPIRY_BYTES = 8;
/** Bytes of the number of an entry outside. */
const NUMBER_BYTES = 4;
/** Longest key or value inside a record. */
const MAX_INSIDE_BYTES: number = 32 * 1024;
const TWO_32 = 2 ** 32;
const EMPTY: Buffer = Buffer.alloc(0);

/** Bytes page[start..end): a view that the next change ends. Of an object there are none. */
export interface ValuePlace {
  readonly kind: number;
  readonly encoding: number;
  readonly page: Buffer;
  readonly start: number;
  readonly end: number;
}

export class Records {
  readonly arena: Arena;
  /** Bytes of long keys and values outside the arena. */
  outsideBytes = 0;
  readonly #outside: (OutsideBytes | StoredObject | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  /** The record whose object was asked for last, 0 once a record was made or an object let go, and that object. */
  #objectRef: Ref = 0;
  #object: StoredObject | undefined;
  readonly #place = { kind: 0, encoding: 0, page: EMPTY, start: 0, end: 0 };

  constructor(arena: Arena) {
    this.arena = arena;
  }

  create(
    kind: number,
    encoding: number,
    kb: Uint8Array,
    ks: number,
    ke: number,
    vb: Uint8Array,
    vs: number,
    ve: number,
    expiryMs: number,
  ): Ref {
    const length = ve - vs;
    const form = formOf[(kind << 4) | encoding];
    if (length > MAX_INSIDE_BYTES) {
      const number = this.#store(OutsideBytes.of(vb, vs, ve));
      return this.#makeNumbered(form | VALUE_OUTSIDE, number, kb, ks, ke, expiryMs);
    }
    const ref = this.#make(form, length, kb, ks, ke, expiryMs);
    copyBytes(this.arena.pages[ref >>> SHIFT], this.#valueAt(ref), vb, vs, ve);
    return ref;
  }

  createObject(
    kind: number,
    encoding: number,
    kb: Uint8Array,
    ks: number,
    ke: number,
    object: StoredObject,
    expiryMs: number,
  ): Ref {
    const form = formOf[(kind << 4) | encoding];
    return this.#makeNumbered(form | OBJECT, this.#store(object), kb, ks, ke, expiryMs);
  }

  /**
   * Gives the record new content; the returned ref differs when the block had to change, and the old
   * one is then free. An object that the record held is not freed: the caller has taken it.
   */
  rewrite(
    ref: Ref,
    kind: number,
    encoding: number,
    vb: Uint8Array,
    vs: number,
    ve: number,
    expiryMs: number,
  ): Ref {
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    const keepsShape = ((words[base] & HAS_EXPIRY) !== 0) === expiryMs >= 0;
    const head = (words[base] & ~FORM) | formOf[(kind << 4) | encoding];
    if (keepsShape && this.#overwrite(ref, head, vb, vs, ve)) {
      if (expiryMs >= 0) writeExpiry(words, base, expiryMs);
      return ref;
    }
    const page = this.keyPage(ref);
    const ks = this.keyStart(ref);
    const ke = ks + this.keyLength(ref);
    const fresh = this.create(kind, encoding, page, ks, ke, vb, vs, ve, expiryMs);
    this.setAccess(fresh, words[base] >>> 8);
    this.free(ref);
    return fresh;
  }

  /** Replaces the value within its block, expiry untouched; false when it does not fit the block's class. */
  overwrite(ref: Ref, encoding: number, vb: Uint8Array, vs: number, ve: number): boolean {
    const head = this.head(ref);
    const form = formOf[(kindOfForm[head & FORM] << 4) | encoding];
    return this.#overwrite(ref, (head & ~FORM) | form, vb, vs, ve);
  }

  /** The same with a string and another access clock, of a record that is plain. */
  overwritePlain(
    ref: Ref,
    encoding: number,
    access: number,
    vb: Uint8Array,
    vs: number,
    ve: number,
  ): boolean {
    return this.#overwrite(ref, (access << 8) | formOf[encoding], vb, vs, ve);
  }

  /** `head` is the first word that the record will have: the old one in what shape it tells. */
  #overwrite(ref: Ref, head: number, vb: Uint8Array, vs: number, ve: number): boolean {
    if ((head & OUTSIDE) !== 0) return false;
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    const length = ve - vs;
    const lengths = words[base + 1];
    const old = lengths >>> 16;
    const keyBytes = lengths & 0xffff;
    const fixed = ((head & HAS_EXPIRY) === 0 ? 8 : 16) + keyBytes;
    if (length !== old) {
      if (length > MAX_INSIDE_BYTES || !sameBlock(fixed + old, fixed + length)) return false;
      words[base + 1] = keyBytes | (length << 16);
    }
    words[base] = head;
    const at = ((ref & MASK) << 3) + fixed;
    copyBytes(this.arena.pages[ref >>> SHIFT], at, vb, vs, ve);
    return true;
  }

  /** Frees the record and long bytes; a StoredObject in it is only let go of. */
  free(ref: Ref): void {
    const head = this.head(ref);
    if ((head & OUTSIDE) !== 0) {
      if ((head & KEY_OUTSIDE) !== 0) this.#drop(this.#keyNumber(ref));
      if ((head & (VALUE_OUTSIDE | OBJECT)) !== 0) this.#drop(this.#valueNumber(ref));
    }
    this.arena.free(ref);
  }

  /** Adds, changes or removes the expiry; the ref may change. */
  withExpiry(ref: Ref, expiryMs: number): Ref {
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    const had = (words[base] & HAS_EXPIRY) !== 0;
    if (had && expiryMs >= 0) {
      writeExpiry(words, base, expiryMs);
      return ref;
    }
    if (!had && expiryMs < 0) return ref;
    const ks = this.keyStart(ref);
    return this.rebuild(ref, this.keyPage(ref), ks, ks + this.keyLength(ref), expiryMs);
  }

  /** Moves the value to a record of another key or expiry; what lies outside keeps its number. */
  rebuild(ref: Ref, kb: Uint8Array, ks: number, ke: number, expiryMs: number): Ref {
    const head = this.head(ref);
    const kept = head & (FORM | VALUE_OUTSIDE | OBJECT);
    const bytes = this.#lengths(ref) >>> 16;
    const fresh = this.#make(kept, bytes, kb, ks, ke, expiryMs);
    const from = this.#valueAt(ref);
    const source = this.arena.pages[ref >>> SHIFT];
    const target = this.arena.pages[fresh >>> SHIFT];
    copyBytes(target, this.#valueAt(fresh), source, from, from + bytes);
    this.setAccess(fresh, head >>> 8);
    if ((head & KEY_OUTSIDE) !== 0) this.#drop(this.#keyNumber(ref));
    this.arena.free(ref);
    return fresh;
  }

  /** The first word, for `headHasExpiry` and its like. */
  head(ref: Ref): number {
    return this.arena.words[ref >>> SHIFT][(ref & MASK) << 1];
  }

  kind(ref: Ref): number {
    return kindOfForm[this.head(ref) & FORM];
  }

  encoding(ref: Ref): number {
    return encodingOfForm[this.head(ref) & FORM];
  }

  setEncoding(ref: Ref, encoding: number): void {
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    words[base] = (words[base] & ~FORM) | formOf[(this.kind(ref) << 4) | encoding];
  }

  hasExpiry(ref: Ref): boolean {
    return (this.head(ref) & HAS_EXPIRY) !== 0;
  }

  expiry(ref: Ref): number {
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    if ((words[base] & HAS_EXPIRY) === 0) return NO_EXPIRY;
    return words[base + 3] * TWO_32 + (words[base + 2] >>> 0);
  }

  /** The 24 bits of the LRU or LFU clock. */
  access(ref: Ref): number {
    return this.head(ref) >>> 8;
  }

  setAccess(ref: Ref, clock: number): void {
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    words[base] = (words[base] & 0xff) | (clock << 8);
  }

  isObject(ref: Ref): boolean {
    return (this.head(ref) & OBJECT) !== 0;
  }

  object(ref: Ref): StoredObject {
    // A command asks for the same one several times.
    if (ref === this.#objectRef) return this.#object as StoredObject;
    const object = this.#outside[this.#valueNumber(ref)] as StoredObject;
    this.#objectRef = ref;
    this.#object = object;
    return object;
  }

  /** Bytes of a string or packed value; elements of an object. */
  valueLength(ref: Ref): number {
    if ((this.head(ref) & (VALUE_OUTSIDE | OBJECT)) === 0) return this.#lengths(ref) >>> 16;
    const stored = this.#outside[this.#valueNumber(ref)] as OutsideBytes | StoredObject;
    return stored.length;
  }

  /** What the value is and where its bytes lie, in one look; the same object with every call. */
  locate(ref: Ref): ValuePlace {
    const place = this.#place;
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    const head = words[base];
    place.kind = kindOfForm[head & FORM];
    place.encoding = encodingOfForm[head & FORM];
    if ((head & OUTSIDE) === 0) {
      const lengths = words[base + 1];
      const start = ((ref & MASK) << 3) + ((head & HAS_EXPIRY) === 0 ? 8 : 16) + (lengths & 0xffff);
      place.page = this.arena.pages[ref >>> SHIFT];
      place.start = start;
      place.end = start + (lengths >>> 16);
    } else if ((head & OBJECT) === 0) {
      place.page = this.page(ref);
      place.start = this.valueStart(ref);
      place.end = place.start + this.valueLength(ref);
    } else {
      place.page = EMPTY;
      place.start = 0;
      place.end = 0;
    }
    return place;
  }

  /** The bytes that the value lies in, from `valueStart`. */
  page(ref: Ref): Buffer {
    if ((this.head(ref) & VALUE_OUTSIDE) === 0) return this.arena.pages[ref >>> SHIFT];
    return (this.#outside[this.#valueNumber(ref)] as OutsideBytes).bytes;
  }

  valueStart(ref: Ref): number {
    return (this.head(ref) & VALUE_OUTSIDE) === 0 ? this.#valueAt(ref) : 0;
  }

  /** The bytes that the key lies in, from `keyStart`. */
  keyPage(ref: Ref): Buffer {
    if ((this.head(ref) & KEY_OUTSIDE) === 0) return this.arena.pages[ref >>> SHIFT];
    return (this.#outside[this.#keyNumber(ref)] as OutsideBytes).bytes;
  }

  keyStart(ref: Ref): number {
    return (this.head(ref) & KEY_OUTSIDE) === 0 ? this.#keyAt(ref) : 0;
  }

  keyLength(ref: Ref): number {
    if ((this.head(ref) & KEY_OUTSIDE) === 0) return this.#lengths(ref) & 0xffff;
    return (this.#outside[this.#keyNumber(ref)] as OutsideBytes).length;
  }

  /** An owned copy of the key. */
  copyKey(ref: Ref): Buffer {
    const start = this.keyStart(ref);
    return Buffer.from(this.keyPage(ref).subarray(start, start + this.keyLength(ref)));
  }

  keyEquals(ref: Ref, b: Uint8Array, s: number, e: number): boolean {
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    const head = words[base];
    let page: Buffer;
    let at: number;
    if ((head & KEY_OUTSIDE) === 0) {
      if ((words[base + 1] & 0xffff) !== e - s) return false;
      page = this.arena.pages[ref >>> SHIFT];
      at = ((ref & MASK) << 3) + ((head & HAS_EXPIRY) === 0 ? 8 : 16);
    } else {
      if (this.keyLength(ref) !== e - s) return false;
      page = this.keyPage(ref);
      at = 0;
    }
    return sameBytes(page, at, b, s, e - s);
  }

  /** Whether the key is key[first…], `length` bytes in little-endian words with zeros above the last. */
  keyIs(ref: Ref, key: Int32Array, first: number, length: number): boolean {
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    const head = words[base];
    if ((words[base + 1] & 0xffff) !== length || (head & KEY_OUTSIDE) !== 0) return false;
    let at = base + ((head & HAS_EXPIRY) === 0 ? 2 : 4);
    let i = first;
    for (const end = first + (length >> 2); i < end; i++, at++) {
      if (words[at] !== key[i]) return false;
    }
    const restBits = (length & 3) << 3;
    return restBits === 0 || ((words[at] ^ key[i]) & ((1 << restBits) - 1)) === 0;
  }

  /** Bytes of the record itself with what it holds outside, objects included. */
  recordBytes(ref: Ref): number {
    const head = this.head(ref);
    let bytes = this.arena.sizeOf(ref);
    if ((head & OBJECT) !== 0) bytes += this.object(ref).memoryBytes;
    else if ((head & VALUE_OUTSIDE) !== 0) bytes += this.page(ref).length;
    if ((head & KEY_OUTSIDE) !== 0) bytes += this.keyLength(ref);
    return bytes;
  }

  /**
   * Grows the value to `length` bytes, new ones zero; the ref may change. A long value doubles its
   * room, so that a value built by appending is copied a logarithmic number of times.
   */
  grow(ref: Ref, encoding: number, length: number): Ref {
    const old = this.valueLength(ref);
    if ((this.head(ref) & VALUE_OUTSIDE) !== 0) {
      const stored = this.#outside[this.#valueNumber(ref)] as OutsideBytes;
      if (length > stored.bytes.length) {
        const wider = Buffer.alloc(Math.max(length, Math.min(length + (1 << 20), length * 2)));
        stored.bytes.copy(wider, 0, 0, old);
        this.outsideBytes += wider.length - stored.bytes.length;
        stored.bytes = wider;
      }
      stored.bytes.fill(0, old, length);
      stored.length = length;
      this.setEncoding(ref, encoding);
      return ref;
    }
    const start = this.valueStart(ref);
    const value = Buffer.alloc(length);
    this.page(ref).copy(value, 0, start, start + old);
    return this.rewrite(ref, this.kind(ref), encoding, value, 0, length, this.expiry(ref));
  }

  #lengths(ref: Ref): number {
    return this.arena.words[ref >>> SHIFT][((ref & MASK) << 1) + 1];
  }

  /** Byte of the page where the key, or the number of an outside one, begins. */
  #keyAt(ref: Ref): number {
    return ((ref & MASK) << 3) + ((this.head(ref) & HAS_EXPIRY) === 0 ? 8 : 16);
  }

  #valueAt(ref: Ref): number {
    return this.#keyAt(ref) + (this.#lengths(ref) & 0xffff);
  }

  #keyNumber(ref: Ref): number {
    return this.arena.pages[ref >>> SHIFT].readInt32LE(this.#keyAt(ref));
  }

  #valueNumber(ref: Ref): number {
    const page = this.arena.pages[ref >>> SHIFT];
    const at = this.#valueAt(ref);
    // Not readInt32LE, whose checks are not needed here: this is asked with every use of a collection.
    return page[at] | (page[at + 1] << 8) | (page[at + 2] << 16) | (page[at + 3] << 24);
  }

  #makeNumbered(
    head: number,
    number: number,
    kb: Uint8Array,
    ks: number,
    ke: number,
    expiryMs: number,
  ): Ref {
    const ref = this.#make(head, NUMBER_BYTES, kb, ks, ke, expiryMs);
    this.arena.pages[ref >>> SHIFT].writeInt32LE(number, this.#valueAt(ref));
    return ref;
  }

  /** A record with its key and room for `valueBytes`. */
  #make(
    head: number,
    valueBytes: number,
    kb: Uint8Array,
    ks: number,
    ke: number,
    expiryMs: number,
  ): Ref {
    let keyBytes = ke - ks;
    let flags = expiryMs >= 0 ? HAS_EXPIRY : 0;
    if (keyBytes > MAX_INSIDE_BYTES) {
      const number = this.#store(OutsideBytes.of(kb, ks, ke));
      kb = Buffer.from(Int32Array.of(number).buffer);
      ks = 0;
      ke = keyBytes = NUMBER_BYTES;
      flags |= KEY_OUTSIDE;
    }
    const header = expiryMs >= 0 ? HEADER_BYTES + EXPIRY_BYTES : HEADER_BYTES;
    const ref = this.arena.alloc(header + keyBytes + valueBytes);
    this.#objectRef = 0;
    const words = this.arena.words[ref >>> SHIFT];
    const base = (ref & MASK) << 1;
    words[base] = head | flags;
    words[base + 1] = keyBytes | (valueBytes << 16);
    if (expiryMs >= 0) writeExpiry(words, base, expiryMs);
    copyBytes(this.arena.pages[ref >>> SHIFT], ((ref & MASK) << 3) + header, kb, ks, ke);
    return ref;
  }

  #store(entry: OutsideBytes | StoredObject): number {
    if (entry instanceof OutsideBytes) this.outsideBytes += entry.bytes.length;
    const number = this.#freeNumbers.pop() ?? this.#outside.length;
    this.#outside[number] = entry;
    return number;
  }

  #drop(number: number): void {
    this.#objectRef = 0;
    this.#object = undefined;
    const entry = this.#outside[number];
    if (entry instanceof OutsideBytes) this.outsideBytes -= entry.bytes.length;
    this.#outside[number] = undefined;
    this.#freeNumbers.push(number);
  }
}

function writeExpiry(words: Int32Array, base: number, expiryMs: number): void {
  words[base + 2] = expiryMs | 0;
  words[base + 3] = Math.floor(expiryMs / TWO_32);
}
