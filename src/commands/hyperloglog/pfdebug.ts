// PFDEBUG, which shows registers and encodings, and PFSELFTEST, which tries them on random elements.

import { keyAt } from '../../dispatch/command.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  type RandomSource,
  type Ref,
  writeKey,
} from '../context.ts';
import { elementRun, INDEX_BITS } from './element-hash.ts';
import { denseHistogram, estimate, sparseHistogram } from './estimate.ts';
import {
  DENSE,
  DENSE_BYTES,
  denseRegister,
  encodingAt,
  HEADER_BYTES,
  REGISTER_MAX,
  REGISTERS,
  raiseDense,
  SPARSE,
  setDenseRegister,
} from './hll-format.ts';
import { emptyBytes, HllEditor, isHllAt } from './hll-value.ts';
import { SparseReader, SparseRuns } from './sparse-runs.ts';

/** Makes the value at `ref` dense; true when it was not, undefined after an error reply. */
function makeDense(
  session: DataSession,
  request: Request,
  ref: Ref,
  reply: ReplyWriter,
): boolean | undefined {
  if (encodingAt(session.db.page(ref), session.db.valueStart(ref)) === DENSE) return false;
  const editor = new HllEditor(session, ref);
  editor.makeDense();
  if (editor.isCorrupt) {
    reply.error(errors.hllCorrupted);
    return undefined;
  }
  editor.store(session, request, 2);
  changedKey(session, request, 2, 0, '');
  return true;
}

function replyRegisters(
  session: DataSession,
  request: Request,
  found: Ref,
  reply: ReplyWriter,
): void {
  if (makeDense(session, request, found, reply) === undefined) return;
  const ref = writeKey(session, request, 2);
  const b = session.db.page(ref);
  const base = session.db.valueStart(ref) + HEADER_BYTES;
  reply.array(REGISTERS);
  for (let i = 0; i < REGISTERS; i++) reply.integer(denseRegister(b, base, i));
}

/** The opcodes of a sparse form as text: z a short run of zeros, Z a long one, v a value. */
function decode(b: Buffer, start: number, end: number): string {
  const words: string[] = [];
  const reader = new SparseReader(b, start, end);
  while (reader.next()) {
    if (reader.value > 0) words.push(`v:${reader.value},${reader.run}`);
    else words.push(`${reader.isExtended ? 'Z' : 'z'}:${reader.run}`);
  }
  return words.join(' ');
}

export const pfdebug: DataCommand = {
  name: 'pfdebug',
  system: true,
  summary: 'Shows how a HyperLogLog is kept.',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity: 'N/A',
  arity: 3,
  flags: ['write', 'denyoom', 'admin'],
  categories: ['hyperloglog'],
  keys: [keyAt(2, 'RW', 'access')],
  syntax: 'subcommand key',
  run(session, request, reply) {
    const ref = writeKey(session, request, 2);
    if (ref === 0) return reply.error(errors.hllNoKey);
    if (!isHllAt(session, ref, reply)) return;
    const b = session.db.page(ref);
    const start = session.db.valueStart(ref);
    const isSparse = encodingAt(b, start) === SPARSE;
    if (request.is(1, 'GETREG')) replyRegisters(session, request, ref, reply);
    else if (request.is(1, 'DECODE')) {
      if (!isSparse) return reply.error(errors.hllNotSparse);
      reply.text(decode(b, start, start + session.db.valueLength(ref)));
    } else if (request.is(1, 'ENCODING')) reply.simple(isSparse ? 'sparse' : 'dense');
    else if (request.is(1, 'TODENSE')) {
      const converted = makeDense(session, request, ref, reply);
      if (converted !== undefined) reply.integer(converted ? 1 : 0);
    } else reply.error(errors.pfdebugUnknown(request.text(1)));
  },
};

// A tenth of Redis's rounds: the test holds every other client up for as long as it runs.
const REGISTER_ROUNDS = 100;
const ELEMENTS = 1_000_000;

/** Random values in all registers are read back as they were written. */
function testRegisters(random: RandomSource): string | undefined {
  const dense = Buffer.alloc(DENSE_BYTES);
  const expected = new Uint8Array(REGISTERS);
  for (let round = 0; round < REGISTER_ROUNDS; round++) {
    for (let i = 0; i < REGISTERS; i++) {
      expected[i] = random.uint32() & REGISTER_MAX;
      setDenseRegister(dense, HEADER_BYTES, i, expected[i]);
    }
    for (let i = 0; i < REGISTERS; i++) {
      const value = denseRegister(dense, HEADER_BYTES, i);
      if (value !== expected[i]) return errors.hllTestRegister(i, expected[i], value);
    }
  }
  return undefined;
}

/** Both forms agree on their estimates, which stay near the truth. */
function testEstimates(random: RandomSource, maxSparseBytes: number): string | undefined {
  const dense = Buffer.alloc(DENSE_BYTES);
  const empty = emptyBytes();
  let sparse: SparseRuns | undefined = new SparseRuns(empty, 0, empty.length, maxSparseBytes);
  const element = Buffer.alloc(8);
  const seed = random.uint32();
  element.writeUInt32LE(random.uint32(), 4);
  let checkpoint = 1;
  for (let n = 1; n <= ELEMENTS; n++) {
    element.writeUInt32LE((n ^ seed) >>> 0, 0);
    const run = elementRun(element, 0, 8);
    const index = run & (REGISTERS - 1);
    raiseDense(dense, HEADER_BYTES, index, run >>> INDEX_BITS);
    if (sparse?.raise(index, run >>> INDEX_BITS) === 'full') sparse = undefined;
    if (n !== checkpoint) continue;
    checkpoint *= 10;
    const estimated = estimate(denseHistogram(dense, 0));
    if (sparse !== undefined) {
      const histogram = sparseHistogram(sparse.bytes, 0, sparse.length);
      if (histogram === undefined || estimate(histogram) !== estimated) {
        return errors.hllTestDisagree;
      }
    } else if (n < maxSparseBytes / 2) return errors.hllTestNotSparse;
    const error = Math.abs(n - Number(estimated));
    // Six standard errors; among ten elements one collision is not unlikely.
    const allowed = n === 10 ? 1 : Math.ceil((1.04 / Math.sqrt(REGISTERS)) * 6 * n);
    if (error > allowed) return errors.hllTestError(n, error);
  }
  return undefined;
}

export const pfselftest: DataCommand = {
  name: 'pfselftest',
  system: true,
  summary: 'Checks the HyperLogLog registers and estimates on random elements.',
  since: '2.8.9',
  group: 'hyperloglog',
  complexity: 'N/A',
  arity: 1,
  flags: ['admin'],
  categories: ['hyperloglog'],
  run(session, _request, reply) {
    const { random, engine } = session.server;
    const failure =
      testRegisters(random) ?? testEstimates(random, engine.settings.hllSparseMaxBytes);
    if (failure === undefined) reply.ok();
    else reply.error(failure);
  },
};
