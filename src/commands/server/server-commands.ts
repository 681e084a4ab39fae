// The commands of this folder, for commands/registry.ts.

import type { DataCommand } from '../context.ts';
import { config } from './config-command.ts';
import { debug } from './debug-command.ts';
import { info } from './info-command.ts';
import { latency } from './latency-command.ts';
import { memory } from './memory-command.ts';
import { module } from './module-command.ts';
import { bgrewriteaof, bgsave, lastsave, save } from './save.ts';
import { shutdown } from './shutdown.ts';
import { slowlog } from './slowlog-command.ts';
import { lolwut, time } from './small-answers.ts';

export const serverCommands: readonly DataCommand[] = [
  bgrewriteaof,
  bgsave,
  config,
  debug,
  info,
  lastsave,
  latency,
  lolwut,
  memory,
  module,
  save,
  shutdown,
  slowlog,
  time,
];
