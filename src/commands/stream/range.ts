// XLEN, XRANGE and XREVRANGE.

import { key } from '../../dispatch/command.ts';
import { StreamCursor } from '../../engine/stream-cursor.ts';
import { StreamId } from '../../engine/stream-id.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { replyEntries } from './entry-reply.ts';
import { intervalEnd, intervalStart, readStream } from './stream-arguments.ts';

const cursor = new StreamCursor();
const start = new StreamId();
const end = new StreamId();

function range(session: DataSession, request: Request, reply: ReplyWriter, reverse: boolean): void {
  if (!intervalStart(request, reverse ? 3 : 2, start, reply)) return;
  if (!intervalEnd(request, reverse ? 2 : 3, end, reply)) return;
  let count = Number.NaN;
  for (let i = 4; i < request.count; i += 2) {
    if (!request.is(i, 'COUNT') || i + 1 === request.count) return reply.error(errors.syntax);
    count = Math.max(0, request.integer(i + 1));
    if (Number.isNaN(count)) return reply.error(errors.notInteger);
  }
  const stream = readStream(session, request, 1, reply);
  if (stream === null) return;
  if (stream === undefined) reply.array(0);
  else if (count === 0) reply.nullArray();
  else {
    replyEntries(reply, cursor, stream, start, end, reverse, Number.isNaN(count) ? 0 : count);
  }
}

export const xrange: DataCommand = {
  name: 'xrange',
  summary: 'Returns the entries of a stream between two ids.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(N) with N entries returned',
  arity: -4,
  flags: ['readonly'],
  categories: ['stream'],
  keys: key('RO', 'access'),
  syntax: 'key start end [COUNT count:integer]',
  history: [['6.2.0', 'Ends that are excluded.']],
  run: (session, request, reply) => range(session, request, reply, false),
};

export const xrevrange: DataCommand = {
  name: 'xrevrange',
  summary: 'Returns the entries of a stream between two ids, the last first.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(N) with N entries returned',
  arity: -4,
  flags: ['readonly'],
  categories: ['stream'],
  keys: key('RO', 'access'),
  syntax: 'key end start [COUNT count:integer]',
  history: [['6.2.0', 'Ends that are excluded.']],
  run: (session, request, reply) => range(session, request, reply, true),
};

export const xlen: DataCommand = {
  name: 'xlen',
  summary: 'Returns the number of entries of a stream.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  categories: ['stream'],
  keys: key('RO'),
  syntax: 'key',
  run(session, request, reply) {
    const stream = readStream(session, request, 1, reply);
    if (stream !== null) reply.integer(stream?.length ?? 0);
  },
};
