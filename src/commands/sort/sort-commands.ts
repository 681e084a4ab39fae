// SORT and its read-only form.

import type { DataCommand } from '../context.ts';
import { sort, sortRo } from './sort.ts';

export const sortCommands: readonly DataCommand[] = [sort, sortRo];
