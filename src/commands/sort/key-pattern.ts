// The patterns of BY and GET: a key name with a '*' for the element, perhaps with '->field' for a
// field of the hash there; '#' is the element itself.

import { readField } from '../../engine/hash-value.ts';
import { ListpackEntry } from '../../engine/listpack.ts';
import { Kind } from '../../engine/record.ts';
import type { DataSession } from '../context.ts';

const STAR = 0x2a;
const ARROW: Buffer = Buffer.from('->');

export class KeyPattern {
  readonly hasStar: boolean;
  readonly #isElement: boolean;
  readonly #before: Buffer;
  readonly #behind: Buffer;
  readonly #field: Buffer | undefined;
  #name: Buffer;

  /** Keeps views of the pattern: for the length of one command. */
  constructor(pattern: Buffer) {
    const star = pattern.indexOf(STAR);
    this.hasStar = star >= 0;
    this.#isElement = pattern.length === 1 && pattern[0] === 0x23;
    this.#before = pattern.subarray(0, Math.max(0, star));
    const rest = pattern.subarray(star + 1);
    const arrow = rest.indexOf(ARROW);
    const hasField = arrow >= 0 && arrow + ARROW.length < rest.length;
    this.#behind = hasField ? rest.subarray(0, arrow) : rest;
    this.#field = hasField ? rest.subarray(arrow + ARROW.length) : undefined;
    this.#name = Buffer.allocUnsafe(this.#before.length + this.#behind.length + 32);
  }

  /**
   * Sets `into` to what the pattern means for the element b[start..end): a view that the next lookup
   * ends. False when there is nothing of the right type.
   */
  resolve(
    session: DataSession,
    b: Buffer,
    start: number,
    end: number,
    into: ListpackEntry,
  ): boolean {
    if (this.#isElement) {
      into.set(b, start, end);
      return true;
    }
    if (!this.hasStar) return false;
    const db = session.db;
    const length = this.#nameOf(b, start, end);
    const ref = db.lookupRead(this.#name, 0, length);
    if (ref === 0) return false;
    const field = this.#field;
    if (field !== undefined) {
      return db.kind(ref) === Kind.hash && readField(db, ref, field, 0, field.length, into);
    }
    if (db.kind(ref) !== Kind.string) return false;
    const at = db.valueStart(ref);
    into.set(db.page(ref), at, at + db.valueLength(ref));
    return true;
  }

  /** Writes the name of the key for an element; its length. */
  #nameOf(b: Buffer, start: number, end: number): number {
    const length = this.#before.length + end - start + this.#behind.length;
    if (length > this.#name.length) this.#name = Buffer.allocUnsafe(length * 2);
    let at = this.#before.copy(this.#name, 0);
    at += b.copy(this.#name, at, start, end);
    this.#behind.copy(this.#name, at);
    return length;
  }
}

/** Where a pattern's value is put. */
export function newEntry(): ListpackEntry {
  return new ListpackEntry();
}
