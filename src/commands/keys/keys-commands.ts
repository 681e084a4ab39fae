// The commands on keys of any type.

import type { DataCommand } from '../context.ts';
import { del, unlink } from './delete.ts';
import { dump, restore } from './dump.ts';
import { expire, expireat, pexpire, pexpireat } from './expire.ts';
import { flushall, flushdb, swapdb } from './flush.ts';
import { dbsize, exists, keys, randomkey, touch, type } from './inspect.ts';
import { migrate } from './migrate.ts';
import { object } from './object.ts';
import { copy, move, rename, renamenx } from './rename.ts';
import { scan } from './scan.ts';
import { select } from './select.ts';
import { expiretime, persist, pexpiretime, pttl, ttl } from './ttl.ts';

export const keysCommands: readonly DataCommand[] = [
  copy,
  dbsize,
  del,
  dump,
  exists,
  expire,
  expireat,
  expiretime,
  flushall,
  flushdb,
  keys,
  migrate,
  move,
  object,
  persist,
  pexpire,
  pexpireat,
  pexpiretime,
  pttl,
  randomkey,
  rename,
  renamenx,
  restore,
  scan,
  select,
  swapdb,
  touch,
  ttl,
  type,
  unlink,
];
