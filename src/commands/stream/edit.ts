// XDEL, which leaves gaps, and XSETID, which sets what a stream knows about itself: for replication and
// for rewriting, which bring entries without the history they had.

import { key } from '../../dispatch/command.ts';
import { compareIds, StreamId } from '../../engine/stream-id.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';
import { counterArgument, idArgument, idArguments, writeStream } from './stream-arguments.ts';
import { entriesChanged, groupChanged } from './stream-effects.ts';

export const xdel: DataCommand = {
  name: 'xdel',
  summary: 'Removes entries of a stream by their ids.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1) for each id',
  arity: -3,
  flags: ['write', 'fast'],
  categories: ['stream'],
  keys: key('RW', 'delete'),
  syntax: 'key id...',
  run(session, request, reply) {
    const stream = writeStream(session, request, 1, reply);
    if (stream === null) return;
    if (stream === undefined) return reply.integer(0);
    const ids = idArguments(request, 2, reply);
    if (ids === undefined) return;
    let deleted = 0;
    let lostFirst = false;
    for (const id of ids) {
      if (!stream.delete(id)) continue;
      deleted++;
      if (id.equals(stream.firstId)) lostFirst = true;
    }
    if (lostFirst || stream.length === 0) stream.findFirst();
    if (deleted > 0) entriesChanged(session, request, 1, 'xdel', deleted);
    reply.integer(deleted);
  },
};

interface NewFacts {
  /** NaN: not given. */
  entriesAdded: number;
  readonly maxDeletedId: StreamId;
}

/** XSETID's options; undefined after an error reply. */
function newFacts(request: Request, last: StreamId, reply: ReplyWriter): NewFacts | undefined {
  const facts: NewFacts = { entriesAdded: Number.NaN, maxDeletedId: new StreamId() };
  for (let i = 3; i < request.count; i += 2) {
    const more = i + 1 < request.count;
    if (more && request.is(i, 'ENTRIESADDED')) {
      const n = request.integer(i + 1);
      if (!(n >= 0)) {
        reply.error(n < 0 ? errors.entriesAddedNegative : errors.notInteger);
        return undefined;
      }
      facts.entriesAdded = counterArgument(n);
    } else if (more && request.is(i, 'MAXDELETEDID')) {
      if (!idArgument(request, i + 1, facts.maxDeletedId, reply)) return undefined;
      if (compareIds(last, facts.maxDeletedId) < 0) {
        reply.error(errors.xsetidBelowGivenDeleted);
        return undefined;
      }
    } else {
      reply.error(errors.syntax);
      return undefined;
    }
  }
  return facts;
}

function setId(session: DataSession, request: Request, reply: ReplyWriter): void {
  const last = new StreamId();
  if (!idArgument(request, 2, last, reply)) return;
  const facts = newFacts(request, last, reply);
  if (facts === undefined) return;
  const stream = writeStream(session, request, 1, reply);
  if (stream === null) return;
  if (stream === undefined) return reply.error(errors.noSuchKey);
  if (compareIds(last, stream.maxDeletedId) < 0) return reply.error(errors.xsetidBelowDeleted);
  const top = new StreamId();
  if (stream.lastLivingId(top)) {
    if (compareIds(last, top) < 0) return reply.error(errors.xsetidBelowTop);
    if (facts.entriesAdded < stream.length) return reply.error(errors.xsetidFewerAdded);
  }
  stream.lastId.assign(last);
  if (!Number.isNaN(facts.entriesAdded)) stream.entriesAdded = facts.entriesAdded;
  if (!facts.maxDeletedId.isZero) stream.maxDeletedId.assign(facts.maxDeletedId);
  reply.ok();
  groupChanged(session, request, 1, 'xsetid');
}

export const xsetid: DataCommand = {
  name: 'xsetid',
  summary: 'Sets the last id of a stream and its counters; for replication.',
  since: '5.0.0',
  group: 'stream',
  complexity: 'O(1)',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['stream'],
  keys: key('RW', 'update'),
  syntax:
    'key last-id [ENTRIESADDED entries-added:integer@7.0.0] [MAXDELETEDID max-deleted-id@7.0.0]',
  history: [['7.0.0', 'ENTRIESADDED and MAXDELETEDID.']],
  run: setId,
};
