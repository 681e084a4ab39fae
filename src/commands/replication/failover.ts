// FAILOVER: the master hands its role to a replica that has everything. The reply only says that it
// began; INFO and ROLE tell how it went.

import { errors } from '../../protocol/errors.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataCommand } from '../context.ts';
import type { MasterAddress, RoleService } from './role-service.ts';

interface Words {
  target: MasterAddress | undefined;
  timeoutMs: number;
  isForced: boolean;
}

/** An error text when the words are wrong. */
function parse(request: Request): Words | string {
  const words: Words = { target: undefined, timeoutMs: 0, isForced: false };
  for (let i = 1; i < request.count; i++) {
    if (request.is(i, 'TIMEOUT') && i + 1 < request.count && words.timeoutMs === 0) {
      const ms = request.integer(++i);
      if (Number.isNaN(ms)) return errors.notInteger;
      if (ms <= 0) return errors.failoverTimeout;
      words.timeoutMs = ms;
    } else if (request.is(i, 'TO') && i + 2 < request.count && words.target === undefined) {
      const port = request.integer(i + 2);
      if (Number.isNaN(port)) return errors.notInteger;
      words.target = { host: request.text(i + 1), port };
      i += 2;
    } else if (request.is(i, 'FORCE') && !words.isForced) words.isForced = true;
    else return errors.syntax;
  }
  return words;
}

/** Why it cannot begin. */
function refusal(replication: RoleService, words: Words): string | undefined {
  const { target, timeoutMs, isForced } = words;
  if (replication.isFailingOver) return errors.failoverInProgress;
  if (replication.role === 'replica') return errors.failoverOnReplica;
  if (replication.replicaCount === 0) return errors.failoverWithoutReplicas;
  if (isForced && (timeoutMs === 0 || target === undefined)) return errors.failoverForce;
  if (target === undefined) return undefined;
  const replica = replication.replicaAt(target);
  if (replica === undefined) return errors.failoverUnknownTarget;
  return replica.isOnline ? undefined : errors.failoverTargetOffline;
}

export const failover: DataCommand = {
  name: 'failover',
  summary: 'Hands the role of master to a replica.',
  since: '6.2.0',
  group: 'server',
  complexity: 'O(1)',
  arity: -1,
  flags: ['admin', 'noscript', 'stale'],
  syntax: '[target=TO (host port:integer [FORCE])] [ABORT] [TIMEOUT milliseconds:integer]',
  run(session, request, reply) {
    const { replication } = session.server.host;
    if (request.count === 2 && request.is(1, 'ABORT')) {
      if (!replication.isFailingOver) return reply.error(errors.failoverNotInProgress);
      replication.abortFailover();
      return reply.ok();
    }
    const words = parse(request);
    if (typeof words === 'string') return reply.error(words);
    const problem = refusal(replication, words);
    if (problem !== undefined) return reply.error(problem);
    replication.beginFailover(words);
    reply.ok();
  },
};
