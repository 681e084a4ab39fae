// `--check-rdb FILE`: reads a whole RDB file without keeping anything of it and says what it holds, or
// where and why it is damaged. The lines are redis-check-rdb's.

import type { Clock } from '../env/clock.ts';
import type { Files } from '../env/files.ts';
import type { RdbEntry, RdbHandler } from '../rdb/rdb-handler.ts';
import { RdbReader, ReadState } from '../rdb/rdb-reader.ts';
import type { RdbString } from '../rdb/rdb-source.ts';

const CHUNK_BYTES = 1 << 20;

export interface RdbReport {
  readonly isGood: boolean;
  readonly lines: readonly string[];
  /** Bytes up to the end of the RDB: an old append-only file has commands behind it. */
  readonly endOffset: number;
}

/** Counts keys; takes every element for a new one, since it remembers none. */
class Counter implements RdbHandler {
  keys = 0;
  expires = 0;
  expired = 0;
  readonly lines: string[] = [];
  readonly #nowMs: number;
  readonly #offset: () => number;

  constructor(nowMs: number, offset: () => number) {
    this.#nowMs = nowMs;
    this.#offset = offset;
  }

  say(text: string): void {
    this.lines.push(`[offset ${this.#offset()}] ${text}`);
  }

  aux(name: string, value: RdbString): void {
    this.say(`AUX FIELD ${name} = '${value.text()}'`);
  }

  selectDb(index: number): undefined {
    this.say(`Selecting DB ID ${index}`);
  }

  skipped(what: string): void {
    this.say(`Passing over ${what}`);
  }

  entry({ expiryMs }: RdbEntry): undefined {
    this.keys++;
    if (expiryMs < 0) return;
    this.expires++;
    if (expiryMs < this.#nowMs) this.expired++;
  }

  element(): boolean {
    return true;
  }

  field(): boolean {
    return true;
  }

  member(): boolean {
    return true;
  }

  resize(): void {}
  string(): void {}
  packed(): void {}
  begin(): void {}
  node(): void {}
  plainNode(): void {}
  end(): void {}
  object(): void {}
  empty(): void {}
}

/** Reads the file at `path`. Throws a FileError when it cannot be opened or read. */
export function checkRdbFile(files: Files, clock: Clock, path: string): RdbReport {
  const handle = files.open(path, 'read');
  const counter = new Counter(clock.wallMs(), () => reader.offset);
  const reader: RdbReader = new RdbReader(counter, { deep: true, checksum: true });
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  counter.say(`Checking RDB file ${path}`);
  let state: number = ReadState.more;
  try {
    while (state === ReadState.more) {
      const count = handle.readNow(chunk);
      if (count === 0) break;
      state = reader.feed(chunk.subarray(0, count));
    }
  } finally {
    handle.close();
  }
  const isGood = state === ReadState.done;
  if (isGood) {
    counter.say('Checksum OK');
    counter.say('\\o/ RDB looks OK! \\o/');
  } else {
    counter.lines.push('--- RDB ERROR DETECTED ---');
    counter.say(reader.failure ?? 'Unexpected EOF reading RDB file');
    counter.lines.push(`[additional info] While reading ${reader.context}`);
  }
  const { keys, expires, expired } = counter;
  const figures = [`${keys} keys read`, `${expires} expires`, `${expired} already expired`];
  return {
    isGood,
    endOffset: reader.offset,
    lines: [...counter.lines, ...figures.map((figure) => `[info] ${figure}`)],
  };
}
