// The lines that a master sends before its snapshot or its stream: short ones. Whoever never ends a
// line is no master, and gets no memory for it.

const LF = 10;
const CR = 13;
/** The longest line: errors are cut by those who send them, everything else is shorter. */
const MAX_LINE_BYTES = 1024;

export class MasterLines {
  isTooLong = false;
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }

  /** The next line without its end, latin1; undefined while it has not come, or when it is too long. */
  next(): string | undefined {
    const end = this.#bytes.indexOf(LF);
    if (end < 0 || end > MAX_LINE_BYTES) {
      this.isTooLong = end > MAX_LINE_BYTES || this.#bytes.length > MAX_LINE_BYTES;
      return undefined;
    }
    const last = end > 0 && this.#bytes[end - 1] === CR ? end - 1 : end;
    const line = this.#bytes.toString('latin1', 0, last);
    this.#bytes = this.#bytes.subarray(end + 1);
    return line;
  }

  /** What follows the last line, which is no line any more. */
  takeRest(): Buffer {
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return rest;
  }
}
