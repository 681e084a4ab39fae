// What the reader of an RDB stream tells while it reads. Values come element by element, so that a set of
// ten million members needs no more memory on its way than one of them.

import type { StoredObject } from '../engine/stored-object.ts';
import type { RdbString } from './rdb-source.ts';

/** The events of one value. `false` refuses: the element was there before. Strings are views. */
export interface RdbValueHandler {
  string(value: RdbString): void;
  /** A whole checked listpack or intset of at least one element, in bytes[start..end). */
  packed(kind: number, encoding: number, bytes: Buffer, start: number, end: number): void;
  /** A collection of `count` elements follows; lists: of so many nodes or elements. */
  begin(kind: number, count: number): void;
  /** A member of a set or an element of a list. */
  element(value: RdbString): boolean;
  field(name: RdbString, value: RdbString): boolean;
  member(name: RdbString, score: number): boolean;
  /** A checked listpack of a list. */
  node(bytes: Buffer, start: number, end: number): void;
  /** An element of a list that has a node of its own. */
  plainNode(value: RdbString): void;
  end(): void;
  /** A value that could only be read as a whole: a stream. It is the receiver's now. */
  object(kind: number, encoding: number, object: StoredObject): void;
  /** A collection without elements, which no command leaves behind but some versions saved. */
  empty(): void;
}

/** What stands before a value. The same object for every key. */
export interface RdbEntry {
  readonly db: number;
  /** A view until the value's last event. */
  readonly key: RdbString;
  /** Milliseconds since 1970; -1: never. */
  readonly expiryMs: number;
  /** -1: not told. */
  readonly idleSeconds: number;
  /** The LFU counter; -1: not told. */
  readonly frequency: number;
}

/** The events of a file. */
export interface RdbHandler extends RdbValueHandler {
  aux(name: string, value: RdbString): void;
  /** The keys that follow are of this database; the reason when there is no such one. */
  selectDb(index: number): string | undefined;
  resize(keys: number, expiring: number): void;
  /** A key, before its value; the reason when it cannot be taken. */
  entry(entry: RdbEntry): string | undefined;
  /** Instead of `entry` and `string`: a key with its string, which is there as a whole. */
  stringEntry?(entry: RdbEntry, value: RdbString): string | undefined;
  /** Something that is no key and that this server has no use for: a library of functions … */
  skipped(what: string): void;
}
