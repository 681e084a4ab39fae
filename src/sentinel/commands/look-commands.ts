// SENTINEL subcommands that only look: at masters, replicas, other sentinels, the quorum, what INFO said.

import { helpLines } from '../../commands/shared/help-lines.ts';
import { helpReply } from '../../commands/shared/help-reply.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { QuorumView } from '../core/views.ts';
import { replyMaster, replyReplica, replySentinel } from './instance-reply.ts';
import { type SentinelCommand, type SentinelSession, sentinelFacts } from './sentinel-session.ts';

const ckquorum: SentinelCommand = {
  ...sentinelFacts,
  name: 'ckquorum',
  summary: 'Says whether enough sentinels can be reached to agree and to authorize a failover.',
  arity: 3,
  syntax: 'master-name',
  run({ node }, request, reply) {
    const quorum = node.core.quorum(request.text(2));
    if (quorum === undefined) reply.error(errors.sentinelNoMaster);
    else replyQuorum(reply, quorum);
  },
};

function replyQuorum(reply: ReplyWriter, quorum: QuorumView): void {
  const { usable, hasQuorum, hasMajority, refusals } = quorum;
  const notes = refusals.map((text) => `. ${text}`).join('');
  if (hasQuorum && hasMajority) {
    reply.simple(
      `OK ${usable} usable Sentinels. Quorum and failover authorization can be reached${notes}`,
    );
    return;
  }
  const reasons: string[] = [];
  if (!hasQuorum) {
    reasons.push('Not enough available Sentinels to reach the specified quorum for this master');
  }
  if (!hasMajority) {
    reasons.push('Not enough available Sentinels to reach the majority and authorize a failover');
  }
  reply.error(errors.sentinelNoQuorum(usable, `${reasons.join('. ')}${notes}`));
}

function showAddress({ node }: SentinelSession, request: Request, reply: ReplyWriter): void {
  const address = node.core.masterAddress(request.text(2));
  if (address === undefined) return reply.nullArray();
  reply.array(2);
  reply.text(address.host);
  reply.text(String(address.port));
}

const getMasterAddress: SentinelCommand = {
  ...sentinelFacts,
  name: 'get-master-addr-by-name',
  summary: 'Returns the address of a master.',
  complexity: 'O(1)',
  arity: 3,
  syntax: 'master-name',
  run: showAddress,
};

const getPrimaryAddress: SentinelCommand = {
  ...getMasterAddress,
  name: 'get-primary-addr-by-name',
  since: '7.2.0',
};

const help: SentinelCommand = {
  ...sentinelFacts,
  name: 'help',
  summary: 'Returns a short text about the subcommands.',
  since: '6.2.0',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  run(session, request, reply) {
    helpReply(request, reply, helpLines(session.dispatcher.commands.aclCommand('sentinel')));
  },
};

const infoCache: SentinelCommand = {
  ...sentinelFacts,
  name: 'info-cache',
  summary: 'Returns what masters and their replicas last said in INFO.',
  since: '3.2.0',
  complexity: 'O(N) where N is the number of instances',
  arity: -3,
  syntax: 'nodename...',
  run({ node }, request, reply) {
    const names = new Set<string>();
    for (let i = 2; i < request.count; i++) names.add(request.text(i));
    const cached = node.core.cachedInfo([...names], node.nowMs());
    reply.array(cached.length * 2);
    for (const { master, nodes } of cached) {
      reply.text(master);
      reply.array(nodes.length);
      for (const { age, info } of nodes) {
        reply.array(2);
        reply.integer(age);
        if (info === undefined) reply.null();
        else reply.bulk(info);
      }
    }
  },
};

function showMaster({ node }: SentinelSession, request: Request, reply: ReplyWriter): void {
  const view = node.core.master(request.text(2), node.nowMs());
  if (view === undefined) reply.error(errors.sentinelNoMaster);
  else replyMaster(reply, view);
}

const master: SentinelCommand = {
  ...sentinelFacts,
  name: 'master',
  summary: 'Returns what is known about a master.',
  complexity: 'O(1)',
  arity: 3,
  syntax: 'master-name',
  run: showMaster,
};

const primary: SentinelCommand = { ...master, name: 'primary', since: '7.2.0' };

function showMasters({ node }: SentinelSession, _request: Request, reply: ReplyWriter): void {
  const views = node.core.masters(node.nowMs());
  reply.array(views.length);
  for (const view of views) replyMaster(reply, view);
}

const masters: SentinelCommand = {
  ...sentinelFacts,
  name: 'masters',
  summary: 'Returns what is known about every master.',
  complexity: 'O(N) where N is the number of masters',
  arity: 2,
  run: showMasters,
};

const primaries: SentinelCommand = { ...masters, name: 'primaries', since: '7.2.0' };

const myid: SentinelCommand = {
  ...sentinelFacts,
  name: 'myid',
  summary: 'Returns the id of this sentinel.',
  since: '6.2.0',
  complexity: 'O(1)',
  arity: 2,
  run({ node }, _request, reply) {
    reply.text(node.core.myId);
  },
};

const pendingScripts: SentinelCommand = {
  ...sentinelFacts,
  name: 'pending-scripts',
  summary: 'Returns the scripts that run and that wait.',
  arity: 2,
  run({ node }, _request, reply) {
    const jobs = node.pendingScripts();
    reply.array(jobs.length);
    for (const { argv, isRunning, pid, timeMs, tries } of jobs) {
      reply.map(5);
      reply.text('argv');
      reply.array(argv.length);
      for (const argument of argv) reply.text(argument);
      reply.text('flags');
      reply.text(isRunning ? 'running' : 'scheduled');
      reply.text('pid');
      reply.text(String(pid));
      reply.text(isRunning ? 'run-time' : 'run-delay');
      reply.text(String(timeMs));
      reply.text('retry-num');
      reply.text(String(tries));
    }
  },
};

function showReplicas({ node }: SentinelSession, request: Request, reply: ReplyWriter): void {
  const views = node.core.replicas(request.text(2), node.nowMs());
  if (views === undefined) return reply.error(errors.sentinelNoMaster);
  const shown = views.filter((view) => view.isAnnounced);
  reply.array(shown.length);
  for (const view of shown) replyReplica(reply, view);
}

const replicas: SentinelCommand = {
  ...sentinelFacts,
  name: 'replicas',
  summary: "Returns what is known about a master's replicas.",
  since: '5.0.0',
  complexity: 'O(N) where N is the number of replicas',
  arity: 3,
  syntax: 'master-name',
  run: showReplicas,
};

const slaves: SentinelCommand = {
  ...replicas,
  name: 'slaves',
  since: '2.8.0',
  deprecated: { since: '5.0.0', replacedBy: '`SENTINEL REPLICAS`' },
};

const sentinels: SentinelCommand = {
  ...sentinelFacts,
  name: 'sentinels',
  summary: 'Returns what is known about the other sentinels that watch a master.',
  complexity: 'O(N) where N is the number of Sentinels',
  arity: 3,
  syntax: 'master-name',
  run({ node }, request, reply) {
    const views = node.core.sentinels(request.text(2), node.nowMs());
    if (views === undefined) return reply.error(errors.sentinelNoMaster);
    reply.array(views.length);
    for (const view of views) replySentinel(reply, view);
  },
};

export const lookCommands: readonly SentinelCommand[] = [
  ckquorum,
  getMasterAddress,
  getPrimaryAddress,
  help,
  infoCache,
  master,
  masters,
  myid,
  pendingScripts,
  primaries,
  primary,
  replicas,
  sentinels,
  slaves,
];
