// What happened in a run, line by line, in order: virtual time, node, text. Two runs of one seed are
// equal when their traces are; the digest tells so without keeping every line.

/** FNV-1a, 32 bits, twice with different starts: equal runs are compared, nobody attacks this. */
const PRIME = 0x01000193;

export interface TraceLine {
  /** Microseconds of virtual time. */
  readonly atUs: number;
  /** A node's name, or 'world' for what the simulation does. */
  readonly who: string;
  readonly text: string;
}

export class Trace {
  /** The latest lines, at most `kept`. */
  readonly lines: TraceLine[] = [];
  count = 0;
  readonly #kept: number;
  #a = 0x811c9dc5 | 0;
  #b = 0x01234567;

  constructor(kept: number) {
    this.#kept = kept;
  }

  add(atUs: number, who: string, text: string): void {
    this.count++;
    this.#take(`${atUs} ${who} ${text}\n`);
    if (this.#kept === 0) return;
    // Cut in bulk: shifting one line for each that comes would cost as much as the lines.
    if (this.lines.length >= 2 * this.#kept) this.lines.splice(0, this.#kept);
    this.lines.push({ atUs, who, text });
  }

  /** 16 hexadecimal digits over all lines so far. */
  get digest(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #take(text: string): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      a = Math.imul(a ^ code, PRIME);
      b = Math.imul(b ^ code, PRIME) ^ (b >>> 13);
    }
    this.#a = a;
    this.#b = b;
  }
}

/** A line as people read it: seconds with milliseconds, the node in a column of its own. */
export function lineText({ atUs, who, text }: TraceLine): string {
  return `${(atUs / 1_000_000).toFixed(3).padStart(9)}  ${who.padEnd(11)} ${text}`;
}
