// SENTINEL SET: options of one master, one after another. As in Redis it is not atomic: what stands
// before a bad option has been set, and is kept.

import { errors } from '../../protocol/errors.ts';
import type { Request } from '../../protocol/request.ts';
import type { MasterChange } from '../core/input.ts';
import type { MasterSettings } from '../core/settings.ts';
import { writeOutcome } from './act-commands.ts';
import { type SentinelCommand, type SentinelNode, sentinelFacts } from './sentinel-session.ts';

interface Options {
  readonly changes: readonly MasterChange[];
  /** What is wrong with the first bad option. */
  readonly problem: string | undefined;
  /** Arguments that no log may show. */
  readonly secrets: readonly number[];
}

/** What an option takes and does; `read` gives the change or the problem. */
interface Option {
  readonly values: 1 | 2;
  readonly isSecret?: boolean;
  readonly read: (
    node: SentinelNode,
    request: Request,
    at: number,
  ) => Omit<MasterChange, 'event'> | string;
}

export const set: SentinelCommand = {
  ...sentinelFacts,
  name: 'set',
  summary: 'Changes how a master is watched.',
  complexity: 'O(1)',
  arity: -5,
  syntax: 'master-name data=(option value)...',
  run(session, request, reply) {
    const { node } = session;
    const master = request.text(2);
    if (node.core.masterAddress(master) === undefined) {
      return reply.error(errors.sentinelNoMaster);
    }
    const { changes, problem, secrets } = readOptions(node, request);
    for (const at of secrets) session.redact(at);
    if (changes.length === 0 && problem !== undefined) return reply.error(problem);
    return node.perform(session, { name: 'set', master, changes }, (answer, out) => {
      if (problem === undefined) writeOutcome(answer, out);
      else out.error(problem);
    });
  },
};

function readOptions(node: SentinelNode, request: Request): Options {
  const changes: MasterChange[] = [];
  const secrets: number[] = [];
  let i = 3;
  while (i < request.count) {
    const name = request.text(i);
    const option = options.get(name.toLowerCase());
    if (option === undefined || i + option.values >= request.count) {
      return { changes, secrets, problem: errors.sentinelUnknownOption('SET', name) };
    }
    const change = option.read(node, request, i + 1);
    if (option.isSecret === true) secrets.push(i + 1);
    if (typeof change === 'string') return { changes, secrets, problem: change };
    const values = Array.from({ length: option.values }, (_, v) => request.text(i + 1 + v));
    const shown = option.isSecret === true ? ['******'] : values;
    changes.push({ event: [name, ...shown].join(' '), ...change });
    i += 1 + option.values;
  }
  return { changes, secrets, problem: undefined };
}

const options: ReadonlyMap<string, Option> = new Map([
  number('down-after-milliseconds', 1, (downAfterMs) => ({ downAfterMs })),
  number('failover-timeout', 1, (failoverTimeoutMs) => ({ failoverTimeoutMs })),
  number('parallel-syncs', 1, (parallelSyncs) => ({ parallelSyncs })),
  number('quorum', 1, (quorum) => ({ quorum })),
  number('master-reboot-down-after-period', 0, (rebootDownAfterMs) => ({ rebootDownAfterMs })),
  number('primary-reboot-down-after-period', 0, (rebootDownAfterMs) => ({ rebootDownAfterMs })),
  script('notification-script', errors.sentinelNotificationScript, (notificationScript) => ({
    notificationScript,
  })),
  script('client-reconfig-script', errors.sentinelReconfigScript, (clientReconfigScript) => ({
    clientReconfigScript,
  })),
  ['auth-pass', { values: 1, isSecret: true, read: text((authPass) => ({ authPass })) }],
  ['auth-user', { values: 1, read: text((authUser) => ({ authUser })) }],
  ['rename-command', { values: 2, read: renameCommand }],
]);

function number(
  name: string,
  least: number,
  settings: (value: number) => Partial<MasterSettings>,
): readonly [string, Option] {
  const read: Option['read'] = (_node, request, at) => {
    const value = request.integer(at);
    if (value >= least && Number.isSafeInteger(value)) return { settings: settings(value) };
    return errors.sentinelBadValue(request.text(at), 'SET', request.text(at - 1));
  };
  return [name, { values: 1, read }];
}

function script(
  name: string,
  problem: string,
  settings: (path: string) => Partial<MasterSettings>,
): readonly [string, Option] {
  const read: Option['read'] = (node, request, at) => {
    const path = request.text(at);
    if (node.core.settings.denyScriptsReconfig) return errors.sentinelScriptsDenied;
    if (path !== '' && !node.isExecutable(path)) return problem;
    return { settings: settings(path) };
  };
  return [name, { values: 1, read }];
}

function text(settings: (value: string) => Partial<MasterSettings>): Option['read'] {
  return (_node, request, at) => ({ settings: settings(request.text(at)) });
}

function renameCommand(
  _node: SentinelNode,
  request: Request,
  at: number,
): Omit<MasterChange, 'event'> | string {
  const [from, to] = [request.text(at), request.text(at + 1)];
  if (from === '' || to === '') {
    return errors.sentinelBadValue(to === '' ? to : from, 'SET', request.text(at - 1));
  }
  return { settings: {}, rename: { from: from.toUpperCase(), to } };
}
