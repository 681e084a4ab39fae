// ROLE: who follows this node, or whom it follows.

import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { DataCommand } from '../context.ts';
import type { ReplicationService } from './replication-service.ts';

export const role: DataCommand = {
  name: 'role',
  summary: 'Returns the role in replication, with what belongs to it.',
  since: '2.8.12',
  group: 'server',
  complexity: 'O(1)',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast'],
  categories: ['admin', 'dangerous'],
  run(session, _request, reply) {
    const { replication } = session.server.host;
    if (replication.role === 'replica') replyReplica(replication, reply);
    else replyMaster(replication, reply);
  },
};

function replyMaster({ offset, masterSide }: ReplicationService, reply: ReplyWriter): void {
  const { onlineReplicas } = masterSide;
  reply.array(3);
  reply.text('master');
  reply.integer(offset);
  reply.array(onlineReplicas.length);
  for (const { address, port, ackOffset } of onlineReplicas) {
    reply.array(3);
    reply.text(address);
    reply.text(String(port));
    reply.text(String(ackOffset));
  }
}

function replyReplica({ link }: ReplicationService, reply: ReplyWriter): void {
  reply.array(5);
  reply.text('slave');
  reply.text(link?.host ?? '');
  reply.integer(link?.port ?? 0);
  reply.text(link?.state ?? 'none');
  reply.integer(link?.offset ?? -1);
}
