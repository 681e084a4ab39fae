// Every byte of every replication stream, as its author wrote it, by replication id. Filled by looking
// over the shoulder of each server's backlog and history: what a node takes in is compared with it,
// and any acknowledged write can be found in it afterwards.

import { assert } from '../../util/assert.ts';

/** One history: bytes from `start` on; before that it is the same as `parent`. */
export class RecordedStream {
  readonly id: string;
  readonly start: number;
  readonly parent: RecordedStream | undefined;
  /** When its first node took this id, in ms. */
  readonly beganMs: number;
  /** The node that gave it its name. */
  readonly author: string;
  /** How far each node that followed it has got, at most. */
  readonly reached: Map<string, number> = new Map();
  #bytes: Buffer = Buffer.alloc(16 * 1024);
  #length = 0;

  constructor(
    id: string,
    start: number,
    parent: RecordedStream | undefined,
    beganMs: number,
    author: string,
  ) {
    this.id = id;
    this.start = start;
    this.parent = parent;
    this.beganMs = beganMs;
    this.author = author;
  }

  get end(): number {
    return this.start + this.#length;
  }

  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) {
      const larger = Buffer.alloc(2 * (this.#length + bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The first offset at or after `offset` at which these bytes are not the stream's; -1: none. */
  difference(offset: number, bytes: Buffer): number {
    if (offset < this.start) {
      const before = Math.min(bytes.length, this.start - offset);
      const found = this.parent?.difference(offset, bytes.subarray(0, before)) ?? -1;
      return found >= 0 ? found : this.difference(this.start, bytes.subarray(before));
    }
    const from = offset - this.start;
    const count = Math.min(bytes.length, this.#length - from);
    if (count <= 0) return -1;
    if (this.#bytes.subarray(from, from + count).equals(bytes.subarray(0, count))) return -1;
    for (let i = 0; i < count; i++) if (this.#bytes[from + i] !== bytes[i]) return offset + i;
    return -1;
  }

  /** The offset just behind these bytes; -1 when they are not in it. */
  find(bytes: Buffer): number {
    // From the end: it was written lately, and nobody else writes the same.
    const at = this.#bytes.subarray(0, this.#length).lastIndexOf(bytes);
    return at < 0 ? -1 : this.start + at + bytes.length;
  }

  noteReached(node: string, offset: number): void {
    if (offset > (this.reached.get(node) ?? -1)) this.reached.set(node, offset);
  }
}

export class StreamRecord {
  readonly #byId = new Map<string, RecordedStream>();
  /** Where the last command was found: the next one probably is there too. */
  #latest: RecordedStream | undefined;

  get(id: string): RecordedStream | undefined {
    return this.#byId.get(id);
  }

  begin(stream: RecordedStream): RecordedStream {
    assert(!this.#byId.has(stream.id), 'two histories of one id');
    this.#byId.set(stream.id, stream);
    return stream;
  }

  /** The id was drawn before it was known where its history begins. */
  replace(stream: RecordedStream): void {
    this.#latest = undefined;
    this.#byId.set(stream.id, stream);
  }

  /** Where a command stands that is written once only: its stream, and the offset behind it. */
  find(command: Buffer): { readonly stream: RecordedStream; readonly offset: number } | undefined {
    const latest = this.#latest;
    const there = latest?.find(command) ?? -1;
    if (latest !== undefined && there >= 0) return { stream: latest, offset: there };
    for (const stream of this.#byId.values()) {
      const offset = stream === latest ? -1 : stream.find(command);
      if (offset < 0) continue;
      this.#latest = stream;
      return { stream, offset };
    }
    return undefined;
  }
}
