// The commands on strings.

import type { DataCommand } from '../context.ts';
import { get, getdel, mget, strlen } from './get.ts';
import { getex } from './getex.ts';
import { incrbyfloat } from './incrbyfloat.ts';
import { decr, decrby, incr, incrby } from './increment.ts';
import { lcs } from './lcs.ts';
import { mset, msetnx } from './mset.ts';
import { append, getrange, setrange, substr } from './range.ts';
import { getset, psetex, set, setex, setnx } from './set.ts';

export const stringCommands: readonly DataCommand[] = [
  append,
  decr,
  decrby,
  get,
  getdel,
  getex,
  getrange,
  getset,
  incr,
  incrby,
  incrbyfloat,
  lcs,
  mget,
  mset,
  msetnx,
  psetex,
  set,
  setex,
  setnx,
  setrange,
  strlen,
  substr,
];
