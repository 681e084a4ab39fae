// A push parser of RDB files and of the snapshots that masters send: chunks in, events out. It knows no
// file and no socket, waits for nothing, and holds no more than one item beyond what it was given.
//
// Layout (rdb.c): "REDIS" or "VALKEY" and a version, then opcodes with what belongs to them and keys with
// type and value, an end mark, and from version 5 on a CRC-64 of everything before (zero: none).

import { Crc64 } from '../util/crc64.ts';
import { NEWEST_VERSION, OLDEST_VERSION, Opcode, RdbType, VALKEY_VERSION } from './rdb-format.ts';
import type { RdbEntry, RdbHandler } from './rdb-handler.ts';
import { NONE, RdbSource, RdbString } from './rdb-source.ts';
import { RdbValueReader } from './rdb-value-reader.ts';

/** What `feed` answers: more is needed, all has been read, or the stream is damaged. */
export const ReadState = { more: 0, done: 1, failed: 2 } as const;

export interface RdbReaderOptions {
  /** Packed values are searched for duplicates too (sanitize-dump-payload). */
  readonly deep: boolean;
  /** Whether the checksum is computed and compared. */
  readonly checksum: boolean;
}

const HEADER_BYTES = 9;
const NO_EXPIRY = -1;
const NOT_TOLD = -1;
const FIRST_WITH_CHECKSUM = 5;
/** Bytes taken into the checksum at a time: enough to make it fast, few enough to be in the nearest cache still. */
const SUMMED_BYTES = 4096;

const At = { header: 0, opcode: 1, value: 2, moduleAux: 3, checksum: 4, done: 5 } as const;

/** The pieces of a module's data. */
const Piece = { end: 0, signed: 1, unsigned: 2, float: 3, double: 4, string: 5 } as const;

class Entry implements RdbEntry {
  db = 0;
  readonly key: RdbString = new RdbString();
  expiryMs = NO_EXPIRY;
  idleSeconds = NOT_TOLD;
  frequency = NOT_TOLD;

  forget(): void {
    this.expiryMs = NO_EXPIRY;
    this.idleSeconds = NOT_TOLD;
    this.frequency = NOT_TOLD;
  }
}

export class RdbReader {
  /** As the header says; Valkey's own versions are 80 and up. */
  version = 0;
  readonly #source: RdbSource = new RdbSource();
  readonly #handler: RdbHandler;
  readonly #values: RdbValueReader;
  readonly #options: RdbReaderOptions;
  readonly #crc: Crc64 = new Crc64();
  readonly #entry: Entry = new Entry();
  readonly #name: RdbString = new RdbString();
  readonly #text: RdbString = new RdbString();
  readonly #number = { value: 0 };
  #at: number = At.header;
  #inKey = false;
  /** Place in the source's buffer up to which the checksum has come. */
  #summed = 0;

  constructor(handler: RdbHandler, options: RdbReaderOptions) {
    this.#handler = handler;
    this.#options = options;
    this.#values = new RdbValueReader(this.#source, handler, options.deep);
  }

  /** Why the stream cannot be read; undefined while it can. */
  get failure(): string | undefined {
    return this.#source.failure;
  }

  /** Bytes read; of a failure: where it is. */
  get offset(): number {
    return this.#source.offset;
  }

  /** What was being read, for messages. */
  get context(): string {
    const { key, db } = this.#entry;
    if (!this.#inKey) return 'between keys';
    return `key '${key.text().slice(0, 128)}' in DB ${db}`;
  }

  get heldBytes(): number {
    return this.#source.heldBytes;
  }

  /** Whether the bytes lie in the input, and stay until it is fed again. */
  isLent(bytes: Buffer): boolean {
    return bytes === this.#source.buffer;
  }

  /** Bytes behind the end of the stream in the last chunk. */
  get bytesLeft(): number {
    return this.#source.end - this.#source.at;
  }

  /** Takes a chunk, which may be used again when this returns. */
  feed(chunk: Buffer): number {
    const source = this.#source;
    source.feed(chunk);
    this.#summed = source.at;
    while (this.#at !== At.done) {
      const isWhole = this.#step();
      if (source.failure !== undefined) return ReadState.failed;
      if (!isWhole) {
        // Whatever part of a value was taken for good counts for the checksum too.
        source.rollback();
        this.#sum();
        source.release();
        return ReadState.more;
      }
      source.commit();
      if (this.#at === At.checksum || source.at - this.#summed >= SUMMED_BYTES) this.#sum();
    }
    return ReadState.done;
  }

  /** Takes what was read since the last time into the checksum, at which everything is at an end. */
  #sum(): void {
    const { buffer, at } = this.#source;
    if (this.#options.checksum) this.#crc.update(buffer, this.#summed, at);
    this.#summed = at;
  }

  /** Reads one item; false when it has not arrived as a whole, or cannot be read. */
  #step(): boolean {
    switch (this.#at) {
      case At.opcode:
        return this.#opcode();
      case At.value:
        if (!this.#values.step()) return false;
        this.#endKey();
        return true;
      case At.header:
        return this.#header();
      case At.moduleAux:
        return this.#modulePiece();
      default:
        return this.#checksum();
    }
  }

  #header(): boolean {
    const source = this.#source;
    if (!source.has(HEADER_BYTES)) return false;
    const text = source.buffer.toString('latin1', source.at, source.at + HEADER_BYTES);
    const match = /^(?:REDIS(\d{4})|VALKEY(\d{3}))$/.exec(text);
    if (match === null) return this.#refuse('Wrong signature trying to load DB from file');
    const isValkey = match[2] !== undefined;
    const version = Number(match[1] ?? match[2]);
    const isKnown = isValkey
      ? version === VALKEY_VERSION
      : version >= OLDEST_VERSION && version <= NEWEST_VERSION;
    if (!isKnown) return this.#refuse(`Can't handle RDB format version ${version}`);
    this.version = version;
    source.at += HEADER_BYTES;
    this.#at = At.opcode;
    return true;
  }

  #refuse(reason: string): boolean {
    this.#source.fail(reason);
    return false;
  }

  #opcode(): boolean {
    const source = this.#source;
    const code = source.byte();
    if (code === NONE) return false;
    if (code < Opcode.slotInfo) return this.#key(code);
    switch (code) {
      case Opcode.expiryMs:
        if (!source.int64(this.#number)) return false;
        this.#entry.expiryMs = this.#number.value;
        return true;
      case Opcode.expirySeconds:
        if (!source.has(4)) return false;
        this.#entry.expiryMs = source.buffer.readInt32LE(source.at) * 1000;
        source.at += 4;
        return true;
      case Opcode.frequency: {
        const counter = source.byte();
        if (counter === NONE) return false;
        this.#entry.frequency = counter;
        return true;
      }
      case Opcode.idle: {
        const seconds = source.count();
        if (seconds === NONE) return false;
        this.#entry.idleSeconds = seconds;
        return true;
      }
      case Opcode.end:
        this.#at = this.version >= FIRST_WITH_CHECKSUM ? At.checksum : At.done;
        return true;
      default:
        return this.#fact(code);
    }
  }

  /** What concerns no key. */
  #fact(code: number): boolean {
    const source = this.#source;
    switch (code) {
      case Opcode.selectDb: {
        const db = source.count();
        if (db === NONE) return false;
        this.#entry.db = db;
        const reason = this.#handler.selectDb(db);
        return reason === undefined || this.#refuse(reason);
      }
      case Opcode.resizeDb: {
        const keys = source.count();
        const expiring = keys === NONE ? NONE : source.count();
        if (expiring === NONE) return false;
        this.#handler.resize(keys, expiring);
        return true;
      }
      case Opcode.aux:
        if (!source.string(this.#name) || !source.string(this.#text)) return false;
        this.#handler.aux(this.#name.text(), this.#text);
        return true;
      case Opcode.function:
        if (!source.string(this.#text)) return false;
        this.#handler.skipped(functionName(this.#text));
        return true;
      case Opcode.functionPreRelease:
        return this.#refuse('Pre-release function format not supported');
      case Opcode.moduleAux:
        return this.#moduleHead();
      default:
        // A hint of the cluster: slot, keys in it, expiring ones.
        return source.count() !== NONE && source.count() !== NONE && source.count() !== NONE;
    }
  }

  #moduleHead(): boolean {
    const source = this.#source;
    if (source.count() === NONE) return false;
    const name = moduleName(source.lengthHigh, source.lengthLow);
    // When it was saved: as a piece of its own kind, before or after the keys.
    if (source.count() === NONE || source.count() === NONE) return false;
    this.#handler.skipped(`data of module '${name}'`);
    this.#at = At.moduleAux;
    return true;
  }

  #modulePiece(): boolean {
    const source = this.#source;
    const piece = source.count();
    switch (piece) {
      case NONE:
        return false;
      case Piece.end:
        this.#at = At.opcode;
        return true;
      case Piece.signed:
      case Piece.unsigned:
        return source.count() !== NONE;
      case Piece.float:
      case Piece.double: {
        const bytes = piece === Piece.float ? 4 : 8;
        if (!source.has(bytes)) return false;
        source.at += bytes;
        return true;
      }
      case Piece.string:
        return source.string(this.#text);
      default:
        return this.#refuse(`unknown piece ${piece} in data of a module`);
    }
  }

  #key(type: number): boolean {
    const source = this.#source;
    const entry = this.#entry;
    if (!source.string(entry.key)) return false;
    this.#inKey = true;
    if (!this.#values.begin(type)) return false;
    // A string is there as a whole or not at all; only then is nothing copied.
    if (type === RdbType.string) {
      const reason = this.#stringEntry();
      if (reason === MISSING) return false;
      return reason === undefined || this.#refuse(reason);
    }
    const { key } = entry;
    const size = key.length;
    const own = key.room(size);
    if (key.bytes !== own) key.bytes.copy(own, 0, key.start, key.end);
    key.set(own, 0, size);
    const reason = this.#handler.entry(entry);
    this.#at = At.value;
    return reason === undefined || this.#refuse(reason);
  }

  /** Announces a key only when its value has arrived; MISSING until then. */
  #stringEntry(): string | undefined {
    if (!this.#source.string(this.#text)) return MISSING;
    const handler = this.#handler;
    if (handler.stringEntry !== undefined) {
      const reason = handler.stringEntry(this.#entry, this.#text);
      if (reason !== undefined) return reason;
    } else {
      const reason = handler.entry(this.#entry);
      if (reason !== undefined) return reason;
      handler.string(this.#text);
    }
    this.#endKey();
    return undefined;
  }

  #endKey(): void {
    this.#inKey = false;
    this.#entry.forget();
    this.#at = At.opcode;
  }

  #checksum(): boolean {
    const source = this.#source;
    if (!source.has(8)) return false;
    const { buffer, at } = source;
    const isNone = buffer.readInt32LE(at) === 0 && buffer.readInt32LE(at + 4) === 0;
    if (this.#options.checksum && !isNone && !this.#crc.equals(buffer, at)) {
      const wanted = this.#crc.value.toString(16);
      const found = buffer.readBigUInt64LE(at).toString(16);
      return this.#refuse(
        `Wrong RDB checksum expected: (${wanted}) but got (${found}). Aborting now. RDB CRC error`,
      );
    }
    source.at += 8;
    this.#at = At.done;
    return true;
  }
}

const MISSING = '';

/** `#!lua name=mylib` begins a library. */
function functionName(code: RdbString): string {
  const name = /name=(\S+)/.exec(
    code.bytes.toString('latin1', code.start, code.end).split('\n')[0],
  );
  return `the function library '${name?.[1] ?? ''}'`;
}

const MODULE_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Nine letters of six bits each, and ten bits of version. */
function moduleName(high: number, low: number): string {
  let id = ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) >> 10n;
  let name = '';
  for (let i = 0; i < 9; i++) {
    name = MODULE_LETTERS[Number(id & 63n)] + name;
    id >>= 6n;
  }
  return name;
}
