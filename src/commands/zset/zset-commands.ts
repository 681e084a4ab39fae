// All commands on sorted sets.

import type { DataCommand } from '../context.ts';
import { zadd, zincrby } from './add.ts';
import {
  zdiff,
  zdiffstore,
  zinter,
  zintercard,
  zinterstore,
  zunion,
  zunionstore,
} from './combine.ts';
import { bzmpop, bzpopmax, bzpopmin, zmpop, zpopmax, zpopmin } from './pop.ts';
import { zrandmember } from './random.ts';
import {
  zrange,
  zrangebylex,
  zrangebyscore,
  zrangestore,
  zrevrange,
  zrevrangebylex,
  zrevrangebyscore,
} from './range.ts';
import { zcard, zcount, zlexcount, zmscore, zrank, zrevrank, zscan, zscore } from './read.ts';
import { zrem, zremrangebylex, zremrangebyrank, zremrangebyscore } from './remove.ts';

export const zsetCommands: readonly DataCommand[] = [
  zadd,
  zincrby,
  zrem,
  zscore,
  zmscore,
  zcard,
  zrank,
  zrevrank,
  zcount,
  zlexcount,
  zscan,
  zrange,
  zrevrange,
  zrangebyscore,
  zrevrangebyscore,
  zrangebylex,
  zrevrangebylex,
  zrangestore,
  zremrangebyrank,
  zremrangebyscore,
  zremrangebylex,
  zpopmin,
  zpopmax,
  zmpop,
  bzpopmin,
  bzpopmax,
  bzmpop,
  zrandmember,
  zunion,
  zunionstore,
  zinter,
  zinterstore,
  zintercard,
  zdiff,
  zdiffstore,
];
