// What the access rules need to know of the commands: a dense number for the bitmaps, the category
// bits and the command object, which tells where keys are. The command table's entries satisfy `AclCommand`; the rules never see more,
// so that a Sentinel, which has other commands and no keys, uses them unchanged.

import type { Command, CommandCategory } from '../command.ts';

/** Commands and subcommands together; one more bit would be needed for each beyond. */
export const MAX_ACL_COMMANDS = 1024;

/** A command or subcommand as the rules see it. */
export interface AclCommand {
  /** Dense, below `MAX_ACL_COMMANDS`, the same for the life of the process. */
  readonly id: number;
  /** `get`, `config|get`; lower case. */
  readonly fullName: string;
  readonly command: Command<never>;
  readonly parent: AclCommand | undefined;
  /** By lower-case word; undefined for a command that is no container. */
  readonly subcommands: ReadonlyMap<string, AclCommand> | undefined;
  /** Bits in the order of `aclCategories`. */
  readonly categories: number;
}

/** All commands of a node. */
export interface AclCommandSet {
  /** Every container and plain command, in any order; subcommands hang below. */
  aclCommands(): Iterable<AclCommand>;
  /** A plain command or container by name, in lower case. */
  aclCommand(name: string): AclCommand | undefined;
}

/** In the order that ACL CAT prints them. */
export const aclCategories: readonly CommandCategory[] = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];

const categoryBits: ReadonlyMap<string, number> = new Map(
  aclCategories.map((name, index) => [name, 1 << index]),
);

/** The bit of a category named in any case; 0 when there is none. */
export function categoryBit(name: string): number {
  return categoryBits.get(name.toLowerCase()) ?? 0;
}

/** The categories of a command: its own and those that follow from its flags. */
export function categoriesOf(command: Command<never>): number {
  let bits = 0;
  for (const name of command.categories ?? []) bits |= categoryBit(name);
  const scripting = (bits & categoryBit('scripting')) !== 0;
  for (const flag of command.flags) {
    if (flag === 'write') bits |= categoryBit('write');
    // A read-only script may still run anything that its user may: EVAL_RO must not come with @read.
    if (flag === 'readonly' && !scripting) bits |= categoryBit('read');
    if (flag === 'admin') bits |= categoryBit('admin') | categoryBit('dangerous');
    if (flag === 'pubsub') bits |= categoryBit('pubsub');
    if (flag === 'fast') bits |= categoryBit('fast');
    if (flag === 'blocking') bits |= categoryBit('blocking');
  }
  return bits & categoryBit('fast') ? bits : bits | categoryBit('slow');
}

/** `get`, `config|get` in any case; exactly one level of subcommands, as the rules spell them. */
export function lookupRuleCommand(commands: AclCommandSet, name: string): AclCommand | undefined {
  const parts = name.toLowerCase().split('|');
  if (parts.length > 2) return undefined;
  const base = commands.aclCommand(parts[0]);
  if (parts.length === 1 || base === undefined) return base;
  return base.subcommands?.get(parts[1]);
}

/** What the arguments of a pub/sub command are to the rules. */
export interface ChannelAccess {
  readonly pattern: boolean;
  /** Only the first argument is a channel (PUBLISH), or all of them. */
  readonly one: boolean;
}

// Leaving a channel needs no permission, so the unsubscribing commands are not here.
const channelAccess: ReadonlyMap<string, ChannelAccess> = new Map([
  ['subscribe', { pattern: false, one: false }],
  ['ssubscribe', { pattern: false, one: false }],
  ['psubscribe', { pattern: true, one: false }],
  ['publish', { pattern: false, one: true }],
  ['spublish', { pattern: false, one: true }],
]);

/** The channels that a command asks for, or undefined. */
export function channelAccessOf(command: AclCommand): ChannelAccess | undefined {
  return channelAccess.get(command.fullName);
}
