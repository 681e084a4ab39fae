// PSYNC and SYNC: a client becomes a replica. There is no reply in the usual sense: what follows on the
// connection is src/server/replication's.

import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { DataCommand, DataSession } from '../context.ts';
import type { StreamRequest } from './replication-service.ts';

function synchronize(
  session: DataSession,
  reply: ReplyWriter,
  request: StreamRequest | undefined,
): void {
  const error = session.server.host.replication.masterSide.synchronize(session, request);
  if (error !== undefined) reply.error(error);
  else if (request !== undefined && Number.isNaN(request.offset)) reply.error(errors.notInteger);
}

export const psync: DataCommand = {
  name: 'psync',
  summary: 'Asks for the stream of changes from an offset on, or for everything.',
  since: '2.8.0',
  group: 'server',
  arity: -3,
  flags: ['no_async_loading', 'admin', 'no_multi', 'noscript'],
  syntax: 'replicationid offset:integer',
  run(session, request, reply) {
    if (session.role !== 'client') return;
    const id = request.text(1);
    if (request.count > 3 && request.is(3, 'FAILOVER')) {
      const error = session.server.host.replication.masterSide.takeOver(session, id);
      if (error !== undefined) return reply.error(error);
    }
    synchronize(session, reply, { id, offset: request.integer(2) });
  },
};

export const sync: DataCommand = {
  name: 'sync',
  summary: 'Asks for everything, in the way of versions before 2.8.',
  since: '1.0.0',
  group: 'server',
  arity: 1,
  flags: ['no_async_loading', 'admin', 'no_multi', 'noscript'],
  run(session, _request, reply) {
    synchronize(session, reply, undefined);
  },
};
