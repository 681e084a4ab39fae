// HRANDFIELD. A count above zero draws different fields, one below zero may draw a field again. With
// values RESP3 nests pairs, RESP2 has them in turn.

import { key } from '../../dispatch/command.ts';
import type { Dict } from '../../engine/dict.ts';
import { forEachField, hashLength, loadMember } from '../../engine/hash-value.ts';
import { ListpackEntry } from '../../engine/listpack.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import { type DataCommand, type DataSession, isKind, type Ref, readKey } from '../context.ts';
import { repeat, sampleAscending, sampleMembers, tuplePositions } from '../random-sample.ts';
import { replyText } from './read.ts';

const field = new ListpackEntry();
const value = new ListpackEntry();
const LEAST_INT64 = -(2n ** 63n);
const HALF_INT64 = 2 ** 62;

/** Writes fields, or pairs, in the shape that the protocol has for them. */
class PairWriter {
  readonly #reply: ReplyWriter;
  readonly #withValues: boolean;

  constructor(reply: ReplyWriter, withValues: boolean) {
    this.#reply = reply;
    this.#withValues = withValues;
  }

  begin(n: number): void {
    this.#reply.array(this.#withValues && this.#reply.protocol === 2 ? n * 2 : n);
  }

  write(name: ListpackEntry, content: ListpackEntry): void {
    if (this.#withValues && this.#reply.protocol === 3) this.#reply.array(2);
    replyText(this.#reply, name);
    if (this.#withValues) replyText(this.#reply, content);
  }

  member(dict: Dict, member: Ref): void {
    loadMember(dict, member, field, value);
    this.write(field, value);
  }

  packed(page: Buffer, p: number): void {
    value.load(page, field.load(page, p));
    this.write(field, value);
  }
}

/** `n` draws, each from all fields. */
function drawRepeatedly(
  session: DataSession,
  reply: ReplyWriter,
  ref: Ref,
  n: number,
  writer: PairWriter,
): void {
  const { db, server } = session;
  if (db.isObject(ref)) {
    const dict = db.object(ref) as Dict;
    const random = (): number => server.random.uint32();
    repeat(session, reply, n, () => writer.member(dict, dict.randomRef(random)));
    return;
  }
  const page = db.page(ref);
  const positions = tuplePositions(page, db.valueStart(ref), 2);
  repeat(session, reply, n, () =>
    writer.packed(page, positions[server.random.below(positions.length)]),
  );
}

/** `n` different fields of a hash that has more. */
function drawDifferent(session: DataSession, ref: Ref, n: number, writer: PairWriter): void {
  const { db, server } = session;
  if (db.isObject(ref)) {
    const dict = db.object(ref) as Dict;
    const members = sampleMembers(dict, server.random, n);
    for (let i = 0; i < n; i++) writer.member(dict, members[i]);
    return;
  }
  const page = db.page(ref);
  const positions = tuplePositions(page, db.valueStart(ref), 2);
  sampleAscending(server.random, positions.length, n, (i) => writer.packed(page, positions[i]));
}

export const hrandfield: DataCommand = {
  name: 'hrandfield',
  summary: 'Returns fields drawn at random, with their values if wanted.',
  since: '6.2.0',
  group: 'hash',
  complexity: 'O(N) with N fields returned',
  arity: -2,
  flags: ['readonly'],
  categories: ['hash'],
  keys: key('RO', 'access'),
  syntax: 'key options=[count:integer [WITHVALUES]]',
  tips: ['nondeterministic_output'],
  run(session, request, reply) {
    const hasCount = request.count > 2;
    const count = hasCount ? request.integer(2) : 1;
    if (Number.isNaN(count)) return reply.error(errors.notInteger);
    if (hasCount && request.int64(2) === LEAST_INT64) {
      return reply.error(errors.notBelowLeastInt64);
    }
    const withValues = request.count === 4 && request.is(3, 'WITHVALUES');
    if (request.count > 3 && !withValues) return reply.error(errors.syntax);
    if (withValues && Math.abs(count) >= HALF_INT64) return reply.error(errors.valueOutOfRange);
    const ref = readKey(session, request, 1);
    if (ref === 0) return hasCount ? reply.array(0) : reply.null();
    if (!isKind(session, ref, Kind.hash, reply)) return;
    const writer = new PairWriter(reply, withValues);
    const n = Math.abs(count);
    const size = hashLength(session.db, ref);
    if (hasCount) writer.begin(count < 0 ? n : Math.min(n, size));
    if (count < 0 || n === 1) drawRepeatedly(session, reply, ref, n, writer);
    else if (n >= size)
      forEachField(session.db, ref, (name, content) => writer.write(name, content));
    else if (n > 0) drawDifferent(session, ref, n, writer);
  },
};
