// The commands on strings as arrays of bits.

import type { DataCommand } from '../context.ts';
import { bitcount, bitpos } from './bitcount.ts';
import { bitfield, bitfieldRo } from './bitfield.ts';
import { bitop } from './bitop.ts';
import { getbit, setbit } from './single-bit.ts';

export const bitmapCommands: readonly DataCommand[] = [
  bitcount,
  bitfield,
  bitfieldRo,
  bitop,
  bitpos,
  getbit,
  setbit,
];
