// The latest part of the stream, kept for replicas that lost their link, and at the same time the output
// buffer of every replica: each is a cursor into one list of blocks, so a hundred replicas cost the
// memory of one. Blocks are trimmed from the front to the configured size, except those that a cursor
// has yet to pass: a slow replica makes the list longer, until its output limit ends it.
//
// Bytes in a block never change once they are written, so slices of it may be handed to a socket as they
// are. A block is used again only when no cursor is in it or before it, and cursors move when the
// system has taken the bytes, not before.

import { assert } from '../util/assert.ts';

const MIN_BLOCK_BYTES = 16 * 1024;
const MAX_BLOCK_BYTES = 256 * 1024;
/** Blocks kept for the next append instead of going to the collector. */
const SPARE_BLOCKS = 2;
/** What a block costs besides its bytes (an estimate). */
const BLOCK_OVERHEAD_BYTES = 64;
/** A smaller backlog is of no use to anybody: `repl-backlog-size` counts as this at least. */
const MIN_BACKLOG_BYTES = 16 * 1024;

interface Block {
  readonly bytes: Buffer;
  /** Written part: [0, end). */
  end: number;
  /** Bytes of the stream before this block. */
  readonly offset: number;
  next: Block | undefined;
  /** Cursors that are in this block. */
  cursors: number;
  /** A socket may still hold a slice of it for a reader that is gone: its bytes are not used again. */
  isLent: boolean;
}

/** A reader of the stream. Between `slice` and `advance` the bytes may be on their way. */
export class BacklogCursor {
  /** Undefined once released. */
  block: Block | undefined;
  /** Position in the block. */
  at: number;

  constructor(block: Block, at: number) {
    this.block = block;
    this.at = at;
  }

  /** Bytes of the stream that the reader is done with. */
  get offset(): number {
    return (this.block?.offset ?? 0) + this.at;
  }
}

export class Backlog {
  #limitBytes: number;
  #first: Block | undefined;
  #last: Block | undefined;
  #blocks = 0;
  #spare: Buffer[] = [];
  /** Bytes of the stream up to the end of the backlog. */
  #endOffset = 0;
  /** Memory held. */
  memoryBytes = 0;
  /** All cursors, for tests of what holds the list. */
  #cursors = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = Math.max(limitBytes, MIN_BACKLOG_BYTES);
  }

  get isOpen(): boolean {
    return this.#last !== undefined;
  }

  /** The offset of the first byte, from 1; 0 while closed. */
  get firstByte(): number {
    return this.#first === undefined ? 0 : this.#first.offset + 1;
  }

  /** Bytes in it. */
  get length(): number {
    return this.#first === undefined ? 0 : this.#endOffset - this.#first.offset;
  }

  get endOffset(): number {
    return this.#endOffset;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** What is held beyond the configured size, since somebody has yet to read it. */
  get excessBytes(): number {
    return Math.max(0, this.memoryBytes - this.#limitBytes - 2 * this.#blockBytes());
  }

  get blocks(): number {
    return this.#blocks;
  }

  get cursors(): number {
    return this.#cursors;
  }

  /** Begins an empty backlog at this offset of the stream. */
  open(offset: number): void {
    assert(!this.isOpen, 'an open backlog is opened');
    this.#endOffset = offset;
    this.#addBlock();
  }

  /** Frees it. Nobody may be reading. */
  close(): void {
    assert(this.#cursors === 0, 'a backlog with readers is closed');
    this.#first = undefined;
    this.#last = undefined;
    this.#blocks = 0;
    this.memoryBytes = 0;
    this.#spare = [];
  }

  /** A new size holds for what is kept from now on. */
  resize(limitBytes: number): void {
    this.#limitBytes = Math.max(limitBytes, MIN_BACKLOG_BYTES);
    this.#spare = [];
    this.trim();
  }

  /** Copies bytes[start..end) in. The backlog must be open. */
  append(bytes: Uint8Array, start: number, end: number): void {
    let last = this.#last as Block;
    this.#endOffset += end - start;
    for (let at = start; at < end; ) {
      if (last.end === last.bytes.length) last = this.#addBlock(at - end);
      const count = Math.min(end - at, last.bytes.length - last.end);
      if (count < SHORT) for (let i = 0; i < count; i++) last.bytes[last.end + i] = bytes[at + i];
      else last.bytes.set(bytes.subarray(at, at + count), last.end);
      last.end += count;
      at += count;
    }
    if (this.length > this.#limitBytes) this.trim();
  }

  /** A reader that has everything up to `offset`, which must lie within. */
  cursorAt(offset: number): BacklogCursor {
    let block = this.#first as Block;
    assert(offset >= block.offset && offset <= this.#endOffset, 'a cursor outside of the backlog');
    while (block.next !== undefined && offset >= block.next.offset) block = block.next;
    block.cursors++;
    this.#cursors++;
    return new BacklogCursor(block, offset - block.offset);
  }

  /** The next bytes for a reader, without a copy; undefined when it has them all. */
  slice(cursor: BacklogCursor): Buffer | undefined {
    let block = cursor.block as Block;
    if (cursor.at === block.end) {
      // It had read a full block to its end when there was no other yet.
      this.advance(cursor, 0);
      block = cursor.block as Block;
    }
    if (cursor.at < block.end) return block.bytes.subarray(cursor.at, block.end);
    return undefined;
  }

  /** Bytes that the reader has yet to get. */
  waiting(cursor: BacklogCursor): number {
    return this.#endOffset - cursor.offset;
  }

  /** Memory of the blocks from the reader's on. */
  heldBytes(cursor: BacklogCursor): number {
    let bytes = 0;
    for (let block = cursor.block; block !== undefined; block = block.next) {
      bytes += block.bytes.length + BLOCK_OVERHEAD_BYTES;
    }
    return bytes;
  }

  blocksFrom(cursor: BacklogCursor): number {
    let blocks = 0;
    for (let block = cursor.block; block !== undefined; block = block.next) blocks++;
    return blocks;
  }

  /** The reader is done with that many bytes. */
  advance(cursor: BacklogCursor, bytes: number): void {
    let block = cursor.block as Block;
    let at = cursor.at + bytes;
    assert(bytes <= this.waiting(cursor), 'a reader beyond the end of the backlog');
    while (at >= block.end && block.next !== undefined) {
      at -= block.end;
      block.cursors--;
      block = block.next;
      block.cursors++;
    }
    cursor.block = block;
    cursor.at = at;
  }

  /** The reader is gone. */
  release(cursor: BacklogCursor): void {
    if (cursor.block === undefined) return;
    cursor.block.cursors--;
    for (let block: Block | undefined = cursor.block; block; block = block.next)
      block.isLent = true;
    cursor.block = undefined;
    this.#cursors--;
    this.trim();
  }

  /** Drops blocks from the front down to the limit, as far as no reader is in them. */
  trim(): void {
    for (let first = this.#first; first !== undefined; first = first.next) {
      if (first.cursors > 0 || first.next === undefined) return;
      if (this.length - first.end <= this.#limitBytes) return;
      this.#first = first.next;
      this.#blocks--;
      this.memoryBytes -= first.bytes.length + BLOCK_OVERHEAD_BYTES;
      const isUseful = !first.isLent && first.bytes.length === this.#blockBytes();
      if (isUseful && this.#spare.length < SPARE_BLOCKS) this.#spare.push(first.bytes);
    }
  }

  #blockBytes(): number {
    const share = Math.floor(this.#limitBytes / 16);
    return Math.min(Math.max(share, MIN_BLOCK_BYTES), MAX_BLOCK_BYTES);
  }

  /** `behind`: how far (negative) the block's first byte lies before the end of the stream. */
  #addBlock(behind = 0): Block {
    const bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#blockBytes());
    const offset = this.#endOffset + behind;
    const block = { bytes, end: 0, offset, next: undefined, cursors: 0, isLent: false };
    if (this.#last === undefined) this.#first = block;
    else this.#last.next = block;
    this.#last = block;
    this.#blocks++;
    this.memoryBytes += bytes.length + BLOCK_OVERHEAD_BYTES;
    return block;
  }
}

/** Copying fewer bytes than this in a loop is faster than a call that copies. */
const SHORT = 48;
