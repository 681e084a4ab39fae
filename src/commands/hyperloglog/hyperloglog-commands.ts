// The commands on HyperLogLogs.

import type { DataCommand } from '../context.ts';
import { pfadd, pfcount, pfmerge } from './pfadd.ts';
import { pfdebug, pfselftest } from './pfdebug.ts';

export const hyperloglogCommands: readonly DataCommand[] = [
  pfadd,
  pfcount,
  pfdebug,
  pfmerge,
  pfselftest,
];
