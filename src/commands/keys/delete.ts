// DEL and UNLINK. They differ only in name here: large values are always freed in slices, after the
// key has gone.

import { keysToEnd } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, writeKey } from '../context.ts';

function runDelete(session: DataSession, request: Request, reply: ReplyWriter): void {
  const { buffer, starts, ends, count } = request;
  let deleted = 0;
  for (let i = 1; i < count; i++) {
    // The lookup first: a key that has expired is gone already and counts as absent.
    if (writeKey(session, request, i) === 0) continue;
    session.db.delete(buffer, starts[i], ends[i]);
    changedKey(session, request, i, NotifyClass.generic, 'del');
    deleted++;
  }
  reply.integer(deleted);
}

export const del: DataCommand = {
  name: 'del',
  summary: 'Deletes keys and returns how many there were.',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(N) with N being the number of keys; large values are freed later, in slices',
  arity: -2,
  flags: ['write'],
  categories: ['keyspace'],
  keys: keysToEnd(['RM', 'delete']),
  syntax: 'key...',
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  run: runDelete,
};

export const unlink: DataCommand = {
  name: 'unlink',
  summary: 'Deletes keys and returns how many there were.',
  since: '4.0.0',
  group: 'generic',
  complexity: 'O(N) with N being the number of keys; large values are freed later, in slices',
  arity: -2,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: keysToEnd(['RM', 'delete']),
  syntax: 'key...',
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  run: runDelete,
};
