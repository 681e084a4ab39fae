// The real environment of a process.

import type { Environment } from '../environment.ts';
import { NodeClock } from './node-clock.ts';
import { NodeFiles } from './node-files.ts';
import { NodeHost } from './node-host.ts';
import { NodeLog } from './node-log.ts';
import { NodeNetwork } from './node-network.ts';
import { NodeRandom } from './node-random.ts';
import { NodeTimers } from './node-timers.ts';

export function nodeEnvironment(): Environment {
  return {
    clock: new NodeClock(),
    timers: new NodeTimers(),
    network: new NodeNetwork(),
    files: new NodeFiles(),
    random: new NodeRandom(),
    log: new NodeLog(),
    pid: process.pid,
    host: new NodeHost(),
  };
}
