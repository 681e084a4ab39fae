// Finds the end of a snapshot in what a master sends: after so many bytes, or before a mark of 40
// random digits. The mark is looked for wherever it may lie, since a master that does not wait for an
// acknowledgement sends its stream right behind it.

import { copied } from '../util/copied.ts';
import type { SnapshotFraming } from './replica-handshake.ts';

const NOTHING: Buffer = Buffer.alloc(0);

export class SnapshotFrame {
  /** The end was found; `rest` is what lies behind. */
  isComplete = false;
  rest: Buffer = NOTHING;
  /** Bytes of the snapshot that were handed out. */
  payloadBytes = 0;
  readonly #left: number;
  readonly #mark: Buffer | undefined;
  /** The last bytes, which may be the beginning of the mark. */
  #held: Buffer = NOTHING;

  constructor(framing: SnapshotFraming) {
    this.#mark = framing.kind === 'mark' ? Buffer.from(framing.mark, 'latin1') : undefined;
    this.#left = framing.kind === 'length' ? framing.bytes : 0;
    this.isComplete = framing.kind === 'length' && framing.bytes === 0;
  }

  /**
   * Hands out the parts of the snapshot that are certain now; none of them is empty. The chunk is lent, and
   * so are they.
   */
  take(chunk: Buffer, emit: (payload: Buffer) => void): void {
    if (this.#mark === undefined) this.#counted(chunk, emit);
    else this.#marked(chunk, this.#mark, emit);
  }

  #counted(chunk: Buffer, emit: (payload: Buffer) => void): void {
    const missing = this.#left - this.payloadBytes;
    if (chunk.length >= missing) this.#complete(chunk, missing);
    this.#emit(chunk, 0, Math.min(chunk.length, missing), emit);
  }

  #marked(chunk: Buffer, mark: Buffer, emit: (payload: Buffer) => void): void {
    const held = this.#held;
    // A mark that began before this chunk ends within these few bytes.
    const seam = Buffer.concat([held, chunk.subarray(0, mark.length - 1)]);
    const inSeam = seam.indexOf(mark);
    if (inSeam >= 0) {
      this.#complete(chunk, inSeam + mark.length - held.length);
      this.#emit(held, 0, inSeam, emit);
      return;
    }
    const at = chunk.indexOf(mark);
    if (at >= 0) {
      this.#complete(chunk, at + mark.length);
      this.#emit(held, 0, held.length, emit);
      this.#emit(chunk, 0, at, emit);
      return;
    }
    const certain = Math.max(0, held.length + chunk.length - mark.length + 1);
    const ofHeld = Math.min(held.length, certain);
    const ofChunk = certain - ofHeld;
    this.#held = Buffer.concat([held.subarray(ofHeld), chunk.subarray(ofChunk)]);
    this.#emit(held, 0, ofHeld, emit);
    this.#emit(chunk, 0, ofChunk, emit);
  }

  #complete(chunk: Buffer, end: number): void {
    this.isComplete = true;
    this.#held = NOTHING;
    this.rest = copied(chunk, end);
  }

  #emit(bytes: Buffer, start: number, end: number, emit: (payload: Buffer) => void): void {
    if (end === start) return;
    this.payloadBytes += end - start;
    emit(bytes.subarray(start, end));
  }
}
