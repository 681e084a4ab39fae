// What a command is: one object that holds its facts and its handler. The command table, COMMAND and
// its subcommands, the ACL categories and docs/compatibility.md are all derived from these objects,
// so they cannot disagree. Nothing here runs a command; that is the dispatcher.

import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
import type { Blocked } from './blocking.ts';
import type { Session } from './session.ts';

/** Flags under the names that COMMAND INFO prints. */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'asking'
  | 'fast'
  | 'no_auth'
  | 'may_replicate'
  | 'no_mandatory_keys'
  | 'protected'
  | 'no_async_loading'
  | 'no_multi'
  | 'movablekeys'
  | 'allow_busy'
  | 'touches_arbitrary_keys';

/** Categories that do not follow from flags; `write`, `read`, `fast`, `slow`, `admin`, `dangerous`, `pubsub` and `blocking` do. */
export type CommandCategory =
  | 'keyspace'
  | 'read'
  | 'write'
  | 'set'
  | 'sortedset'
  | 'list'
  | 'hash'
  | 'string'
  | 'bitmap'
  | 'hyperloglog'
  | 'geo'
  | 'stream'
  | 'pubsub'
  | 'admin'
  | 'fast'
  | 'slow'
  | 'blocking'
  | 'dangerous'
  | 'connection'
  | 'transaction'
  | 'scripting';

/** Groups under the names that COMMAND DOCS prints. */
export type CommandGroup =
  | 'generic'
  | 'string'
  | 'list'
  | 'set'
  | 'sorted-set'
  | 'hash'
  | 'pubsub'
  | 'transactions'
  | 'connection'
  | 'server'
  | 'scripting'
  | 'hyperloglog'
  | 'cluster'
  | 'sentinel'
  | 'geo'
  | 'stream'
  | 'bitmap';

export type KeySpecFlag =
  | 'RO'
  | 'RW'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags';

/** Where a command's keys are: the same three steps as Redis's key specifications. */
export interface KeySpec {
  readonly flags: readonly KeySpecFlag[];
  readonly notes?: string;
  readonly begin:
    | { readonly index: number }
    | { readonly keyword: string; readonly from: number }
    | 'unknown';
  readonly find:
    | { readonly last: number; readonly step: number; readonly limit: number }
    | { readonly keynum: number; readonly first: number; readonly step: number }
    | 'unknown';
}

/**
 * One command, or one subcommand of a container. The session type says what the handler needs:
 * commands on `Session` serve every kind of node, commands on a wider type only those that have it.
 */
export interface Command<S extends Session = Session> {
  /** Lower case; a subcommand carries only its own word. */
  readonly name: string;
  readonly summary: string;
  readonly since: string;
  readonly group: CommandGroup;
  readonly complexity?: string;
  /** Number of arguments with the name; negative: at least that many. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  readonly categories?: readonly CommandCategory[];
  readonly keys?: readonly KeySpec[];
  /** For keys that specifications cannot find (SORT's STORE, EVAL …): argument positions. */
  readonly findKeys?: (request: Request) => readonly FoundKey[];
  /** Read access, write access or both may depend on arguments (SET … GET, BITFIELD): overrides the flags of `keys`. */
  readonly keyFlags?: (request: Request) => readonly KeySpecFlag[];
  /** Arguments in the notation of docs/compatibility.md, parsed for COMMAND DOCS by `syntax.ts`. */
  readonly syntax?: string;
  readonly tips?: readonly string[];
  readonly history?: readonly (readonly [version: string, change: string])[];
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  /** For the nodes themselves, not for clients: the doc flag `syscmd`. */
  readonly system?: boolean;
  readonly subcommands?: readonly Command<S>[];
  readonly run?: (session: S, request: Request, reply: ReplyWriter) => Blocked | undefined | void;
}

export interface FoundKey {
  readonly index: number;
  readonly flags: readonly KeySpecFlag[];
}

// The specifications that most commands have.
const ONE = { last: 0, step: 1, limit: 0 } as const;

/** One key at position 1. */
export function key(...flags: KeySpecFlag[]): readonly KeySpec[] {
  return [{ flags, begin: { index: 1 }, find: ONE }];
}

/** Keys from position 1 to the end, every `step`. */
export function keysToEnd(flags: readonly KeySpecFlag[], step = 1): readonly KeySpec[] {
  return [{ flags, begin: { index: 1 }, find: { last: -1, step, limit: 0 } }];
}

/** One key at `index`. */
export function keyAt(index: number, ...flags: KeySpecFlag[]): KeySpec {
  return { flags, begin: { index }, find: ONE };
}
