// Finds the end of a snapshot in what a master sends: after so many bytes, or before a mark of 40
// random digits. The mark is looked for wherever it may lie, since a master that does not wait for an
// acknowledgement sends its stream right behind it.

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

  /** The part of the snapshot that is certain now; may be empty. */
  take(chunk: Buffer): Buffer {
    const payload =
      this.#mark === undefined ? this.#counted(chunk) : this.#marked(chunk, this.#mark);
    this.payloadBytes += payload.length;
    return payload;
  }

  #counted(chunk: Buffer): Buffer {
    const missing = this.#left - this.payloadBytes;
    if (chunk.length < missing) return chunk;
    this.isComplete = true;
    this.rest = chunk.subarray(missing);
    return chunk.subarray(0, missing);
  }

  #marked(chunk: Buffer, mark: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const at = bytes.indexOf(mark);
    if (at >= 0) {
      this.isComplete = true;
      this.#held = NOTHING;
      this.rest = bytes.subarray(at + mark.length);
      return bytes.subarray(0, at);
    }
    const certain = Math.max(0, bytes.length - mark.length + 1);
    this.#held = bytes.subarray(certain);
    return bytes.subarray(0, certain);
  }
}
