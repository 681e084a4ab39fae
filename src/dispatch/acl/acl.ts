// The users of a node and what is done with them: logging in, changing, deleting, loading, and the
// question before every command of a restricted user. One object a node, data node or Sentinel alike.
//
// It does not know sockets: sessions are reached through `AclSession`, files through `AclFile`.

import { errors } from '../../protocol/errors.ts';
import type { Request } from '../../protocol/request.ts';
import type { AclCommand, AclCommandSet } from './acl-commands.ts';
import type { AclFile } from './acl-file.ts';
import { aclFileText, parseAclFile } from './acl-file.ts';
import type { AclContext, AclReason } from './acl-log.ts';
import { AclLog, reasonOf } from './acl-log.ts';
import { problemText } from './acl-problem.ts';
import { mergeSelectorWords } from './acl-rule-words.ts';
import { AclVerdict, hasSpaces } from './acl-selector.ts';
import type { AclDecision, AclSettings } from './acl-user.ts';
import { AclUser } from './acl-user.ts';

/** What the users' changes may do to a live connection. `Session` has this shape. */
export interface AclSession {
  user: AclUser;
  authenticated: boolean;
  readonly transaction: object | undefined;
  readonly request: Request;
  /** Ends the connection at once. */
  close(): void;
  /** Ends it behind the reply of the command that runs. */
  closeAfterReply(): void;
}

export interface AclEnvironment<S extends AclSession> {
  readonly commands: AclCommandSet;
  readonly settings: AclSettings;
  readonly sessions: () => Iterable<S>;
  /** Every channel, shard channel and pattern that the session listens to. */
  readonly listensTo: (session: S, visit: (name: Buffer, isPattern: boolean) => void) => void;
  /** The session's line of CLIENT LIST. */
  readonly clientInfo: (session: S) => string;
  readonly nowMs: () => number;
  /** That many hexadecimal digits, unpredictable: passwords for ACL GENPASS. */
  readonly randomHex: (digits: number) => string;
  readonly log: { notice(text: string): void; warning(text: string): void };
  /** The configured `aclfile`; undefined when there is none. */
  readonly file?: AclFile | undefined;
}

export class Acl<S extends AclSession = AclSession> {
  readonly environment: AclEnvironment<S>;
  readonly log: AclLog = new AclLog();
  /** The same object for the life of the node: every new session begins with it. */
  readonly defaultUser: AclUser;
  #users = new Map<string, AclUser>();
  #declared = new Map<string, readonly string[]>();

  constructor(environment: AclEnvironment<S>) {
    this.environment = environment;
    this.defaultUser = this.#newDefaultUser();
    this.#users.set('default', this.defaultUser);
  }

  get settings(): AclSettings {
    return this.environment.settings;
  }

  get commands(): AclCommandSet {
    return this.environment.commands;
  }

  /** By name, in byte order: how LIST, USERS and SAVE show them. */
  users(): AclUser[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  user(name: string): AclUser | undefined {
    return this.#users.get(name);
  }

  /** A new connection must log in before it may do anything: the default user has a password or is off. */
  authRequired(): boolean {
    return !this.defaultUser.nopass || !this.defaultUser.enabled;
  }

  /** Whether AUTH with a password alone makes sense. */
  defaultUserHasPassword(): boolean {
    return !this.defaultUser.nopass;
  }

  #newDefaultUser(): AclUser {
    const user = new AclUser('default', this.settings);
    for (const op of ['+@all', '~*', '&*', 'on', 'nopass']) {
      user.apply(op, this.commands, this.settings);
    }
    return user;
  }

  // --- logging in ---

  /** Logs the session in; the error text, logged, when name and password do not fit. */
  authenticate(session: S, name: string, password: Uint8Array): string | undefined {
    const user = this.#users.get(name);
    if (user?.allowsPassword(password)) {
      session.user = user;
      session.authenticated = true;
      return undefined;
    }
    const context = session.transaction === undefined ? 'toplevel' : 'multi';
    this.#record(session, 'auth', context, session.request.text(0), name);
    return errors.wrongPass;
  }

  /** `requirepass`: the default user's only password, or none at all. */
  setDefaultPassword(password: string | undefined): void {
    const user = this.defaultUser;
    user.apply('resetpass', this.commands, this.settings);
    user.apply(password ? `>${password}` : 'nopass', this.commands, this.settings);
  }

  // --- checking ---

  /**
   * The error text when the session's user may not do this, logged; undefined when it may. The
   * context `exec` is the second question about a queued command: the answer has changed since.
   */
  deny(
    session: S,
    command: AclCommand,
    request: Request,
    context: AclContext | 'exec',
  ): string | undefined {
    const { user } = session;
    if (user.unrestricted) return undefined;
    const decision = user.check(command, request);
    if (decision.verdict === AclVerdict.allowed) return undefined;
    const reason = reasonOf(decision.verdict);
    const object = reason === 'command' ? command.fullName : request.text(decision.position);
    this.#record(session, reason, context === 'exec' ? 'multi' : context, object, user.name);
    if (context === 'exec') return errors.noPermissionInExec(execReasons[reason]);
    const text = denialText(decision, user, command);
    return context === 'lua' ? errors.aclFailureInScript(text) : errors.noPermission(text);
  }

  #record(
    session: S,
    reason: AclReason,
    context: AclContext,
    object: string,
    username: string,
  ): void {
    const clientInfo = this.environment.clientInfo(session);
    const refusal = { reason, context, object, username, clientInfo };
    this.log.add(refusal, this.environment.nowMs(), this.settings);
  }

  // --- changing users ---

  /** ACL SETUSER: all of the rules or none; the error text when none. */
  setUser(name: string, words: readonly string[]): string | undefined {
    if (hasSpaces(name)) return errors.aclUserNameSpaces;
    const merged = mergeSelectorWords(words);
    if (merged.unmatched !== undefined) return errors.aclUnmatchedParenthesis(merged.unmatched);
    const user = this.#users.get(name);
    const changed = new AclUser(name, this.settings);
    if (user !== undefined) changed.assign(user);
    for (const op of merged.words) {
      const problem = changed.apply(op, this.commands, this.settings);
      if (problem !== undefined) return errors.aclSetUser(op, problemText(problem));
    }
    if (user === undefined) {
      this.#users.set(name, changed);
      return undefined;
    }
    const doomed = this.#subscribersToClose(user, changed);
    user.assign(changed);
    for (const session of doomed) session.close();
    return undefined;
  }

  /** Sessions of `user` that listen to something the changed rules do not allow. */
  #subscribersToClose(user: AclUser, changed: AclUser): S[] {
    if (changed.selectors.some((selector) => selector.allChannels)) return [];
    const upcoming = new Set(changed.selectors.flatMap((selector) => selector.channelPatterns));
    const kept = user.selectors.every(
      (selector) =>
        !selector.allChannels && selector.channelPatterns.every((text) => upcoming.has(text)),
    );
    if (kept) return [];
    const doomed: S[] = [];
    for (const session of this.environment.sessions()) {
      if (session.user !== user) continue;
      let allowed = true;
      this.environment.listensTo(session, (channel, isPattern) => {
        allowed &&= changed.allowsChannel(channel, isPattern);
      });
      if (!allowed) doomed.push(session);
    }
    return doomed;
  }

  /** ACL DELUSER: how many there were. `current` gets its reply before it is closed. */
  deleteUsers(names: readonly string[], current?: S): number {
    let deleted = 0;
    for (const name of names) {
      const user = this.#users.get(name);
      if (user === undefined || user === this.defaultUser) continue;
      this.#users.delete(name);
      this.#closeSessionsOf(new Set([user]), current);
      deleted++;
    }
    return deleted;
  }

  #closeSessionsOf(users: ReadonlySet<AclUser>, current: S | undefined): void {
    for (const session of [...this.environment.sessions()]) {
      if (!users.has(session.user)) continue;
      // Whatever keeps the connection alive a little longer, it has no rights any more.
      session.user = this.defaultUser;
      session.authenticated = false;
      if (session === current) session.closeAfterReply();
      else session.close();
    }
  }

  // --- configuration ---

  /**
   * A `user` directive, the name and then the rules: kept until `loadAtStart`, since its order
   * among the others must not matter. What is wrong with it, or undefined.
   */
  declareUser(directive: readonly string[]): string | undefined {
    const [name, ...words] = directive;
    if (this.#declared.has(name)) {
      return declarationText(name, problemText('duplicateUser'));
    }
    const merged = mergeSelectorWords(words);
    if (merged.unmatched !== undefined) {
      return declarationText(merged.unmatched, 'Unmatched parenthesis');
    }
    const trial = new AclUser(name, this.settings);
    for (const op of merged.words) {
      const problem = trial.apply(op, this.commands, this.settings);
      // Unknown commands are told when the rules are applied, with the user's name.
      if (problem !== undefined && problem !== 'unknown') {
        return declarationText(op, problemText(problem));
      }
    }
    this.#declared.set(name, merged.words);
    return undefined;
  }

  /** Applies the `user` directives; false, with a line in the log, when one is wrong. */
  #applyDeclared(): boolean {
    const { log } = this.environment;
    for (const [name, words] of this.#declared) {
      if (hasSpaces(name)) {
        log.warning('Spaces not allowed in ACL usernames');
        return false;
      }
      const user = this.#users.get(name) ?? new AclUser(name, this.settings);
      this.#users.set(name, user);
      user.apply('reset', this.commands, this.settings);
      for (const op of words) {
        const problem = user.apply(op, this.commands, this.settings);
        if (problem === undefined) continue;
        const place = `'${op}' for the user named '${name}'`;
        log.warning(`Error loading ACL rule ${place}: ${problemText(problem)}`);
        return false;
      }
      if (!user.enabled) {
        const hint = "there is no 'on' modifier in the user description";
        log.notice(
          `The user '${name}' is disabled (${hint}). Make sure this is not a configuration error.`,
        );
      }
    }
    return true;
  }

  /** `name rules` of every user: what follows the word `user` in LIST, CONFIG REWRITE and the file. */
  descriptions(): string[] {
    return this.users().map((user) => `${user.name} ${user.describe()}`);
  }

  // --- the file ---

  /** Users come from the configuration or from an ACL file, never from both; false, with a line in the log. */
  loadAtStart(): boolean {
    const { file, log } = this.environment;
    if (file !== undefined && this.#declared.size > 0) {
      log.warning(
        'Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This setup is very likely to lead to configuration errors and security holes, please define either an ACL file or declare users directly in your redis.conf, but not both.',
      );
      return false;
    }
    if (!this.#applyDeclared()) {
      log.warning('Critical error while loading ACLs. Exiting.');
      return false;
    }
    const error = file === undefined ? undefined : this.load();
    if (error === undefined) return true;
    log.warning(`Aborting Redis startup because of ACL errors: ${error.replace(/^ERR /, '')}`);
    return false;
  }

  /** Replaces all users by the file's, or none: the error text. Sessions of the former ones end. */
  load(current?: S): string | undefined {
    const { file } = this.environment;
    if (file === undefined) return errors.aclNoFile;
    const read = file.read();
    if ('error' in read) {
      return errors.aclFileUnreadable(file.path, read.error);
    }
    const parsed = parseAclFile(read.text, file.path, this.commands, this.settings);
    if (typeof parsed === 'string') return errors.aclFileWrong(parsed);
    const former = new Set(this.#users.values());
    former.delete(this.defaultUser);
    this.defaultUser.assign(parsed.get('default') ?? this.#newDefaultUser());
    parsed.set('default', this.defaultUser);
    this.#users = parsed;
    this.#closeSessionsOf(former, current);
    return undefined;
  }

  /** Writes all users; the error text, with the cause in the log. */
  save(): string | undefined {
    const { file, log } = this.environment;
    if (file === undefined) return errors.aclNoFile;
    const problem = file.replace(aclFileText(this.descriptions()));
    if (problem === undefined) return undefined;
    log.warning(problem);
    return errors.aclSaveFailed;
  }
}

/** What a wrong `user` directive ends the start with. */
function declarationText(word: string, problem: string): string {
  return `Error in user declaration '${word}': ${problem}`;
}

const execReasons = {
  command: 'no permission to execute the command or subcommand',
  key: 'no permission to touch the specified keys',
  channel: 'no permission to access one of the channels used as arguments to the command',
  auth: 'no permission',
} as const;

/** Why, in the words of a NOPERM reply; names of keys and channels stay out of it. */
function denialText(decision: AclDecision, user: AclUser, command: AclCommand): string {
  if (decision.verdict === AclVerdict.key) return 'No permissions to access a key';
  if (decision.verdict === AclVerdict.channel) return 'No permissions to access a channel';
  return commandDenialText(user, command);
}

function commandDenialText(user: AclUser, command: AclCommand): string {
  return `User ${user.name} has no permissions to run the '${command.fullName}' command`;
}

/** Why, with the name of the key or channel: ACL DRYRUN's answer. */
export function verboseDenialText(
  decision: AclDecision,
  user: AclUser,
  command: AclCommand,
  value: string,
): string {
  if (decision.verdict === AclVerdict.command) return commandDenialText(user, command);
  const kind = decision.verdict === AclVerdict.key ? 'key' : 'channel';
  return `User ${user.name} has no permissions to access the '${value}' ${kind}`;
}
