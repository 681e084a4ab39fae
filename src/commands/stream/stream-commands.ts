// The commands on streams.

import type { DataCommand } from '../context.ts';
import { xadd, xtrim } from './add.ts';
import { xautoclaim, xclaim } from './claim.ts';
import { xdel, xsetid } from './edit.ts';
import { xack, xgroup } from './group.ts';
import { xinfo } from './info.ts';
import { xpending } from './pending.ts';
import { xlen, xrange, xrevrange } from './range.ts';
import { xread, xreadgroup } from './xread.ts';

export const streamCommands: readonly DataCommand[] = [
  xack,
  xadd,
  xautoclaim,
  xclaim,
  xdel,
  xgroup,
  xinfo,
  xlen,
  xpending,
  xrange,
  xread,
  xreadgroup,
  xrevrange,
  xsetid,
  xtrim,
];
