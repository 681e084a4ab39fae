// All commands of a node, found by the bytes of their names: no string is made and nothing is allocated
// for a lookup. It also holds what is derived from a command once (flag bits, categories, the id of
// ACL bitmaps) and its statistics. It runs nothing.

import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
import { assert } from '../util/assert.ts';
import { type AclCommand, type AclCommandSet, categoriesOf } from './acl/acl-commands.ts';
import type { Blocked } from './blocking.ts';
import type { Command, FoundKey, KeySpec } from './command.ts';
import { CommandBit, flagBits } from './command-flags.ts';
import { keysOf } from './key-finder.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { Session } from './session.ts';

type Run = (session: Session, request: Request, reply: ReplyWriter) => Blocked | undefined | void;

/** How a command behaves in a state where most are refused; bits of `CommandEntry.traits`. */
export const Trait = {
  /** EXEC itself: a refusal aborts the transaction, and the queue's flags count as its own. */
  exec: 1,
  /** Runs at once inside MULTI: EXEC, DISCARD, MULTI, WATCH, QUIT, RESET. */
  immediateInMulti: 2,
  /** Is never refused for lack of memory inside MULTI: EXEC, DISCARD, QUIT, RESET. */
  neverOutOfMemoryInMulti: 4,
  /** Allowed to a RESP2 session that is subscribed. */
  subscriber: 8,
  /** PING: the one reading command that tells of disk errors. */
  ping: 16,
} as const;

const { exec, immediateInMulti, neverOutOfMemoryInMulti, subscriber, ping } = Trait;
const traits: ReadonlyMap<string, number> = new Map([
  ['exec', exec | immediateInMulti | neverOutOfMemoryInMulti],
  ['discard', immediateInMulti | neverOutOfMemoryInMulti],
  ['multi', immediateInMulti],
  ['watch', immediateInMulti],
  ['quit', immediateInMulti | neverOutOfMemoryInMulti | subscriber],
  ['reset', immediateInMulti | neverOutOfMemoryInMulti | subscriber],
  ['ping', ping | subscriber],
  ['subscribe', subscriber],
  ['ssubscribe', subscriber],
  ['psubscribe', subscriber],
  ['unsubscribe', subscriber],
  ['sunsubscribe', subscriber],
  ['punsubscribe', subscriber],
]);

/** A command or subcommand of a node. */
export class CommandEntry implements AclCommand {
  readonly id: number;
  readonly command: Command<never>;
  readonly parent: CommandEntry | undefined;
  /** `get`, `config|get`; a renamed command keeps its own. */
  readonly fullName: string;
  readonly subcommands: ReadonlyMap<string, CommandEntry> | undefined;
  readonly categories: number;
  readonly flags: number;
  readonly traits: number;
  readonly arity: number;
  readonly run: Run | undefined;
  /**
   * Its time may matter on its own. What is flagged fast or documented as O(1) cannot reach a
   * slowlog threshold of a millisecond by itself, and those are the commands whose rate matters.
   */
  readonly mayBeSlow: boolean;
  readonly nameBytes: Uint8Array;

  calls = 0;
  /** Fractions come from shares of a chunk's time. */
  usec = 0;
  rejectedCalls = 0;
  failedCalls = 0;
  latency: LatencyHistogram | undefined = undefined;
  /** Calls that wait for their share of the chunk's time; see statistics.ts. */
  untimedCalls = 0;

  constructor(id: () => number, command: Command<never>, parent?: CommandEntry) {
    this.id = id();
    this.command = command;
    this.parent = parent;
    this.fullName = parent === undefined ? command.name : `${parent.fullName}|${command.name}`;
    this.categories = categoriesOf(command);
    this.flags = flagBits(command.flags) | (hasMovableKeys(command) ? CommandBit.movablekeys : 0);
    this.traits = traits.get(this.fullName) ?? 0;
    this.arity = command.arity;
    this.run = command.run as Run | undefined;
    this.mayBeSlow =
      (this.flags & CommandBit.fast) === 0 && !(command.complexity ?? 'O(1)').startsWith('O(1)');
    this.nameBytes = Buffer.from(command.name, 'latin1');
    this.subcommands =
      command.subcommands &&
      new Map(command.subcommands.map((sub) => [sub.name, new CommandEntry(id, sub, this)]));
  }

  /** Whether a request with this many arguments, the name included, may be one of this command. */
  fits(count: number): boolean {
    return this.arity > 0 ? count === this.arity : count >= -this.arity;
  }

  keysOf(request: Request): readonly FoundKey[] {
    return keysOf(this.command, request);
  }

  recordLatency(ns: number, count: number): void {
    this.latency ??= new LatencyHistogram();
    this.latency.record(ns, count);
  }

  resetStatistics(): void {
    this.calls = 0;
    this.usec = 0;
    this.rejectedCalls = 0;
    this.failedCalls = 0;
    this.latency = undefined;
  }
}

/** Redis's rule for the flag: some key cannot be told by one plain run of positions. */
function hasMovableKeys(command: Command<never>): boolean {
  const specs = command.keys ?? [];
  let previousLast = 0;
  for (const spec of specs) {
    if (!isRange(spec) || spec.flags.includes('incomplete')) return true;
    if (specs.length === 1) return false;
    if (spec.find.step !== 1) return true;
    if (previousLast !== 0 && previousLast !== spec.begin.index - 1) return true;
    previousLast = spec.find.last >= 0 ? spec.begin.index + spec.find.last : spec.find.last;
  }
  return false;
}

/** The specification of one run of positions, which old clients understand. */
type RangeSpec = KeySpec & {
  readonly begin: { readonly index: number };
  readonly find: { readonly last: number; readonly step: number; readonly limit: number };
};

function isRange(spec: KeySpec): spec is RangeSpec {
  return (
    typeof spec.begin === 'object' &&
    'index' in spec.begin &&
    typeof spec.find === 'object' &&
    'last' in spec.find
  );
}

/** First key, last key and step as COMMAND INFO has shown them since before specifications. */
export function legacyKeyRange(command: Command<never>): readonly [number, number, number] {
  const specs = command.keys ?? [];
  if (specs.length === 1) {
    const [spec] = specs;
    if (!isRange(spec)) return [0, 0, 0];
    const { last, step } = spec.find;
    return [spec.begin.index, last >= 0 ? spec.begin.index + last : last, step];
  }
  let first = 0;
  let last = 0;
  let previousLast = 0;
  for (const spec of specs) {
    if (!isRange(spec) || spec.find.step !== 1) continue;
    const { index } = spec.begin;
    if (previousLast !== 0 && previousLast !== index - 1) continue;
    first = first === 0 ? index : Math.min(first, index);
    const end = spec.find.last >= 0 ? index + spec.find.last : spec.find.last;
    // Negative positions count from the end and are therefore behind all others.
    last = end >>> 0 > last >>> 0 ? end : last;
    previousLast = last;
  }
  return first === 0 ? [0, 0, 0] : [first, last, 1];
}

/** Longer names are nobody's, and not worth hashing. */
const MAX_NAME_BYTES = 64;
/** Slots of the smallest table; always a power of two, at most a quarter full. */
const MIN_SLOTS = 256;
const WHOLE_IN_WORDS = /^[a-z]{1,8}$/;

export class CommandTable implements AclCommandSet {
  /** By the name that clients use. */
  readonly #byName: Map<string, CommandEntry> = new Map();
  /** By the command's own name, renamed or not. */
  readonly #byOwnName: Map<string, CommandEntry> = new Map();
  #nextId = 0;

  #slots: (CommandEntry | undefined)[] = [];
  #slotNames: (Uint8Array | undefined)[] = [];
  /** Of each slot's name, `headWord` and `tailWord`. */
  #words: Int32Array = new Int32Array(0);
  /** Length of a name that its words tell whole, else 0. */
  #wholeLengths: Uint8Array = new Uint8Array(0);
  #mask = 0;

  add(commands: readonly Command<never>[]): void {
    for (const command of commands) {
      assert(!this.#byOwnName.has(command.name), `command ${command.name} is added twice`);
      const entry = new CommandEntry(() => this.#nextId++, command);
      this.#byName.set(command.name, entry);
      this.#byOwnName.set(command.name, entry);
    }
    this.#index();
  }

  /** rename-command; an empty new name takes the command away. False when there is no such command. */
  rename(name: string, newName: string): boolean {
    const entry = this.#byName.get(name.toLowerCase());
    if (entry === undefined) return false;
    const wanted = newName.toLowerCase();
    if (wanted !== '' && this.#byName.has(wanted)) return false;
    this.#byName.delete(name.toLowerCase());
    if (wanted !== '') this.#byName.set(wanted, entry);
    this.#index();
    return true;
  }

  /** Top-level commands that clients can reach. */
  get size(): number {
    return this.#byName.size;
  }

  #index(): void {
    let slots = MIN_SLOTS;
    while (slots < this.#byName.size * 4) slots *= 2;
    this.#mask = slots - 1;
    this.#slots = new Array(slots).fill(undefined);
    this.#slotNames = new Array(slots).fill(undefined);
    this.#words = new Int32Array(2 * slots);
    this.#wholeLengths = new Uint8Array(slots);
    for (const [name, entry] of this.#byName) {
      const bytes = Buffer.from(name, 'latin1');
      const head = headWord(bytes, 0, bytes.length);
      const tail = tailWord(bytes, bytes.length, bytes.length);
      let at = slotFor(head, tail, this.#mask);
      while (this.#slots[at] !== undefined) at = (at + 1) & this.#mask;
      this.#slots[at] = entry;
      this.#slotNames[at] = bytes;
      this.#words[2 * at] = head;
      this.#words[2 * at + 1] = tail;
      this.#wholeLengths[at] = WHOLE_IN_WORDS.test(name) ? bytes.length : 0;
    }
  }

  /** The top-level command whose name lies at b[start..end), in any case. */
  find(b: Uint8Array, start: number, end: number): CommandEntry | undefined {
    const length = end - start;
    if (length > MAX_NAME_BYTES || length === 0) return undefined;
    const head = headWord(b, start, length);
    const tail = tailWord(b, end, length);
    const words = this.#words;
    for (let at = slotFor(head, tail, this.#mask); ; at = (at + 1) & this.#mask) {
      const entry = this.#slots[at];
      if (entry === undefined) return undefined;
      if (words[2 * at] !== head || words[2 * at + 1] !== tail) continue;
      if (this.#wholeLengths[at] === length) return entry;
      if (equalsName(this.#slotNames[at] as Buffer, b, start, end)) return entry;
    }
  }

  /** The command or subcommand that a request names. */
  lookup(request: Request, at = 0): CommandEntry | undefined {
    const base = this.find(request.buffer, request.starts[at], request.ends[at]);
    if (base?.subcommands === undefined || request.count === at + 1) return base;
    for (const sub of base.subcommands.values()) {
      if (equalsName(sub.nameBytes, request.buffer, request.starts[at + 1], request.ends[at + 1]))
        return sub;
    }
    return undefined;
  }

  /** `get`, `config|get` in any case, as COMMAND INFO and DOCS are asked. */
  byFullName(fullName: string): CommandEntry | undefined {
    const parts = fullName.toLowerCase().split('|');
    const base = parts.length <= 2 ? this.#byName.get(parts[0]) : undefined;
    return parts.length === 1 ? base : base?.subcommands?.get(parts[1]);
  }

  /** Every reachable top-level command, in the order they were added. */
  values(): Iterable<CommandEntry> {
    return this.#byName.values();
  }

  /** Commands and subcommands, each container before its own. */
  *all(): Iterable<CommandEntry> {
    for (const entry of this.#byName.values()) {
      yield entry;
      if (entry.subcommands !== undefined) yield* entry.subcommands.values();
    }
  }

  // Rules are written with the commands' own names: a renamed command stays the same command.
  aclCommands(): Iterable<CommandEntry> {
    return this.#byOwnName.values();
  }

  aclCommand(name: string): CommandEntry | undefined {
    return this.#byOwnName.get(name.toLowerCase());
  }
}

// A name as two numbers, its first four bytes and its last four, with letters in lower case. A name of at
// most eight letters is known by them and its length, so it need not be compared byte by byte.

/** Bit 5 of four bytes: it makes a capital letter small. */
const LOWER_CASE = 0x20202020;

function wordAt(b: Uint8Array, at: number): number {
  return b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24);
}

function headWord(b: Uint8Array, start: number, length: number): number {
  if (length >= 4) return wordAt(b, start) | LOWER_CASE;
  let word = b[start];
  if (length > 1) word |= b[start + 1] << 8;
  if (length > 2) word |= b[start + 2] << 16;
  return word | LOWER_CASE;
}

function tailWord(b: Uint8Array, end: number, length: number): number {
  return length > 4 ? wordAt(b, end - 4) | LOWER_CASE : 0;
}

function slotFor(head: number, tail: number, mask: number): number {
  const hash = Math.imul(head ^ Math.imul(tail, -1640531535), -2048144789);
  return (hash ^ (hash >>> 15)) & mask;
}

/** `name` is lower case. */
function equalsName(name: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    let c = b[start + i];
    if (c >= 65 && c <= 90) c += 32;
    if (c !== name[i]) return false;
  }
  return true;
}
