// A user: whether it may log in, with which passwords, and its permissions. A user object keeps its
// identity for as long as the user exists, since sessions refer to it; a change replaces what is in it.

import type { Request } from '../../protocol/request.ts';
import { sha256 } from '../../util/sha256.ts';
import { splitArguments } from '../../util/split-arguments.ts';
import type { AclCommand, AclCommandSet } from './acl-commands.ts';
import type { AclProblem } from './acl-problem.ts';
import type { AclVerdictValue, Denial } from './acl-selector.ts';
import { AclSelector, AclVerdict, KeysOnce } from './acl-selector.ts';

/** What decides about users that do not say it themselves. Read live. */
export interface AclSettings {
  /** New users may use every channel; off since Redis 7. */
  readonly aclPubsubDefault: 'allchannels' | 'resetchannels';
  readonly acllogMaxLen: number;
}

/** A denial, and the position of the argument it is about (0: the command itself). */
export interface AclDecision {
  readonly verdict: AclVerdictValue;
  readonly position: number;
}

const ALLOWED: AclDecision = { verdict: AclVerdict.allowed, position: 0 };

export class AclUser {
  /** Latin1, as it came. */
  readonly name: string;
  enabled = false;
  /** Any password will do. */
  nopass = false;
  /** RESTORE's payloads of this user are not checked in depth. */
  skipSanitizePayload = false;
  /** Lower-case SHA-256 in hexadecimal, in the order they were added. */
  passwords: string[] = [];
  /** The root first. */
  selectors: AclSelector[];
  /** No check can fail: what the dispatcher asks before any other question. */
  unrestricted = false;

  constructor(name: string, settings: AclSettings) {
    this.name = name;
    this.selectors = [new AclSelector(true, settings.aclPubsubDefault === 'allchannels')];
  }

  /** The rules of `other` under the own name. */
  assign(other: AclUser): void {
    this.enabled = other.enabled;
    this.nopass = other.nopass;
    this.skipSanitizePayload = other.skipSanitizePayload;
    this.passwords = [...other.passwords];
    this.selectors = other.selectors.map((selector) => selector.clone());
    this.unrestricted = this.selectors.some((selector) => selector.unrestricted);
  }

  /** Applies one rule word; a problem leaves the user as it was. */
  apply(op: string, commands: AclCommandSet, settings: AclSettings): AclProblem | undefined {
    const problem = this.#apply(op, commands, settings);
    this.unrestricted = this.selectors.some((selector) => selector.unrestricted);
    return problem;
  }

  #apply(op: string, commands: AclCommandSet, settings: AclSettings): AclProblem | undefined {
    if (op === '') return undefined;
    switch (op.toLowerCase()) {
      case 'on':
      case 'off':
        this.enabled = op.length === 2;
        return undefined;
      case 'skip-sanitize-payload':
      case 'sanitize-payload':
        this.skipSanitizePayload = op.length === 'skip-sanitize-payload'.length;
        return undefined;
      case 'nopass':
      case 'resetpass':
        this.nopass = op[0] === 'n' || op[0] === 'N';
        this.passwords = [];
        return undefined;
      case 'clearselectors':
        this.selectors.length = 1;
        return undefined;
      case 'reset':
        this.assign(new AclUser(this.name, settings));
        return undefined;
    }
    switch (op[0]) {
      case '>':
      case '#':
        return this.#addPassword(op);
      case '<':
      case '!':
        return this.#removePassword(op);
      case '(':
        if (op.endsWith(')')) return this.#addSelector(op.slice(1, -1), commands, settings);
    }
    return this.selectors[0].apply(op, commands);
  }

  #addPassword(op: string): AclProblem | undefined {
    const hash = hashOf(op);
    if (hash === undefined) return 'badHash';
    if (!this.passwords.includes(hash)) this.passwords.push(hash);
    this.nopass = false;
    return undefined;
  }

  #removePassword(op: string): AclProblem | undefined {
    const hash = hashOf(op);
    if (hash === undefined) return 'badHash';
    const at = this.passwords.indexOf(hash);
    if (at < 0) return 'noSuchPassword';
    this.passwords.splice(at, 1);
    return undefined;
  }

  #addSelector(
    text: string,
    commands: AclCommandSet,
    settings: AclSettings,
  ): AclProblem | undefined {
    const selector = new AclSelector(false, settings.aclPubsubDefault === 'allchannels');
    // Unbalanced quotes give an empty selector, as they do in Redis: it allows nothing.
    const words = splitArguments(Buffer.from(text, 'latin1')) ?? [];
    for (const word of words) {
      const problem = selector.apply(word.toString('latin1'), commands);
      if (problem !== undefined) return problem;
    }
    this.selectors.push(selector);
    return undefined;
  }

  /** May the user run this command with these arguments? One selector must allow all of it. */
  check(command: AclCommand, request: Request): AclDecision {
    if (this.unrestricted) return ALLOWED;
    const keys = new KeysOnce();
    const denial: Denial = { position: 0 };
    let verdict: AclVerdictValue = AclVerdict.command;
    let position = 0;
    for (const selector of this.selectors) {
      const found = selector.check(command, request, keys, denial);
      if (found === AclVerdict.allowed) return ALLOWED;
      // Of several refusals the one that came furthest is told.
      if (found > verdict || (found === verdict && denial.position > position)) {
        verdict = found;
        position = denial.position;
      }
    }
    return { verdict, position };
  }

  /** SORT … BY and GET read keys that no argument names: they need access to every key. */
  allowsWithAnyKey(command: AclCommand, request: Request, access: number): boolean {
    if (this.unrestricted) return true;
    const keys = new KeysOnce();
    const denial: Denial = { position: 0 };
    return this.selectors.some(
      (selector) =>
        selector.check(command, request, keys, denial) === AclVerdict.allowed &&
        selector.allowsAnyKey(access),
    );
  }

  /** Access to one key, outside of any command's arguments. */
  allowsKey(key: Uint8Array, access: number): boolean {
    return this.selectors.some((selector) => selector.allowsKey(key, access));
  }

  allowsChannel(channel: Uint8Array, isPattern: boolean): boolean {
    return this.selectors.some((selector) => selector.allowsChannel(channel, isPattern));
  }

  /** The password's hash is compared with every one the user has, each to its end. */
  allowsPassword(password: Uint8Array): boolean {
    if (!this.enabled) return false;
    if (this.nopass) return true;
    const hash = hashPassword(password);
    let found = false;
    for (const known of this.passwords) if (equalTimes(known, hash)) found = true;
    return found;
  }

  /** `on`, `nopass` … as ACL GETUSER lists them. */
  flags(): string[] {
    const flags = [this.enabled ? 'on' : 'off'];
    if (this.nopass) flags.push('nopass');
    flags.push(this.skipSanitizePayload ? 'skip-sanitize-payload' : 'sanitize-payload');
    return flags;
  }

  /** All rules in the form that ACL LIST, ACL SAVE and CONFIG REWRITE write. */
  describe(): string {
    const parts = [...this.flags(), ...this.passwords.map((hash) => `#${hash}`)];
    for (const selector of this.selectors) {
      parts.push(selector.root ? selector.describe() : `(${selector.describe()})`);
    }
    return parts.join(' ');
  }
}

/** The hash that a password word means: of its text after `>` and `<`, itself after `#` and `!`. */
function hashOf(op: string): string | undefined {
  const rest = op.slice(1);
  if (op[0] === '>' || op[0] === '<') return hashPassword(Buffer.from(rest, 'latin1'));
  return /^[0-9a-f]{64}$/.test(rest) ? rest : undefined;
}

function hashPassword(password: Uint8Array): string {
  return Buffer.from(sha256(password)).toString('hex');
}

/** Compares two texts of one length in a time that tells nothing about where they differ. */
function equalTimes(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
