// Is this listpack a node of a stream? It must be a well-formed listpack already. After this check the
// walks of stream-node.ts and stream-cursor.ts stay within their entries. Layout: stream-node.ts.

import { Int64 } from '../engine/int64.ts';
import { LISTPACK_END, LISTPACK_HEADER, nextEntry, readInteger } from '../engine/listpack.ts';
import { EntryFlag } from '../engine/stream-node.ts';

const number = new Int64();

class Walk {
  at: number;
  readonly #b: Buffer;

  constructor(b: Buffer, at: number) {
    this.#b = b;
    this.at = at;
  }

  get atEnd(): boolean {
    return this.#b[this.at] === LISTPACK_END;
  }

  /** Passes over one entry; false at the end. */
  skip(): boolean {
    if (this.atEnd) return false;
    this.at = nextEntry(this.#b, this.at);
    return true;
  }

  skipMany(n: number): boolean {
    for (let i = 0; i < n; i++) if (!this.skip()) return false;
    return true;
  }

  /** The integer here, NaN when it is none. */
  integer(): number {
    if (this.atEnd || !readInteger(this.#b, this.at, number)) return Number.NaN;
    this.at = nextEntry(this.#b, this.at);
    return number.value;
  }
}

/** True when the listpack at b[start] is a node with at least one entry, counted rightly. */
export function isStreamListpack(b: Buffer, start: number): boolean {
  const walk = new Walk(b, start + LISTPACK_HEADER);
  const living = walk.integer();
  const deleted = walk.integer();
  const fields = walk.integer();
  // Not a number fails every comparison.
  if (!(living >= 0 && deleted >= 0 && fields >= 0) || living + deleted === 0) return false;
  if (!walk.skipMany(fields) || walk.integer() !== 0) return false;
  let seenLiving = 0;
  let seenDeleted = 0;
  while (!walk.atEnd) {
    const flags = walk.integer();
    if (Number.isNaN(flags + walk.integer() + walk.integer())) return false;
    let elements = 3;
    if ((flags & EntryFlag.sameFields) !== 0) elements += fields;
    else {
      const own = walk.integer();
      if (!(own >= 0)) return false;
      elements += 1 + 2 * own;
    }
    const texts = (flags & EntryFlag.sameFields) !== 0 ? fields : elements - 4;
    if (!walk.skipMany(texts) || walk.integer() !== elements) return false;
    if ((flags & EntryFlag.deleted) !== 0) seenDeleted++;
    else seenLiving++;
  }
  return seenLiving === living && seenDeleted === deleted;
}
