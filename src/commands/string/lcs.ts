// LCS: the longest common subsequence of two strings, its length, or where its parts lie.
//
// Redis fills a table of alen x blen 32-bit lengths. Here a row is a bit vector over the second
// string (Hyyro 2004): a zero bit where the length grows by one from the column before. A row
// follows from the one before in one addition a word, 32 cells at a time, and the bit alone decides
// the way back: in a cell whose bytes differ, a grown length can only have come from above. So the
// 128 million cells that the default limit allows take some 30 ms and 16 MB instead of a second and
// 512 MB. The limit is Redis's own all the same: what it refuses, we refuse.

import { keyAt } from '../../dispatch/command.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { type DataCommand, type DataSession, readKey } from '../context.ts';

/** More words than this are not tried, whatever proto-max-bulk-len says: 1 GiB. */
const MAX_TABLE_WORDS = 2 ** 28;
const BYTES_PER_CELL = 4;

interface LcsOptions {
  readonly length: boolean;
  readonly indexes: boolean;
  readonly withLengths: boolean;
  readonly minimum: number;
}

/** The bit vectors of all rows, or of the last one only when nobody goes back. */
interface LcsTable {
  readonly words: number;
  readonly rows: Uint32Array;
  readonly length: number;
}

function parseOptions(request: Request, reply: ReplyWriter): LcsOptions | undefined {
  let length = false;
  let indexes = false;
  let withLengths = false;
  let minimum = 0;
  for (let i = 3; i < request.count; i++) {
    if (request.is(i, 'IDX')) indexes = true;
    else if (request.is(i, 'LEN')) length = true;
    else if (request.is(i, 'WITHMATCHLEN')) withLengths = true;
    else if (request.is(i, 'MINMATCHLEN') && i + 1 < request.count) {
      const value = request.integer(++i);
      if (Number.isNaN(value)) {
        reply.error(errors.notInteger);
        return undefined;
      }
      minimum = Math.max(0, value);
    } else {
      reply.error(errors.syntax);
      return undefined;
    }
  }
  if (length && indexes) {
    reply.error(errors.lcsLengthAndIndexes);
    return undefined;
  }
  return { length, indexes, withLengths, minimum };
}

/** A view of the string at argument `i`, empty when absent; undefined when it is no string. */
function stringAt(session: DataSession, request: Request, i: number): Buffer | undefined {
  const db = session.db;
  const ref = db.lookupQuiet(request.buffer, request.starts[i], request.ends[i]);
  if (ref === 0) return Buffer.alloc(0);
  if (db.kind(ref) !== Kind.string) return undefined;
  const start = db.valueStart(ref);
  return db.page(ref).subarray(start, start + db.valueLength(ref));
}

/** For every byte that occurs in `a`, the positions in `b` that hold it, as bits. */
function positionsInB(a: Buffer, b: Buffer, words: number): (Uint32Array | undefined)[] {
  const positions = new Array<Uint32Array | undefined>(256).fill(undefined);
  for (const byte of a) positions[byte] ??= new Uint32Array(words);
  for (let j = 0; j < b.length; j++) {
    const bits = positions[b[j]];
    if (bits !== undefined) bits[j >>> 5] |= 1 << (j & 31);
  }
  return positions;
}

function buildTable(a: Buffer, b: Buffer, keepRows: boolean): LcsTable {
  const words = (b.length + 31) >>> 5;
  const positions = positionsInB(a, b, words);
  // Row 0 stands before the first byte of `a`: nothing grows, all bits are set.
  const rows = new Uint32Array(words * (keepRows ? a.length + 1 : 1)).fill(0xffffffff, 0, words);
  let above = 0;
  for (let i = 0; i < a.length; i++) {
    const row = keepRows ? above + words : above;
    const matches = positions[a[i]] as Uint32Array;
    let carry = 0;
    for (let w = 0; w < words; w++) {
      const bits = rows[above + w];
      const hits = bits & matches[w];
      const sum = bits + (hits >>> 0) + carry;
      carry = sum > 0xffffffff ? 1 : 0;
      rows[row + w] = sum | (bits & ~hits);
    }
    above = row;
  }
  let length = 0;
  for (let j = 0; j < b.length; j++) {
    if ((rows[above + (j >>> 5)] & (1 << (j & 31))) === 0) length++;
  }
  return { words, rows, length };
}

/** Walks from the end of both strings to their beginning, telling each pair of equal bytes. */
class LcsPath {
  readonly #a: Buffer;
  readonly #b: Buffer;
  readonly #table: LcsTable;
  i: number;
  j: number;

  constructor(a: Buffer, b: Buffer, table: LcsTable) {
    this.#a = a;
    this.#b = b;
    this.#table = table;
    this.i = a.length;
    this.j = b.length;
  }

  /** One step; true when it went over a pair, which then lies at (i, j). */
  step(): boolean {
    if (this.#a[this.i - 1] === this.#b[this.j - 1]) {
      this.i--;
      this.j--;
      return true;
    }
    const { words, rows } = this.#table;
    const column = this.j - 1;
    const grown = (rows[this.i * words + (column >>> 5)] & (1 << (column & 31))) === 0;
    if (grown) this.i--;
    else this.j--;
    return false;
  }
}

function replySequence(a: Buffer, b: Buffer, table: LcsTable, reply: ReplyWriter): void {
  const result = Buffer.allocUnsafe(table.length);
  const path = new LcsPath(a, b, table);
  for (let at = table.length; path.i > 0 && path.j > 0; ) {
    if (path.step()) result[--at] = a[path.i];
  }
  reply.bulk(result);
}

/** Matches come last first, as the way back finds them. */
function replyMatches(
  a: Buffer,
  b: Buffer,
  table: LcsTable,
  options: LcsOptions,
  reply: ReplyWriter,
): void {
  reply.map(2);
  reply.text('matches');
  const mark = reply.deferred();
  let count = 0;
  const emit = (aStart: number, bStart: number, length: number): void => {
    if (length === 0 || (options.minimum > 0 && length < options.minimum)) return;
    count++;
    reply.array(options.withLengths ? 3 : 2);
    for (const start of [aStart, bStart]) {
      reply.array(2);
      reply.integer(start);
      reply.integer(start + length - 1);
    }
    if (options.withLengths) reply.integer(length);
  };
  const path = new LcsPath(a, b, table);
  let run = 0;
  while (path.i > 0 && path.j > 0) {
    const { i, j } = path;
    if (path.step()) run++;
    else {
      emit(i, j, run);
      run = 0;
    }
  }
  emit(path.i, path.j, run);
  reply.finishArray(mark, count);
  reply.text('len');
  reply.integer(table.length);
}

export const lcs: DataCommand = {
  name: 'lcs',
  summary: 'Finds the longest common subsequence of two strings.',
  since: '7.0.0',
  group: 'string',
  complexity: 'O(N*M) with N and M being the lengths of the strings',
  arity: -3,
  flags: ['readonly'],
  categories: ['string'],
  keys: [{ ...keyAt(1, 'RO', 'access'), find: { last: 1, step: 1, limit: 0 } }],
  syntax: 'key1:key key2:key [LEN] [IDX] [MINMATCHLEN min-match-len:integer] [WITHMATCHLEN]',
  run(session, request, reply) {
    // Both are looked up before either is used: a lookup may delete, and that ends views.
    readKey(session, request, 1);
    readKey(session, request, 2);
    const a = stringAt(session, request, 1);
    const b = stringAt(session, request, 2);
    if (a === undefined || b === undefined) return reply.error(errors.lcsNotStrings);
    const options = parseOptions(request, reply);
    if (options === undefined) return;
    const cells = (a.length + 1) * (b.length + 1);
    if (cells * BYTES_PER_CELL > session.server.settings.protoMaxBulkLen) {
      return reply.error(errors.lcsTooLarge);
    }
    const words = (b.length + 31) >>> 5;
    if (words * (options.length ? 256 : a.length + 257) > MAX_TABLE_WORDS) {
      return reply.error(errors.lcsNoMemory);
    }
    const table = buildTable(a, b, !options.length);
    if (options.indexes) replyMatches(a, b, table, options, reply);
    else if (options.length) reply.integer(table.length);
    else replySequence(a, b, table, reply);
  },
};
