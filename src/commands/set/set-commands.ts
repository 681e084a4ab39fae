// The commands on sets.

import type { DataCommand } from '../context.ts';
import {
  sdiff,
  sdiffstore,
  sinter,
  sintercard,
  sinterstore,
  sunion,
  sunionstore,
} from './algebra.ts';
import { spop, srandmember } from './random.ts';
import { scard, sismember, smembers, smismember, sscan } from './read.ts';
import { sadd, smove, srem } from './write.ts';

export const setCommands: readonly DataCommand[] = [
  sadd,
  scard,
  sdiff,
  sdiffstore,
  sinter,
  sintercard,
  sinterstore,
  sismember,
  smembers,
  smismember,
  smove,
  spop,
  srandmember,
  srem,
  sscan,
  sunion,
  sunionstore,
];
