// Takes the commands out of the bytes of an append-only file: a push parser, like the reader of requests,
// but for a file, where lines that begin with '#' are annotations, nothing may stand between commands,
// and every byte has a position that a message can name. It runs nothing.
//
// Stricter than Redis's loader in one thing: a line feed alone ends no line, and what follows an argument
// must be a line end, since anything else is damage that would be executed as if it were data.

/** What `next` found. */
export const Found = { command: 0, annotation: 1, more: 2, damage: 3 } as const;

const ASTERISK = 42;
const DOLLAR = 36;
const HASH = 35;
const CR = 13;
const LF = 10;

const FIRST_ROOM = 256 * 1024;
/** Longest line: an annotation, or a number. */
const LONGEST_LINE = 1024;
/** Offsets are int32. */
const LONGEST_COMMAND = 2 ** 31 - 1;
const FIRST_ARGUMENTS = 16;

/** One command where it lies: argument i is buffer[starts[i]..ends[i]), the whole buffer[start..end). */
export class AofCommand {
  buffer: Buffer = Buffer.alloc(0);
  count = 0;
  starts: Int32Array = new Int32Array(FIRST_ARGUMENTS);
  ends: Int32Array = new Int32Array(FIRST_ARGUMENTS);
  start = 0;
  end = 0;

  grow(): void {
    const { starts, ends } = this;
    this.starts = new Int32Array(starts.length * 2);
    this.starts.set(starts);
    this.ends = new Int32Array(starts.length * 2);
    this.ends.set(ends);
  }

  /** Whether the first argument is this word, whatever its case. */
  isNamed(upperCase: string): boolean {
    const start = this.starts[0];
    if (this.ends[0] - start !== upperCase.length) return false;
    for (let i = 0; i < upperCase.length; i++) {
      if ((this.buffer[start + i] & 0xdf) !== upperCase.charCodeAt(i)) return false;
    }
    return true;
  }
}

export class AofReader {
  /** The latest one found: a view until the next call of `space`. */
  readonly command: AofCommand = new AofCommand();
  /** The latest annotation, without '#' and line end. */
  annotation = '';
  /** After `damage`: what was expected where. */
  reason = '';
  #buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
  #end = 0;
  /** Where the item under way begins, and how far it is understood. */
  #itemStart = 0;
  #at = 0;
  /** Position in the file of #buffer[0]. */
  #base: number;
  /** Arguments of the command under way; 0 between items. */
  #announced = 0;
  /** Of the argument under way, -1 before its header. */
  #length = -1;
  #lines = 0;

  /** `position`: of the first byte that will come. */
  constructor(position = 0) {
    this.#base = position;
  }

  /** Position behind the last whole item. */
  get position(): number {
    return this.#base + this.#itemStart;
  }

  /** How far the bytes are understood: of damage, where it is. */
  get understood(): number {
    return this.#base + this.#at;
  }

  /** Line ends passed so far, as redis-check-aof counts them. */
  get lines(): number {
    return this.#lines;
  }

  /** Bytes of an item that is not complete. */
  get pendingBytes(): number {
    return this.#end - this.#itemStart;
  }

  /** Room for the bytes that come next; `filled` says how many came. Views are gone. */
  space(): Buffer {
    const from = this.#itemStart;
    if (from > 0) {
      this.#buffer.copyWithin(0, from, this.#end);
      this.#end -= from;
      this.#at -= from;
      this.#base += from;
      this.#itemStart = 0;
      const { command } = this;
      const count = this.#announced > 0 ? command.count : 0;
      for (let i = 0; i < count; i++) {
        command.starts[i] -= from;
        command.ends[i] -= from;
      }
    }
    if (this.#end * 2 > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(LONGEST_COMMAND, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#end);
      this.#buffer = larger;
    }
    return this.#buffer.subarray(this.#end);
  }

  filled(bytes: number): void {
    this.#end += bytes;
  }

  /** The next item of the bytes that are there. */
  next(): number {
    if (this.#announced === 0) {
      if (this.#at === this.#end) return Found.more;
      const first = this.#buffer[this.#at];
      if (first === HASH) return this.#annotation();
      if (first !== ASTERISK) return this.#damage(`'*' or '#' expected`);
      const count = this.#number(ASTERISK);
      if (count < 0) return count === MISSING ? Found.more : Found.damage;
      if (count === 0) return this.#damage('a command without arguments');
      this.#announced = count;
      this.command.count = 0;
    }
    return this.#arguments();
  }

  #arguments(): number {
    const { command } = this;
    const b = this.#buffer;
    while (command.count < this.#announced) {
      if (this.#length < 0) {
        const length = this.#number(DOLLAR);
        if (length < 0) return length === MISSING ? Found.more : Found.damage;
        this.#length = length;
      }
      const length = this.#length;
      const start = this.#at;
      const end = start + length;
      if (end + 2 > this.#end) {
        if (end + 2 - this.#itemStart > LONGEST_COMMAND) {
          return this.#damage(`an argument of ${length} bytes is too long`);
        }
        return Found.more;
      }
      if (b[end] !== CR || b[end + 1] !== LF) {
        this.#at = end;
        return this.#damage('a line end expected');
      }
      if (command.count === command.starts.length) command.grow();
      command.starts[command.count] = start;
      command.ends[command.count] = end;
      command.count++;
      this.#at = end + 2;
      this.#lines++;
      this.#length = -1;
    }
    command.buffer = b;
    command.start = this.#itemStart;
    command.end = this.#at;
    this.#itemStart = this.#at;
    this.#announced = 0;
    return Found.command;
  }

  /** The number in the line at #at, which must begin with `mark`; moves behind it. */
  #number(mark: number): number {
    const b = this.#buffer;
    const end = this.#end;
    let at = this.#at;
    if (at === end) return MISSING;
    if (b[at] !== mark) return this.#wrong(`'${String.fromCharCode(mark)}' expected`);
    let value = 0;
    let digits = 0;
    for (at++; at < end && b[at] !== CR; at++) {
      const digit = b[at] - 48;
      if (digit < 0 || digit > 9 || ++digits > MOST_DIGITS) return this.#wrong('a number expected');
      value = value * 10 + digit;
    }
    if (at + 1 >= end) return MISSING;
    if (digits === 0) return this.#wrong('a number expected');
    if (b[at + 1] !== LF) return this.#wrong('a line end expected');
    this.#at = at + 2;
    this.#lines++;
    return value;
  }

  #annotation(): number {
    const feed = this.#buffer.subarray(this.#at, this.#end).indexOf(LF);
    const length = feed < 0 ? this.#end - this.#at : feed;
    if (length > LONGEST_LINE) return this.#damage('an annotation is too long');
    if (feed < 0) return Found.more;
    const end = this.#at + feed;
    const isCrLf = this.#buffer[end - 1] === CR;
    this.annotation = this.#buffer.toString('latin1', this.#at + 1, isCrLf ? end - 1 : end);
    this.#at = end + 1;
    this.#itemStart = this.#at;
    return Found.annotation;
  }

  #wrong(reason: string): number {
    this.reason = reason;
    return WRONG;
  }

  #damage(reason: string): number {
    this.reason = reason;
    return Found.damage;
  }
}

/** No number: it has not arrived as a whole, or it is none. */
const MISSING = -1;
const WRONG = -2;
/** Up to 10^15 a double is exact; no file has a longer argument. */
const MOST_DIGITS = 15;
