// SENTINEL subcommands that act, and those by which sentinels ask each other for judgement and votes.

import type { Blocked } from '../../dispatch/blocking.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { SentinelAnswer } from '../core/effect.ts';
import { type SentinelCommand, type SentinelSession, sentinelFacts } from './sentinel-session.ts';

/** What most commands that act reply. */
export function writeOutcome(answer: SentinelAnswer, reply: ReplyWriter): void {
  switch (answer.kind) {
    case 'ok':
      return reply.ok();
    case 'unknownMaster':
      return reply.error(errors.sentinelNoMaster);
    case 'count':
      return reply.integer(answer.count);
    case 'masterDown':
      reply.array(3);
      reply.integer(answer.isDown ? 1 : 0);
      reply.text(answer.leader);
      return reply.integer(answer.leaderEpoch);
    case 'invalidHost':
      return reply.error(errors.sentinelBadHost);
    case 'duplicateMaster':
      return reply.error(errors.sentinelDuplicateMaster);
    case 'invalidPort':
      return reply.error(errors.sentinelPortOutOfRange);
    case 'failoverInProgress':
      return reply.error(errors.sentinelFailoverInProgress);
    case 'noGoodReplica':
      return reply.error(errors.sentinelNoGoodReplica);
    case 'notSaved':
      return reply.error(errors.sentinelNotSaved);
  }
}

const failover: SentinelCommand = {
  ...sentinelFacts,
  name: 'failover',
  summary: 'Fails a master over without asking other sentinels for agreement.',
  arity: 3,
  syntax: 'master-name',
  run(session, request) {
    const master = request.text(2);
    return session.node.perform(session, { name: 'failover', master }, writeOutcome);
  },
};

const flushconfig: SentinelCommand = {
  ...sentinelFacts,
  name: 'flushconfig',
  summary: 'Writes the configuration and the state to disk.',
  complexity: 'O(1)',
  arity: 2,
  run(session) {
    return session.node.perform(session, { name: 'flushConfig' }, writeOutcome);
  },
};

function askWhetherDown(
  session: SentinelSession,
  request: Request,
  reply: ReplyWriter,
): Blocked | undefined {
  const port = request.integer(3);
  const epoch = request.integer(4);
  if (Number.isNaN(port) || Number.isNaN(epoch)) {
    reply.error(errors.notInteger);
    return undefined;
  }
  const [host, runId] = [request.text(2), request.text(5)];
  return session.node.perform(
    session,
    { name: 'isMasterDown', host, port, epoch, runId },
    writeOutcome,
  );
}

const isMasterDown: SentinelCommand = {
  ...sentinelFacts,
  name: 'is-master-down-by-addr',
  summary: 'Says whether a master is down, and votes if it is asked to.',
  complexity: 'O(1)',
  arity: 6,
  syntax: 'ip port:integer current-epoch:integer runid',
  run: askWhetherDown,
};

const isPrimaryDown: SentinelCommand = {
  ...isMasterDown,
  name: 'is-primary-down-by-addr',
  since: '7.2.0',
};

const monitor: SentinelCommand = {
  ...sentinelFacts,
  name: 'monitor',
  summary: 'Begins to watch a master.',
  complexity: 'O(1)',
  arity: 6,
  syntax: 'name ip port:integer quorum:integer',
  run(session, request, reply) {
    const quorum = request.integer(5);
    if (Number.isNaN(quorum)) return reply.error(errors.sentinelBadQuorum);
    const port = request.integer(4);
    if (Number.isNaN(port)) return reply.error(errors.sentinelBadPort);
    if (quorum <= 0) return reply.error(errors.sentinelQuorumTooSmall);
    const [master, host] = [request.text(2), request.text(3)];
    return session.node.perform(
      session,
      { name: 'monitor', master, host, port, quorum },
      writeOutcome,
    );
  },
};

const remove: SentinelCommand = {
  ...sentinelFacts,
  name: 'remove',
  summary: 'Ceases to watch a master.',
  complexity: 'O(1)',
  arity: 3,
  syntax: 'master-name',
  run(session, request) {
    const master = request.text(2);
    return session.node.perform(session, { name: 'remove', master }, writeOutcome);
  },
};

const reset: SentinelCommand = {
  ...sentinelFacts,
  name: 'reset',
  summary: 'Forgets what was learnt about the masters whose name matches.',
  complexity: 'O(N) where N is the number of monitored masters',
  arity: 3,
  syntax: 'pattern',
  run(session, request) {
    const pattern = request.text(2);
    return session.node.perform(session, { name: 'reset', pattern }, writeOutcome);
  },
};

const simulateFailure: SentinelCommand = {
  ...sentinelFacts,
  name: 'simulate-failure',
  summary: 'Makes the sentinel crash at a chosen moment of its next failover.',
  since: '3.2.0',
  arity: -3,
  syntax: 'mode=[CRASH-AFTER-ELECTION|CRASH-AFTER-PROMOTION|HELP]...',
  run(session, request, reply) {
    let crashAfterElection = false;
    let crashAfterPromotion = false;
    for (let i = 2; i < request.count; i++) {
      if (request.is(i, 'CRASH-AFTER-ELECTION')) crashAfterElection = true;
      else if (request.is(i, 'CRASH-AFTER-PROMOTION')) crashAfterPromotion = true;
      else if (request.is(i, 'HELP')) {
        reply.array(2);
        reply.text('crash-after-election');
        return reply.text('crash-after-promotion');
      } else return reply.error(errors.sentinelUnknownFailure);
    }
    return session.node.perform(
      session,
      { name: 'simulateFailure', crashAfterElection, crashAfterPromotion },
      writeOutcome,
    );
  },
};

export const actCommands: readonly SentinelCommand[] = [
  failover,
  flushconfig,
  isMasterDown,
  isPrimaryDown,
  monitor,
  remove,
  reset,
  simulateFailure,
];
