// One node of a stream: entries that follow each other, in a listpack that is byte for byte what Redis
// keeps and RDB holds. Layout (t_stream.c):
//   master entry   count, deleted, number of fields, the fields' names, 0
//   each entry     flags, time and sequence relative to the node's id,
//                  [number of fields], [name] value …, how many elements this entry has before
// An entry whose names are the master's leaves them out. A deleted entry stays, flagged; the node goes
// when its last living entry does. The node's id is that of its first entry, and its key in RDB.

import { Int64 } from './int64.ts';
import {
  COUNT_UNKNOWN,
  entryEquals,
  LISTPACK_END,
  LISTPACK_HEADER,
  listpackBytes,
  NONE,
  nextEntry,
  previousEntry,
  readInteger,
} from './listpack.ts';
import {
  integerEntrySize,
  openGap,
  setHeader,
  writeEmptyListpack,
  writeEntry,
  writeIntegerEntry,
} from './listpack-edit.ts';
import { StreamId } from './stream-id.ts';

export const EntryFlag = { deleted: 1, sameFields: 2 } as const;

/** Arguments [first, first + 2 * pairs) are names and values; a request is one of these. */
export interface FieldSource {
  readonly buffer: Buffer;
  readonly starts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
}

/** The objects around a node's bytes, as those of a quicklist's node. */
const NODE_OVERHEAD_BYTES = 230;
/** Most room that a growing node takes beyond what it needs. */
const SLACK_BYTES = 4096;
/** What an element takes beyond its text at most: a length before and one behind. */
const ELEMENT_OVERHEAD_BYTES = 10;
/** All numbers of an entry or of the master entry, and the terminator. */
const NUMBERS_BYTES = 64;

const number = new Int64();

/** The integer at `p`, which must be one and small enough to be exact. */
export function countAt(b: Uint8Array, p: number): number {
  const h = b[p];
  if (h < 0x80) return h;
  return readInteger(b, p, number) ? number.value : 0;
}

function writeCount(b: Uint8Array, p: number, value: number): number {
  number.set(value);
  return writeIntegerEntry(b, p, number);
}

export class StreamNode extends StreamId {
  /** The listpack lies at its start; what is behind is room. */
  buffer: Buffer;
  /** Living entries. */
  count: number;
  deleted: number;
  /** Several streams have it: none may change it, see `Stream.#own`. */
  isShared = false;

  private constructor(id: StreamId, buffer: Buffer, count: number, deleted: number) {
    super(id.msHigh, id.msLow, id.seqHigh, id.seqLow);
    this.buffer = buffer;
    this.count = count;
    this.deleted = deleted;
  }

  /** A node with one entry; its id is the node's. */
  static ofEntry(id: StreamId, source: FieldSource, first: number, pairs: number): StreamNode {
    let size = 2 * NUMBERS_BYTES;
    for (let i = first; i < first + 2 * pairs; i++) {
      size += source.ends[i] - source.starts[i] + ELEMENT_OVERHEAD_BYTES;
    }
    for (let i = first; i < first + 2 * pairs; i += 2) size += source.ends[i] - source.starts[i];
    const scratch = Buffer.allocUnsafeSlow(size + pairs * ELEMENT_OVERHEAD_BYTES);
    writeEmptyListpack(scratch, 0);
    let p = writeCount(scratch, LISTPACK_HEADER, 0);
    p = writeCount(scratch, p, 0);
    p = writeCount(scratch, p, pairs);
    const { buffer, starts, ends } = source;
    for (let i = first; i < first + 2 * pairs; i += 2) {
      p = writeEntry(scratch, p, buffer, starts[i], ends[i]);
    }
    p = writeCount(scratch, p, 0);
    scratch[p] = LISTPACK_END;
    setHeader(scratch, 0, p + 1, pairs + 4);
    const node = new StreamNode(id, scratch, 0, 0);
    node.append(id, source, first, pairs);
    node.trim();
    return node;
  }

  /** Takes over a listpack that was read from a file and checked. */
  static ofListpack(id: StreamId, listpack: Buffer): StreamNode {
    const deletedAt = nextEntry(listpack, LISTPACK_HEADER);
    return new StreamNode(
      id,
      listpack,
      countAt(listpack, LISTPACK_HEADER),
      countAt(listpack, deletedAt),
    );
  }

  /** Size of the listpack. */
  get bytes(): number {
    return listpackBytes(this.buffer, 0);
  }

  get memoryBytes(): number {
    return NODE_OVERHEAD_BYTES + this.buffer.length;
  }

  /** Position of the master entry's number of fields; their names follow. */
  get masterAt(): number {
    const { buffer } = this;
    return nextEntry(buffer, nextEntry(buffer, LISTPACK_HEADER));
  }

  /** Adds an entry behind all others. */
  append(id: StreamId, source: FieldSource, first: number, pairs: number): void {
    this.#setCounts(this.count + 1, this.deleted);
    const end = first + 2 * pairs;
    let most = NUMBERS_BYTES;
    for (let i = first; i < end; i++) {
      most += source.ends[i] - source.starts[i] + ELEMENT_OVERHEAD_BYTES;
    }
    this.#reserve(most);
    const b = this.buffer;
    const same = this.#hasMasterFields(source, first, pairs);
    let p = writeCount(b, this.bytes - 1, same ? EntryFlag.sameFields : 0);
    id.timeSince(this, number);
    p = writeIntegerEntry(b, p, number);
    id.sequenceSince(this, number);
    p = writeIntegerEntry(b, p, number);
    if (!same) p = writeCount(b, p, pairs);
    for (let i = first; i < end; i += same ? 1 : 2) {
      if (same) i++;
      else p = writeEntry(b, p, source.buffer, source.starts[i], source.ends[i]);
      const value = same ? i : i + 1;
      p = writeEntry(b, p, source.buffer, source.starts[value], source.ends[value]);
    }
    const elements = same ? pairs + 3 : 2 * pairs + 4;
    p = writeCount(b, p, elements);
    b[p] = LISTPACK_END;
    const known = b[4] | (b[5] << 8);
    setHeader(b, 0, p + 1, known === COUNT_UNKNOWN ? known : known + elements + 1);
  }

  #hasMasterFields(source: FieldSource, first: number, pairs: number): boolean {
    const b = this.buffer;
    let p = this.masterAt;
    if (countAt(b, p) !== pairs) return false;
    for (let i = first; i < first + 2 * pairs; i += 2) {
      p = nextEntry(b, p);
      if (!entryEquals(b, p, source.buffer, source.starts[i], source.ends[i])) return false;
    }
    return true;
  }

  /** Flags living entries at these positions as deleted; all positions in the node are gone then. */
  markDeleted(positions: readonly number[]): void {
    for (const p of positions) this.buffer[p] |= EntryFlag.deleted;
    this.#setCounts(this.count - positions.length, this.deleted + positions.length);
  }

  #setCounts(count: number, deleted: number): void {
    this.#replaceCount(LISTPACK_HEADER, count);
    if (deleted !== this.deleted) {
      this.#replaceCount(nextEntry(this.buffer, LISTPACK_HEADER), deleted);
    }
    this.count = count;
    this.deleted = deleted;
  }

  #replaceCount(p: number, value: number): void {
    const old = nextEntry(this.buffer, p) - p;
    number.set(value);
    const size = integerEntrySize(number);
    if (size !== old) {
      if (size > old) this.#reserve(size - old);
      openGap(this.buffer, 0, p, p + old, size, 0);
    }
    writeCount(this.buffer, p, value);
  }

  /** Sets `into` to the id of the last entry, deleted or not; false when there is none. */
  lastEntryId(into: StreamId): boolean {
    const b = this.buffer;
    let p = previousEntry(b, 0, this.bytes - 1);
    const elements = countAt(b, p);
    if (elements === 0) return false;
    for (let i = 0; i < elements; i++) p = previousEntry(b, 0, p);
    if (p === NONE) return false;
    this.readId(nextEntry(b, p), into);
    return true;
  }

  /** Reads the two differences at `p` into an id; the position behind them. */
  readId(p: number, into: StreamId): number {
    const b = this.buffer;
    into.assign(this);
    readInteger(b, p, number);
    into.addTime(number);
    const sequenceAt = nextEntry(b, p);
    readInteger(b, sequenceAt, number);
    into.addSequence(number);
    return nextEntry(b, sequenceAt);
  }

  /** Makes room for `extra` more bytes. */
  #reserve(extra: number): void {
    const used = this.bytes;
    const wanted = used + extra;
    if (wanted <= this.buffer.length) return;
    this.#resize(Math.max(wanted, used + Math.min(used, SLACK_BYTES)));
  }

  #resize(size: number): void {
    const old = this.buffer;
    this.buffer = Buffer.allocUnsafeSlow(size);
    old.copy(this.buffer, 0, 0, listpackBytes(old, 0));
  }

  /** Gives up the room: the node is full. */
  trim(): void {
    const used = this.bytes;
    if (used < this.buffer.length) this.#resize(used);
  }

  clone(): StreamNode {
    const copy = new StreamNode(this, this.buffer, this.count, this.deleted);
    copy.#resize(this.bytes);
    return copy;
  }
}
