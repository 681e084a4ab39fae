// One set of permissions: which commands may run, on which keys, with which channels. A user has one
// at its root and any number of further ones; a command may run when one of them allows all of it.
//
// The commands are kept twice: as bits, which decide, and as the words that led there, which ACL LIST
// and ACL SAVE print. Adding a word drops the earlier words that it makes void, and nothing more:
// what a category will contain in a later version is not known, so the words are never "simplified".

import type { Request } from '../../protocol/request.ts';
import { Glob } from '../../util/glob.ts';
import type { FoundKey, KeySpecFlag } from '../command.ts';
import { keysOf } from '../key-finder.ts';
import type { AclCommand, AclCommandSet } from './acl-commands.ts';
import {
  categoryBit,
  channelAccessOf,
  lookupRuleCommand,
  MAX_ACL_COMMANDS,
} from './acl-commands.ts';
import type { AclProblem } from './acl-problem.ts';

/** Kinds of access to a key, as bits. */
export const KeyAccess = { read: 1, write: 2, both: 3 } as const;

/** What a check found; a greater one is the more telling reason. */
export const AclVerdict = { allowed: 0, command: 1, key: 2, channel: 3, auth: 4 } as const;
export type AclVerdictValue = (typeof AclVerdict)[keyof typeof AclVerdict];

interface KeyPattern {
  readonly text: string;
  readonly glob: Glob;
  access: number;
}

interface ChannelPattern {
  readonly text: string;
  readonly bytes: Buffer;
  readonly glob: Glob;
}

interface CommandRule {
  readonly allow: boolean;
  /** Lower case: `@read`, `get`, `config|get`, `select|0`. */
  readonly word: string;
}

/** Found once and used by every selector of a user that is asked about the same request. */
export class KeysOnce {
  #keys: readonly FoundKey[] | undefined;

  of(command: AclCommand, request: Request): readonly FoundKey[] {
    this.#keys ??= keysOf(command.command, request);
    return this.#keys;
  }
}

/** Position of the argument that decided, for the log. */
export interface Denial {
  position: number;
}

/** True when `text` has a character that C's isspace() takes for a space, or a NUL. */
export function hasSpaces(text: string): boolean {
  return /[\0\t-\r ]/.test(text);
}

/** Read, write, both or none: what the flags of a found key ask for. */
function accessOf(flags: readonly KeySpecFlag[]): number {
  let access = 0;
  for (const flag of flags) {
    if (flag === 'access') access |= KeyAccess.read;
    else if (flag === 'insert' || flag === 'delete' || flag === 'update') access |= KeyAccess.write;
  }
  return access;
}

export class AclSelector {
  readonly root: boolean;
  allKeys = false;
  allChannels: boolean;
  /** Every command, those included that do not exist yet; a single `-` ends it. */
  allCommands = false;
  /** The rules began with +@all: what they do not name is allowed. */
  #beganWithAll = false;
  #bits = new Uint32Array(MAX_ACL_COMMANDS / 32);
  #firstArguments = new Map<number, string[]>();
  #rules: CommandRule[] = [];
  #keys: KeyPattern[] = [];
  #channels: ChannelPattern[] = [];

  constructor(root: boolean, allChannels: boolean) {
    this.root = root;
    this.allChannels = allChannels;
  }

  clone(): AclSelector {
    const copy = new AclSelector(this.root, this.allChannels);
    copy.allKeys = this.allKeys;
    copy.allCommands = this.allCommands;
    copy.#beganWithAll = this.#beganWithAll;
    copy.#bits = this.#bits.slice();
    copy.#firstArguments = new Map([...this.#firstArguments].map(([id, list]) => [id, [...list]]));
    copy.#rules = [...this.#rules];
    copy.#keys = this.#keys.map((pattern) => ({ ...pattern }));
    copy.#channels = [...this.#channels];
    return copy;
  }

  get unrestricted(): boolean {
    return this.allKeys && this.allChannels && this.allCommands;
  }

  /** Texts of the channel patterns. */
  get channelPatterns(): readonly string[] {
    return this.#channels.map((pattern) => pattern.text);
  }

  /** Applies one rule word. Changes nothing when it returns a problem. */
  apply(op: string, commands: AclCommandSet): AclProblem | undefined {
    switch (op.toLowerCase()) {
      case 'allkeys':
      case '~*':
        this.allKeys = true;
        this.#keys = [];
        return undefined;
      case 'resetkeys':
        this.allKeys = false;
        this.#keys = [];
        return undefined;
      case 'allchannels':
      case '&*':
        this.allChannels = true;
        this.#channels = [];
        return undefined;
      case 'resetchannels':
        this.allChannels = false;
        this.#channels = [];
        return undefined;
      case 'allcommands':
      case '+@all':
        this.#setAll(true);
        return undefined;
      case 'nocommands':
      case '-@all':
        this.#setAll(false);
        return undefined;
    }
    switch (op[0]) {
      case '~':
      case '%':
        return this.#addKeys(op);
      case '&':
        return this.#addChannels(op.slice(1));
      case '+':
      case '-':
        if (op[1] === '@') return this.#changeCategory(op, commands);
        return op[0] === '+'
          ? this.#allow(op.slice(1), commands)
          : this.#deny(op.slice(1), commands);
      default:
        return 'syntax';
    }
  }

  #setAll(allow: boolean): void {
    this.#bits.fill(allow ? 0xffffffff : 0);
    this.allCommands = allow;
    this.#beganWithAll = allow;
    this.#rules = [];
    this.#firstArguments.clear();
  }

  /** `~pattern` or `%RW~pattern`. */
  #addKeys(op: string): AclProblem | undefined {
    if (this.allKeys) return 'keyAfterAll';
    let access: number = KeyAccess.both;
    let at = 1;
    if (op[0] === '%') {
      access = 0;
      for (; at < op.length && op[at] !== '~'; at++) {
        const bit = op[at].toUpperCase() === 'R' ? KeyAccess.read : KeyAccess.write;
        if (!/[rw]/i.test(op[at]) || access & bit) return 'syntax';
        access |= bit;
      }
      // Without any letter the pattern would grant nothing and could not be printed.
      if (access === 0) return 'syntax';
      at++;
    }
    const text = op.slice(at);
    if (hasSpaces(text)) return 'syntax';
    const known = this.#keys.find((pattern) => pattern.text === text);
    if (known !== undefined) known.access |= access;
    else this.#keys.push({ text, glob: new Glob(Buffer.from(text, 'latin1')), access });
    return undefined;
  }

  #addChannels(text: string): AclProblem | undefined {
    if (this.allChannels) return 'channelAfterAll';
    if (hasSpaces(text)) return 'syntax';
    if (this.#channels.every((pattern) => pattern.text !== text)) {
      const bytes = Buffer.from(text, 'latin1');
      this.#channels.push({ text, bytes, glob: new Glob(bytes) });
    }
    return undefined;
  }

  #changeCategory(op: string, commands: AclCommandSet): AclProblem | undefined {
    const bit = categoryBit(op.slice(2));
    if (bit === 0) return 'unknown';
    const allow = op[0] === '+';
    this.#remember(op.slice(1), allow);
    for (const command of commands.aclCommands()) {
      if (command.categories & bit) this.#change(command, allow);
      for (const sub of command.subcommands?.values() ?? []) {
        if (sub.categories & bit) this.#change(sub, allow);
      }
    }
    return undefined;
  }

  #allow(name: string, commands: AclCommandSet): AclProblem | undefined {
    const bar = name.lastIndexOf('|');
    if (bar < 0) {
      const command = lookupRuleCommand(commands, name);
      if (command === undefined) return 'unknown';
      this.#change(command, true);
      this.#remember(command.fullName, true);
      return undefined;
    }
    const base = lookupRuleCommand(commands, name.slice(0, bar));
    const word = name.slice(bar + 1);
    if (base === undefined) return 'unknown';
    if (base.parent !== undefined) return 'firstArgOfSubcommand';
    if (word === '') return 'syntax';
    if (base.subcommands !== undefined) {
      const sub = base.subcommands.get(word.toLowerCase());
      if (sub === undefined) return 'unknown';
      this.#change(sub, true);
    } else {
      // Redis takes any word here and stops on an assertion when it later splits the printed rules at
      // spaces and quotes; such a word could not be read back from a file.
      if (hasSpaces(word) || /["'\\]/.test(word)) return 'syntax';
      this.#allowFirstArgument(base.id, word);
    }
    this.#remember(name, true);
    return undefined;
  }

  #deny(name: string, commands: AclCommandSet): AclProblem | undefined {
    const command = lookupRuleCommand(commands, name);
    if (command === undefined) return 'unknown';
    this.#change(command, false);
    this.#remember(command.fullName, false);
    return undefined;
  }

  /** Sets the bit of a command and of all below it. */
  #change(command: AclCommand, allow: boolean): void {
    this.#setBit(command.id, allow);
    this.#firstArguments.delete(command.id);
    for (const sub of command.subcommands?.values() ?? []) this.#setBit(sub.id, allow);
  }

  #setBit(id: number, allow: boolean): void {
    if (allow) {
      this.#bits[id >>> 5] |= 1 << (id & 31);
    } else {
      this.#bits[id >>> 5] &= ~(1 << (id & 31));
      this.allCommands = false;
    }
  }

  #allowFirstArgument(id: number, word: string): void {
    const lower = word.toLowerCase();
    const list = this.#firstArguments.get(id);
    if (list === undefined) this.#firstArguments.set(id, [lower]);
    else if (!list.includes(lower)) list.push(lower);
  }

  /** A rule about a whole command voids the earlier ones about it and about what is below it. */
  #remember(word: string, allow: boolean): void {
    const lower = word.toLowerCase();
    this.#rules = this.#rules.filter(
      (rule) => rule.word !== lower && !rule.word.startsWith(`${lower}|`),
    );
    this.#rules.push({ allow, word: lower });
  }

  /** May this command run with these arguments? Otherwise `denial` tells the argument to blame. */
  check(command: AclCommand, request: Request, keys: KeysOnce, denial: Denial): AclVerdictValue {
    denial.position = 0;
    if (!this.#allowsCommand(command, request)) return AclVerdict.command;
    if (!this.allKeys) {
      for (const key of keys.of(command, request)) {
        if (this.allowsKey(request.bytes(key.index), accessOf(key.flags))) continue;
        denial.position = key.index;
        return AclVerdict.key;
      }
    }
    if (!this.allChannels) {
      const access = channelAccessOf(command);
      const end = access === undefined ? 0 : access.one ? 2 : request.count;
      for (let i = 1; i < end; i++) {
        if (this.allowsChannel(request.bytes(i), access!.pattern)) continue;
        denial.position = i;
        return AclVerdict.channel;
      }
    }
    return AclVerdict.allowed;
  }

  #allowsCommand(command: AclCommand, request: Request): boolean {
    if (this.allCommands || this.hasBit(command.id)) return true;
    // AUTH and HELLO would lock everybody out when denied; Redis lets them pass by this flag.
    if (command.command.flags.includes('no_auth')) return true;
    const words = this.#firstArguments.get(command.id);
    if (words === undefined || request.count < 2) return false;
    return words.includes(request.text(1).toLowerCase());
  }

  hasBit(id: number): boolean {
    return (this.#bits[id >>> 5] & (1 << (id & 31))) !== 0;
  }

  /** `access` 0 (an existence test) is content with any pattern that matches. */
  allowsKey(key: Uint8Array, access: number): boolean {
    if (this.allKeys) return true;
    for (const pattern of this.#keys) {
      if ((pattern.access & access) === access && pattern.glob.matches(key)) return true;
    }
    return false;
  }

  /** Every key there could be. */
  allowsAnyKey(access: number): boolean {
    if (this.allKeys) return true;
    return this.#keys.some(
      (pattern) => (pattern.access & access) === access && pattern.text === '*',
    );
  }

  /** A pattern to subscribe to must stand in the rules literally: whether one glob includes another is not asked. */
  allowsChannel(channel: Uint8Array, isPattern: boolean): boolean {
    if (this.allChannels) return true;
    for (const pattern of this.#channels) {
      if (isPattern ? pattern.bytes.equals(channel) : pattern.glob.matches(channel)) {
        return true;
      }
    }
    return false;
  }

  /** `+@all -flushall`: what must be said to get these command permissions again. */
  describeCommands(): string {
    const words = this.#rules.map((rule) => (rule.allow ? '+' : '-') + rule.word);
    return [this.#beganWithAll ? '+@all' : '-@all', ...words].join(' ');
  }

  describeKeys(): string {
    if (this.allKeys) return '~*';
    return this.#keys.map((pattern) => `${sigil(pattern.access)}${pattern.text}`).join(' ');
  }

  describeChannels(): string {
    return this.allChannels ? '&*' : this.#channels.map((pattern) => `&${pattern.text}`).join(' ');
  }

  /** The whole of it in the form of a configuration file. */
  describe(): string {
    const channels = this.allChannels ? '' : 'resetchannels ';
    const parts = [this.describeKeys(), channels + this.describeChannels()];
    return [...parts, this.describeCommands()]
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .join(' ');
  }
}

function sigil(access: number): string {
  if (access === KeyAccess.both) return '~';
  return access === KeyAccess.read ? '%R~' : '%W~';
}
