// All commands of a data node. What is served, COMMAND's answers and docs/compatibility.md come from here.

import type { Command } from '../dispatch/command.ts';
import { bitmapCommands } from './bitmap/bitmap-commands.ts';
import { clusterCommands } from './cluster/cluster-commands.ts';
import type { DataCommand } from './context.ts';
import { geoCommands } from './geo/geo-commands.ts';
import { hashCommands } from './hash/hash-commands.ts';
import { hyperloglogCommands } from './hyperloglog/hyperloglog-commands.ts';
import { keysCommands } from './keys/keys-commands.ts';
import { listCommands } from './list/list-commands.ts';
import { replicationCommands } from './replication/replication-commands.ts';
import { serverCommands } from './server/server-commands.ts';
import { setCommands } from './set/set-commands.ts';
import { aclCommands } from './shared/acl/acl-commands.ts';
import { commandCommands } from './shared/command/command-command.ts';
import { connectionCommands } from './shared/connection/connection-commands.ts';
import { monitorCommands } from './shared/monitor/monitor-commands.ts';
import { pubsubCommands } from './shared/pubsub/pubsub-commands.ts';
import { sortCommands } from './sort/sort-commands.ts';
import { streamCommands } from './stream/stream-commands.ts';
import { stringCommands } from './string/string-commands.ts';
import { transactionsCommands } from './transactions/transactions-commands.ts';
import { zsetCommands } from './zset/zset-commands.ts';

/** Commands that need a database. */
export const dataCommands: readonly DataCommand[] = [
  ...bitmapCommands,
  ...clusterCommands,
  ...geoCommands,
  ...hashCommands,
  ...hyperloglogCommands,
  ...keysCommands,
  ...listCommands,
  ...replicationCommands,
  ...serverCommands,
  ...setCommands,
  ...sortCommands,
  ...streamCommands,
  ...stringCommands,
  ...zsetCommands,
];

/** Commands that any node can serve, and transactions. */
export const sharedCommands: readonly Command[] = [
  ...aclCommands,
  ...commandCommands,
  ...connectionCommands,
  ...monitorCommands,
  ...pubsubCommands,
  ...transactionsCommands,
];
