// Command flags as bits, so that a check on the way of a command is one AND.

import type { CommandFlag } from './command.ts';

/** In the order in which COMMAND INFO prints them. */
const ORDER = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'may_replicate',
  'no_mandatory_keys',
  'protected',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
  'touches_arbitrary_keys',
] as const satisfies readonly CommandFlag[];

/** Real flags that Redis keeps to itself. */
const HIDDEN: ReadonlySet<string> = new Set([
  'may_replicate',
  'protected',
  'touches_arbitrary_keys',
]);

function bit(flag: CommandFlag): number {
  return 1 << ORDER.indexOf(flag);
}

export const CommandBit: Readonly<Record<CommandFlag, number>> = Object.fromEntries(
  ORDER.map((flag) => [flag, bit(flag)]),
) as Record<CommandFlag, number>;

export function flagBits(flags: readonly CommandFlag[]): number {
  let bits = 0;
  for (const flag of flags) bits |= CommandBit[flag];
  return bits;
}

/** The names that COMMAND INFO shows, in its order. */
export function shownFlags(bits: number): string[] {
  return ORDER.filter((flag) => (bits & CommandBit[flag]) !== 0 && !HIDDEN.has(flag));
}
