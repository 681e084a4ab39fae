// Messages to subscribers, ready for the wire. Both protocols say the same; RESP3 marks it as a push,
// RESP2 as a plain array, so one byte differs and everything is encoded once for all receivers.

const ARRAY = 42;
const PUSH = 62;

/** Bytes of a bulk: header, contents, line end. */
function bulkLength(b: Uint8Array): number {
  return String(b.length).length + b.length + 5;
}

function writeBulk(to: Buffer, at: number, b: Uint8Array): number {
  at += to.write(`$${b.length}\r\n`, at, 'latin1');
  to.set(b, at);
  at += b.length;
  to[at++] = 13;
  to[at++] = 10;
  return at;
}

/** One message, encoded when the first receiver of a protocol asks. */
export class Message {
  readonly #parts: readonly Uint8Array[];
  #resp2: Buffer | undefined;
  #resp3: Buffer | undefined;

  /** The parts must not change while the message is being delivered. */
  constructor(...parts: Uint8Array[]) {
    this.#parts = parts;
  }

  bytes(protocol: 2 | 3): Buffer {
    if (protocol === 2) {
      this.#resp2 ??= this.#encode(ARRAY, this.#resp3);
      return this.#resp2;
    }
    this.#resp3 ??= this.#encode(PUSH, this.#resp2);
    return this.#resp3;
  }

  #encode(mark: number, other: Buffer | undefined): Buffer {
    if (other !== undefined) {
      const twin = Buffer.from(other);
      twin[0] = mark;
      return twin;
    }
    let length = String(this.#parts.length).length + 3;
    for (const part of this.#parts) length += bulkLength(part);
    const bytes = Buffer.allocUnsafeSlow(length);
    bytes[0] = mark;
    let at = 1 + bytes.write(`${this.#parts.length}\r\n`, 1, 'latin1');
    for (const part of this.#parts) at = writeBulk(bytes, at, part);
    return bytes;
  }
}
