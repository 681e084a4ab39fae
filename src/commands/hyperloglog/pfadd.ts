// PFADD, PFCOUNT, PFMERGE: counting distinct elements in at most 12 KiB.

import { key, keyAt } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, readKey, writeKey } from '../context.ts';
import { elementRun, INDEX_BITS } from './element-hash.ts';
import { denseHistogram, estimate, registerHistogram, sparseHistogram } from './estimate.ts';
import {
  cacheCardinality,
  cachedCardinality,
  DENSE,
  encodingAt,
  isStale,
  REGISTERS,
} from './hll-format.ts';
import { HllEditor, isHllAt, mergeInto } from './hll-value.ts';

/** No keyspace event goes with the change of a cached cardinality. */
const NO_EVENT = 0;

export const pfadd: DataCommand = {
  name: 'pfadd',
  summary: 'Adds elements to a HyperLogLog, which is created when absent.',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity: 'O(1) for each element',
  arity: -2,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['hyperloglog'],
  keys: key('RW', 'insert'),
  syntax: 'key [element...]',
  run(session, request, reply) {
    const ref = writeKey(session, request, 1);
    if (ref !== 0 && !isHllAt(session, ref, reply)) return;
    const editor = new HllEditor(session, ref);
    let changes = ref === 0 ? 1 : 0;
    for (let i = 2; i < request.count; i++) {
      const run = elementRun(request.buffer, request.starts[i], request.ends[i]);
      if (editor.raise(run & (REGISTERS - 1), run >>> INDEX_BITS)) changes++;
      // Nothing of a sparse form is stored until all is well; a dense one cannot be corrupt.
      if (editor.isCorrupt) return reply.error(errors.hllCorrupted);
    }
    if (changes === 0) return reply.integer(0);
    editor.markStale();
    editor.store(session, request, 1);
    changedKey(session, request, 1, NotifyClass.string, 'pfadd', changes);
    reply.integer(1);
  },
};

/** The registers of all keys from argument 1 on, merged; undefined after an error reply. */
function mergeAll(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
): { registers: Uint8Array; hasDense: boolean } | undefined {
  // A byte a register while merging: unpacked once, compared without shifts.
  const registers = new Uint8Array(REGISTERS);
  let hasDense = false;
  for (let i = 1; i < request.count; i++) {
    const ref = readKey(session, request, i);
    if (ref === 0) continue;
    if (!isHllAt(session, ref, reply)) return undefined;
    if (encodingAt(session.db.page(ref), session.db.valueStart(ref)) === DENSE) hasDense = true;
    if (mergeInto(session, ref, registers)) continue;
    reply.error(errors.hllCorrupted);
    return undefined;
  }
  return { registers, hasDense };
}

/** One key: the cardinality in its header, computed anew and kept there when it is out of date. */
function replyCardinality(session: DataSession, request: Request, reply: ReplyWriter) {
  const db = session.db;
  const read = readKey(session, request, 1);
  if (read === 0) return reply.integer(0);
  if (!isHllAt(session, read, reply)) return;
  if (!isStale(db.page(read), db.valueStart(read))) {
    return reply.integer(cachedCardinality(db.page(read), db.valueStart(read)));
  }
  // A read that writes: a running snapshot must see the header as it was.
  const ref = writeKey(session, request, 1);
  const b = db.page(ref);
  const start = db.valueStart(ref);
  const histogram =
    encodingAt(b, start) === DENSE
      ? denseHistogram(b, start)
      : sparseHistogram(b, start, start + db.valueLength(ref));
  if (histogram === undefined) return reply.error(errors.hllCorrupted);
  const cardinality = estimate(histogram);
  cacheCardinality(b, start, cardinality);
  changedKey(session, request, 1, NO_EVENT, '');
  reply.integer(cardinality);
}

export const pfcount: DataCommand = {
  name: 'pfcount',
  summary: 'Estimates the number of distinct elements in one or more HyperLogLogs together.',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity: 'O(1) for one key whose estimate is kept, O(N) for N keys',
  arity: -2,
  flags: ['readonly', 'may_replicate'],
  categories: ['hyperloglog'],
  keys: [
    {
      flags: ['RW', 'access'],
      notes: 'Writes, because it keeps the estimate in the value',
      begin: { index: 1 },
      find: { last: -1, step: 1, limit: 0 },
    },
  ],
  syntax: 'key...',
  run(session, request, reply) {
    if (request.count === 2) return replyCardinality(session, request, reply);
    const merged = mergeAll(session, request, reply);
    if (merged !== undefined) reply.integer(estimate(registerHistogram(merged.registers)));
  },
};

export const pfmerge: DataCommand = {
  name: 'pfmerge',
  summary: 'Merges HyperLogLogs into one, whose own elements stay.',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity: 'O(N) for N keys',
  arity: -2,
  flags: ['write', 'denyoom'],
  categories: ['hyperloglog'],
  keys: [
    keyAt(1, 'RW', 'access', 'insert'),
    { flags: ['RO', 'access'], begin: { index: 2 }, find: { last: -1, step: 1, limit: 0 } },
  ],
  syntax: 'destkey:key [sourcekey:key#1...]',
  run(session, request, reply) {
    const merged = mergeAll(session, request, reply);
    if (merged === undefined) return;
    const editor = new HllEditor(session, writeKey(session, request, 1));
    if (merged.hasDense) editor.makeDense();
    for (let i = 0; i < REGISTERS; i++) {
      if (merged.registers[i] > 0) editor.raise(i, merged.registers[i]);
      if (editor.isCorrupt) return reply.error(errors.hllCorrupted);
    }
    editor.markStale();
    editor.store(session, request, 1);
    changedKey(session, request, 1, NotifyClass.string, 'pfadd');
    reply.ok();
  },
};
