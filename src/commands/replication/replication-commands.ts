// The commands of this folder, for commands/registry.ts.

import type { DataCommand } from '../context.ts';
import { psync, sync } from './psync.ts';
import { replconf } from './replconf.ts';
import { role } from './role.ts';
import { wait, waitaof } from './wait.ts';

export const replicationCommands: readonly DataCommand[] = [
  psync,
  replconf,
  role,
  sync,
  wait,
  waitaof,
];
