// A base in the form of commands (aof-use-rdb-preamble no): reads a snapshot's RDB stream and writes what
// rebuilds the same data, 64 elements a command as Redis does. Going through the RDB stream means that
// there is one way to take a snapshot while serving, and none that could differ from it.
//
// Lost on the way, as in Redis: access clocks, when a consumer was last seen, and entries that are
// pending though they are gone from the stream.

import { Int64 } from '../engine/int64.ts';
import { intsetAt, intsetCount } from '../engine/intset.ts';
import { LISTPACK_END, LISTPACK_HEADER, ListpackEntry } from '../engine/listpack.ts';
import { Encoding, Kind } from '../engine/record.ts';
import type { StoredObject } from '../engine/stored-object.ts';
import type { Stream } from '../engine/stream.ts';
import { StreamCursor } from '../engine/stream-cursor.ts';
import type { ConsumerGroup } from '../engine/stream-groups.ts';
import type { RdbEntry, RdbHandler } from '../rdb/rdb-handler.ts';
import { RdbReader, ReadState } from '../rdb/rdb-reader.ts';
import { RdbString } from '../rdb/rdb-source.ts';
import { LONGEST_DOUBLE, writeDouble } from '../util/double.ts';
import { CommandBuffer } from './aof-commands.ts';

const ITEMS_A_COMMAND = 64;

/** Which command adds elements, and how many arguments each is. */
const ADDING: ReadonlyMap<number, readonly [command: string, args: number]> = new Map([
  [Kind.list, ['RPUSH', 1]],
  [Kind.set, ['SADD', 1]],
  [Kind.hash, ['HMSET', 2]],
  [Kind.zset, ['ZADD', 2]],
]);

export class AofBaseEncoder implements RdbHandler {
  readonly #reader: RdbReader = new RdbReader(this, { deep: false, checksum: false });
  readonly #out: CommandBuffer = new CommandBuffer();
  /** Arguments of the command under way. */
  readonly #batch: CommandBuffer = new CommandBuffer();
  #items = 0;
  #db = -1;
  readonly #key: RdbString = new RdbString();
  #expiryMs = -1;
  #kind = 0;
  readonly #first: ListpackEntry = new ListpackEntry();
  readonly #second: ListpackEntry = new ListpackEntry();
  readonly #digits: Buffer = Buffer.allocUnsafeSlow(LONGEST_DOUBLE);
  readonly #integer: Int64 = new Int64();

  /** `timestamp`: seconds, for a file with times. */
  constructor(timestamp: number | undefined) {
    if (timestamp !== undefined) this.#out.raw(`#TS:${timestamp}\r\n`);
  }

  /** The commands of a chunk of the stream; a failure cannot be, since the stream is our own. */
  encode(chunk: Buffer): Buffer {
    const state = this.#reader.feed(chunk);
    if (state === ReadState.failed) throw new Error(this.#reader.failure);
    return this.#out.take();
  }

  aux(): void {}
  resize(): void {}
  skipped(): void {}
  empty(): void {}

  selectDb(index: number): undefined {
    if (index === this.#db) return;
    this.#db = index;
    this.#out.array(2);
    this.#out.words('SELECT', index);
  }

  entry(entry: RdbEntry): undefined {
    const { key } = entry;
    const own = this.#key.room(key.length);
    key.bytes.copy(own, 0, key.start, key.end);
    this.#key.set(own, 0, key.length);
    this.#expiryMs = entry.expiryMs;
  }

  #bulk(value: RdbString | ListpackEntry): void {
    this.#batch.bulk(value.bytes, value.start, value.end);
  }

  /** The arguments in the batch become a command about the key. */
  #emit(words: readonly (string | number)[], args: number): void {
    const out = this.#out;
    out.array(words.length + 1 + args);
    out.word(words[0]);
    out.bulk(this.#key.bytes, this.#key.start, this.#key.end);
    for (let i = 1; i < words.length; i++) out.word(words[i]);
    out.moveFrom(this.#batch);
  }

  #endKey(): void {
    if (this.#expiryMs < 0) return;
    this.#batch.word(this.#expiryMs);
    this.#emit(['PEXPIREAT'], 1);
  }

  /** An element is in the batch. */
  #added(): boolean {
    if (++this.#items === ITEMS_A_COMMAND) this.#flush();
    return true;
  }

  #flush(): void {
    if (this.#items === 0) return;
    const [command, args] = ADDING.get(this.#kind) as readonly [string, number];
    this.#emit([command], this.#items * args);
    this.#items = 0;
  }

  string(value: RdbString): void {
    this.#bulk(value);
    this.#emit(['SET'], 1);
    this.#endKey();
  }

  packed(kind: number, encoding: number, bytes: Buffer, start: number): void {
    this.#kind = kind;
    if (encoding === Encoding.intset) this.#addIntset(bytes, start);
    else if (kind === Kind.hash || kind === Kind.zset) this.#addPairs(bytes, start);
    else this.node(bytes, start);
    this.end();
  }

  #addIntset(bytes: Buffer, start: number): void {
    const count = intsetCount(bytes, start);
    for (let i = 0; i < count; i++) {
      intsetAt(bytes, start, i, this.#integer);
      this.#batch.bulk(this.#digits, 0, this.#integer.write(this.#digits, 0));
      this.#added();
    }
  }

  #addPairs(bytes: Buffer, start: number): void {
    const isSorted = this.#kind === Kind.zset;
    for (let p = start + LISTPACK_HEADER; bytes[p] !== LISTPACK_END; ) {
      p = this.#second.load(bytes, this.#first.load(bytes, p));
      this.#bulk(isSorted ? this.#second : this.#first);
      this.#bulk(isSorted ? this.#first : this.#second);
      this.#added();
    }
  }

  begin(kind: number): void {
    this.#kind = kind;
  }

  element(value: RdbString): boolean {
    this.#bulk(value);
    return this.#added();
  }

  field(name: RdbString, value: RdbString): boolean {
    this.#bulk(name);
    this.#bulk(value);
    return this.#added();
  }

  member(name: RdbString, score: number): boolean {
    this.#batch.bulk(this.#digits, 0, writeDouble(this.#digits, 0, score));
    this.#bulk(name);
    return this.#added();
  }

  node(bytes: Buffer, start: number): void {
    for (let p = start + LISTPACK_HEADER; bytes[p] !== LISTPACK_END; ) {
      p = this.#first.load(bytes, p);
      this.#bulk(this.#first);
      this.#added();
    }
  }

  plainNode(value: RdbString): void {
    this.element(value);
  }

  end(): void {
    this.#flush();
    this.#endKey();
  }

  object(_kind: number, _encoding: number, object: StoredObject): void {
    const stream = object as Stream;
    this.#entries(stream);
    for (const group of stream.groups.sorted()) this.#group(group);
    this.#endKey();
  }

  #entries(stream: Stream): void {
    const cursor = new StreamCursor();
    cursor.open(stream, undefined, undefined);
    while (cursor.next()) {
      const args = cursor.pairs * 2;
      const id = cursor.id.toString();
      for (let i = cursor.pairs; i > 0; i--) {
        cursor.readPair();
        this.#bulk(cursor.field);
        this.#bulk(cursor.value);
      }
      this.#emit(['XADD', id], args);
    }
    // An empty stream exists only when something was added to it.
    if (stream.length === 0) this.#emit(['XADD', 'MAXLEN', 0, '0-1', 'x', 'y'], 0);
    const { lastId, entriesAdded, maxDeletedId } = stream;
    const last = lastId.toString();
    const deleted = maxDeletedId.toString();
    this.#emit(['XSETID', last, 'ENTRIESADDED', entriesAdded, 'MAXDELETEDID', deleted], 0);
  }

  #group(group: ConsumerGroup): void {
    const { name } = group;
    this.#aboutGroup('CREATE', [name, group.lastId.toString(), 'ENTRIESREAD', group.entriesRead]);
    for (const consumer of group.consumers.sorted()) {
      if (consumer.pending.size === 0) this.#aboutGroup('CREATECONSUMER', [name, consumer.name]);
      consumer.pending.visit((entry) => {
        const about = [name, consumer.name, 0, entry.toString(), 'TIME', entry.deliveredMs];
        this.#emit(['XCLAIM', ...about, 'RETRYCOUNT', entry.deliveries, 'JUSTID', 'FORCE'], 0);
      });
    }
  }

  /** XGROUP has its key in the third place. */
  #aboutGroup(subcommand: string, args: readonly (string | number)[]): void {
    const out = this.#out;
    out.array(3 + args.length);
    out.words('XGROUP', subcommand);
    out.bulk(this.#key.bytes, this.#key.start, this.#key.end);
    out.words(...args);
  }
}
