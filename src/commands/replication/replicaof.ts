// REPLICAOF and its old name: whom the node follows. The link is made after the reply, by the node.

import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand, DataSession } from '../context.ts';

const MAX_PORT = 65535;

function run(session: DataSession, request: Request, reply: ReplyWriter): void {
  const { host } = session.server;
  const { replication } = host;
  if (replication.isFailingOver) return reply.error(errors.replicaofFailingOver);
  if (request.is(1, 'NO') && request.is(2, 'ONE')) {
    if (replication.role === 'replica') {
      replication.promote();
      const client = session.dispatcher.describe(session);
      host.log('notice', `MASTER MODE enabled (user request from '${client}')`);
    }
    return reply.ok();
  }
  if (session.role === 'replica') return reply.error(errors.replicaofByReplica);
  const address = { host: request.text(1), port: request.integer(2) };
  if (!(address.port >= 0 && address.port <= MAX_PORT)) return reply.error(errors.masterPort);
  const { masterAddress: master } = replication;
  if (master?.port === address.port && sameHost(master.host, address.host)) {
    host.log(
      'notice',
      'REPLICAOF would result into synchronization with the master we are already connected with. No operation performed.',
    );
    return reply.simple('OK Already connected to specified master');
  }
  replication.follow(address);
  const client = session.dispatcher.describe(session);
  host.log(
    'notice',
    `REPLICAOF ${address.host}:${address.port} enabled (user request from '${client}')`,
  );
  reply.ok();
}

function sameHost(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

export const replicaof: DataCommand = {
  name: 'replicaof',
  summary: 'Makes the node follow a master, or become one.',
  since: '5.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: 3,
  flags: ['no_async_loading', 'admin', 'noscript', 'stale'],
  syntax: 'args=<host-port=(host port:integer)|no-one=(NO ONE)>',
  run,
};

export const slaveof: DataCommand = {
  ...replicaof,
  name: 'slaveof',
  summary: 'The old name of REPLICAOF.',
  since: '1.0.0',
  deprecated: { since: '5.0.0', replacedBy: '`REPLICAOF`' },
};
