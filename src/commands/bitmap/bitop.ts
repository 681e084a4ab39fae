// BITOP: AND, OR, XOR and NOT of whole strings, a shorter one padded with zeros. Words are combined in
// an aligned result; sources lie at any address and are copied through an aligned window first.

import { keyAt } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Encoding, Kind, NO_EXPIRY } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, isKind, readKey } from '../context.ts';

const WINDOW_BYTES = 64 * 1024;

type BitOperation = 'AND' | 'OR' | 'XOR' | 'NOT';
const operations: readonly BitOperation[] = ['AND', 'OR', 'XOR', 'NOT'];

/** Views of all sources, absent ones empty; undefined after WRONGTYPE. */
function sourcesOf(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
): Buffer[] | undefined {
  const db = session.db;
  for (let i = 3; i < request.count; i++) {
    const ref = readKey(session, request, i);
    if (ref !== 0 && !isKind(session, ref, Kind.string, reply)) return undefined;
  }
  // Only now: a lookup may delete an expired key, and that would end the views taken before.
  const sources: Buffer[] = [];
  for (let i = 3; i < request.count; i++) {
    const ref = db.lookupQuiet(request.buffer, request.starts[i], request.ends[i]);
    const start = ref === 0 ? 0 : db.valueStart(ref);
    sources.push(
      ref === 0 ? Buffer.alloc(0) : db.page(ref).subarray(start, start + db.valueLength(ref)),
    );
  }
  return sources;
}

function combine(operation: BitOperation, sources: readonly Buffer[], length: number): Buffer {
  const room = (length + 3) & ~3;
  const memory = new ArrayBuffer(room);
  const result = Buffer.from(memory);
  const words = new Int32Array(memory);
  sources[0].copy(result);
  if (operation === 'NOT') {
    for (let i = 0; i < words.length; i++) words[i] = ~words[i];
    return result.subarray(0, length);
  }
  const windowMemory = new ArrayBuffer(Math.min(room, WINDOW_BYTES));
  const window = Buffer.from(windowMemory);
  const windowWords = new Int32Array(windowMemory);
  for (let s = 1; s < sources.length; s++) {
    for (let at = 0; at < room; at += WINDOW_BYTES) {
      const copied = at < sources[s].length ? sources[s].copy(window, 0, at) : 0;
      window.fill(0, copied);
      const count = Math.min(windowWords.length, (room - at) >>> 2);
      combineWords(operation, words, at >>> 2, windowWords, count);
    }
  }
  return result.subarray(0, length);
}

function combineWords(
  operation: BitOperation,
  words: Int32Array,
  from: number,
  others: Int32Array,
  count: number,
): void {
  if (operation === 'AND') for (let i = 0; i < count; i++) words[from + i] &= others[i];
  else if (operation === 'OR') for (let i = 0; i < count; i++) words[from + i] |= others[i];
  else for (let i = 0; i < count; i++) words[from + i] ^= others[i];
}

export const bitop: DataCommand = {
  name: 'bitop',
  summary: 'Combines strings bit by bit and stores the result.',
  since: '2.6.0',
  group: 'bitmap',
  complexity: 'O(N) with N being the length of all strings',
  arity: -4,
  flags: ['write', 'denyoom'],
  categories: ['bitmap'],
  keys: [
    keyAt(2, 'OW', 'update'),
    { flags: ['RO', 'access'], begin: { index: 3 }, find: { last: -1, step: 1, limit: 0 } },
  ],
  syntax: 'operation=<AND|OR|XOR|NOT> destkey:key key#1...',
  run(session, request, reply) {
    const operation = operations.find((name) => request.is(1, name));
    if (operation === undefined) return reply.error(errors.syntax);
    if (operation === 'NOT' && request.count !== 4) return reply.error(errors.bitopNot);
    const sources = sourcesOf(session, request, reply);
    if (sources === undefined) return;
    const length = sources.reduce((longest, source) => Math.max(longest, source.length), 0);
    const db = session.db;
    const { buffer, starts, ends } = request;
    // The target may be one of the sources: their views end here, the result is a buffer of its own.
    if (length > 0) {
      const result = combine(operation, sources, length);
      db.setString(buffer, starts[2], ends[2], result, 0, length, Encoding.raw, NO_EXPIRY);
      changedKey(session, request, 2, NotifyClass.string, 'set');
    } else if (db.delete(buffer, starts[2], ends[2])) {
      changedKey(session, request, 2, NotifyClass.generic, 'del');
    }
    reply.integer(length);
  },
};
