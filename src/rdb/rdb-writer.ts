// Writes an RDB stream: header, facts, databases, keys, end. What is a part of which key is
// rdb-value-writer.ts's; when which key is written, and from which state of the data, is the caller's.

import type { AccessClock } from '../engine/access-clock.ts';
import type { Records, Ref } from '../engine/record.ts';
import { Opcode } from './rdb-format.ts';
import type { RdbOutput } from './rdb-output.ts';
import { openObject, rdbTypeOf, writeValue } from './rdb-value-writer.ts';

export interface RdbWriterOptions {
  /** 9, 10 or 11. */
  readonly version: number;
  /** Which access clock is saved with each key. */
  readonly clock: 'lru' | 'lfu' | 'none';
  readonly access: AccessClock;
}

/** What is saved of a policy by its name in the configuration. */
export function clockOf(maxmemoryPolicy: string): RdbWriterOptions['clock'] {
  if (maxmemoryPolicy.endsWith('lru')) return 'lru';
  return maxmemoryPolicy.endsWith('lfu') ? 'lfu' : 'none';
}

const NO_DATABASE = -1;

export class RdbWriter {
  readonly out: RdbOutput;
  /** The database that the last key belongs to. */
  db: number = NO_DATABASE;
  readonly #options: RdbWriterOptions;

  constructor(out: RdbOutput, options: RdbWriterOptions) {
    this.out = out;
    this.#options = options;
  }

  get version(): number {
    return this.#options.version;
  }

  header(): void {
    const text = `REDIS${String(this.#options.version).padStart(4, '0')}`;
    this.out.raw(Buffer.from(text, 'latin1'), 0, text.length);
  }

  aux(name: string, value: string): void {
    this.out.byte(Opcode.aux);
    this.out.text(name);
    this.out.text(value);
  }

  /** A writer of the same kind into another output, in no database yet. */
  over(out: RdbOutput): RdbWriter {
    return new RdbWriter(out, this.#options);
  }

  /** What follows belongs to this database; nothing when it does already. */
  selectDb(index: number): void {
    if (this.db === index) return;
    this.db = index;
    this.out.byte(Opcode.selectDb);
    this.out.length(index);
  }

  /** How much of the selected database is to come. */
  resize(keys: number, expiring: number): void {
    this.out.byte(Opcode.resizeDb);
    this.out.length(keys);
    this.out.length(expiring);
  }

  /** A whole key, however large. */
  record(records: Records, ref: Ref): void {
    this.head(records, ref);
    writeWholeValue(this.out, records, ref, this.version);
  }

  /** Everything before the value. */
  head(records: Records, ref: Ref): void {
    const { out } = this;
    const start = records.keyStart(ref);
    this.facts(records.expiry(ref), records.access(ref));
    out.byte(rdbTypeOf(records.kind(ref), records.encoding(ref), this.version));
    out.string(records.keyPage(ref), start, start + records.keyLength(ref));
  }

  /** Expiry and access clock of the key that follows. */
  facts(expiryMs: number, clock: number): void {
    const { out } = this;
    if (expiryMs >= 0) {
      out.byte(Opcode.expiryMs);
      out.milliseconds(expiryMs);
    }
    if (this.#options.clock === 'lru') {
      out.byte(Opcode.idle);
      out.length(this.#options.access.idleSeconds(clock));
    } else if (this.#options.clock === 'lfu') {
      out.byte(Opcode.frequency);
      out.byte(this.#options.access.frequency(clock));
    }
  }

  end(): void {
    this.out.byte(Opcode.end);
    this.out.checksum();
    this.out.flush();
  }
}

/** A value of any size at once, without its type. */
export function writeWholeValue(out: RdbOutput, records: Records, ref: Ref, version: number): void {
  if (!records.isObject(ref)) {
    writeValue(out, records, ref, version);
    return;
  }
  const cursor = openObject(out, records.kind(ref), records.object(ref), version);
  while (!cursor.step(out, Number.POSITIVE_INFINITY));
}
