// All commands of a sentinel: those that any node serves, without what needs data, transactions or a
// key, and its own.

import { aclCommands } from '../../commands/shared/acl/acl-commands.ts';
import { commandCommands } from '../../commands/shared/command/command-command.ts';
import { connectionCommands } from '../../commands/shared/connection/connection-commands.ts';
import { pubsubCommands } from '../../commands/shared/pubsub/pubsub-commands.ts';
import type { Command } from '../../dispatch/command.ts';
import { actCommands } from './act-commands.ts';
import { config } from './config-command.ts';
import { debug } from './debug-command.ts';
import { lookCommands } from './look-commands.ts';
import { nodeCommands } from './node-commands.ts';
import { type SentinelCommand, sentinelFacts } from './sentinel-session.ts';
import { set } from './set-command.ts';

const sentinel: SentinelCommand = {
  ...sentinelFacts,
  name: 'sentinel',
  summary: 'A container for commands of Sentinel.',
  complexity: 'Depends on subcommand.',
  arity: -2,
  subcommands: [...actCommands, config, debug, ...lookCommands, set].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  ),
};

/** Commands of every kind of node that redis-sentinel serves too. */
const SERVED = new Set([
  ...['acl', 'auth', 'client', 'command', 'hello', 'ping'],
  ...['psubscribe', 'punsubscribe', 'subscribe', 'unsubscribe'],
]);

const shared: readonly Command[] = [
  ...aclCommands,
  ...commandCommands,
  ...connectionCommands,
  ...pubsubCommands,
]
  .filter(({ name }) => SERVED.has(name))
  .map((command) => (command.name === 'client' ? withoutKeys(command) : command));

/** CLIENT NO-TOUCH is about access times of keys. */
function withoutKeys(client: Command): Command {
  const { subcommands = [] } = client;
  return { ...client, subcommands: subcommands.filter(({ name }) => name !== 'no-touch') };
}

export const sentinelCommands: readonly Command<never>[] = [...shared, ...nodeCommands, sentinel];
