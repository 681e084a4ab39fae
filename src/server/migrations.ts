// Keys on their way to other servers, as RESTORE commands over links that are kept for a while, since
// whoever moves one key usually moves the next as well. One link carries one migration at a time; keys
// are made into bytes only when there is room to send them, so a thousand large ones never lie in memory
// together. It knows nothing of the data: a MigrationCargo is asked for the commands and told what came.

import type { MigrationCargo, MigrationService, MigrationTarget } from '../commands/context.ts';
import type { Clock } from '../env/clock.ts';
import type { Timer } from '../env/timers.ts';
import { type OutboundEnvironment, OutboundLink } from '../net/outbound.ts';
import { errors } from '../protocol/errors.ts';
import type { Reply } from '../protocol/reply-reader.ts';

/** A link that nobody uses for so long is closed. */
const KEPT_MS = 10_000;
const MOST_KEPT = 64;
/** What the system is given at once, so that it shows when bytes leave. */
const SLICE_BYTES = 64 * 1024;
/** Bytes and commands under way that have not been acknowledged. */
const WINDOW_BYTES = 1024 * 1024;
const WINDOW_COMMANDS = 512;

export interface MigrationEnvironment extends OutboundEnvironment {
  readonly clock: Clock;
}

export class Migrations implements MigrationService {
  readonly #environment: MigrationEnvironment;
  readonly #kept: Set<KeptLink> = new Set();
  readonly #running: Set<Migration> = new Set();
  #isStopped = false;

  constructor(environment: MigrationEnvironment) {
    this.#environment = environment;
  }

  /** Links that are open, used or not. */
  get linkCount(): number {
    return this.#kept.size;
  }

  start(target: MigrationTarget, cargo: MigrationCargo): void {
    if (this.#isStopped) return;
    const migration = new Migration(this.#environment, this, target, cargo);
    this.#running.add(migration);
    this.#environment.timers.immediate(() => migration.begin());
  }

  /** The node ends. */
  stop(): void {
    this.#isStopped = true;
    for (const migration of this.#running) migration.abandon();
    for (const kept of this.#kept) kept.close();
  }

  /** An idle link to the target, or a new one. */
  link(target: MigrationTarget): KeptLink {
    // Credentials belong to the name: nobody speaks with what somebody else was allowed.
    const name = [target.host, target.port, ...target.credentials].join('\n');
    for (const kept of this.#kept) if (kept.name === name && !kept.isBusy) return kept;
    if (this.#kept.size >= MOST_KEPT) this.#closeOldest();
    const kept = new KeptLink(this.#environment, name, target, () => this.#kept.delete(kept));
    this.#kept.add(kept);
    return kept;
  }

  #closeOldest(): void {
    for (const kept of this.#kept) {
      if (kept.isBusy) continue;
      kept.close();
      return;
    }
  }

  over(migration: Migration): void {
    this.#running.delete(migration);
  }
}

/** A link with what it remembers between migrations. */
class KeptLink {
  readonly name: string;
  /** What SELECT was last answered for; '' when that is not known. */
  database = '';
  isConnected = false;
  readonly link: OutboundLink;
  readonly #environment: MigrationEnvironment;
  readonly #onClose: () => void;
  #user: Migration | undefined;
  #idle: Timer | undefined;

  constructor(
    environment: MigrationEnvironment,
    name: string,
    { host, port, timeoutMs }: MigrationTarget,
    onClose: () => void,
  ) {
    this.name = name;
    this.#environment = environment;
    this.#onClose = onClose;
    const handlers = {
      onConnect: () => {
        this.isConnected = true;
        this.#user?.progress();
      },
      onDrain: () => this.#user?.progress(),
      onClose: () => this.#closed(),
    };
    const options = { connectTimeoutMs: timeoutMs, maxQueuedBytes: Number.POSITIVE_INFINITY };
    this.link = new OutboundLink(environment, { host, port }, handlers, options);
  }

  get isBusy(): boolean {
    return this.#user !== undefined;
  }

  use(migration: Migration): void {
    this.#idle?.cancel();
    this.#user = migration;
  }

  release(): void {
    this.#user = undefined;
    this.#idle = this.#environment.timers.after(KEPT_MS, () => this.close());
  }

  close(): void {
    this.#user = undefined;
    this.link.close();
  }

  #closed(): void {
    this.#idle?.cancel();
    this.#onClose();
    const user = this.#user;
    this.#user = undefined;
    user?.lost();
  }
}

class Migration {
  readonly #environment: MigrationEnvironment;
  readonly #links: Migrations;
  readonly #target: MigrationTarget;
  readonly #cargo: MigrationCargo;
  #kept: KeptLink | undefined;
  #timer: Timer | undefined;
  #progressUs = 0;
  #mayRetry = true;
  #isOver = false;
  /** Replies that must come before keys are sent: an AUTH or SELECT that failed would lead them astray. */
  #greetings = 0;
  #nextKey = 0;
  #unsent: Buffer | undefined;
  #unsentAt = 0;
  /** Sent and not answered: the number of each key, and the size of its command. */
  #inFlight: { readonly key: number; readonly bytes: number }[] = [];
  #inFlightBytes = 0;
  #hasReply = false;
  /** Acknowledged since the cargo was last told. */
  #acknowledged: number[] = [];
  #willTell = false;
  #refusal: string | undefined;

  constructor(
    environment: MigrationEnvironment,
    links: Migrations,
    target: MigrationTarget,
    cargo: MigrationCargo,
  ) {
    this.#environment = environment;
    this.#links = links;
    this.#target = target;
    this.#cargo = cargo;
  }

  begin(): void {
    if (this.#isOver) return;
    const kept = this.#links.link(this.#target);
    this.#kept = kept;
    this.#nextKey = 0;
    this.#unsent = undefined;
    this.#inFlight = [];
    this.#inFlightBytes = 0;
    kept.use(this);
    this.#progressUs = this.#environment.clock.monotonicUs();
    this.#watch(this.#target.timeoutMs);
    const { credentials, database } = this.#target;
    this.#greetings = 0;
    if (credentials.length > 0) this.#greet(kept, ['AUTH', ...credentials], () => {});
    if (kept.database !== database) {
      this.#greet(kept, ['SELECT', database], () => {
        kept.database = database;
      });
    }
    this.#pump();
  }

  #greet(kept: KeptLink, command: readonly string[], onSuccess: () => void): void {
    this.#greetings++;
    kept.link.send(command, (reply) => {
      this.#greetings--;
      if (reply.kind === 'error') this.#refuse(reply.text);
      else onSuccess();
      if (this.#greetings > 0) return;
      if (this.#refusal === undefined) this.progress();
      else this.#finish();
    });
  }

  #refuse(text: string): void {
    this.#refusal ??= text;
    if (this.#kept !== undefined) this.#kept.database = '';
  }

  /** Something moved: the link is connected, bytes left, a reply came. */
  progress(): void {
    this.#progressUs = this.#environment.clock.monotonicUs();
    this.#pump();
  }

  /** Sends what there is room for. */
  #pump(): void {
    const kept = this.#kept;
    if (this.#isOver || kept === undefined || !kept.isConnected || this.#greetings > 0) return;
    while (kept.link.isOpen && kept.link.queuedBytes === 0) {
      if (this.#unsent === undefined && !this.#takeNext(kept)) return;
      this.#sendSlice(kept);
    }
  }

  /** False when there is nothing to send now. */
  #takeNext(kept: KeptLink): boolean {
    while (this.#nextKey < this.#cargo.count) {
      if (this.#inFlight.length >= WINDOW_COMMANDS || this.#inFlightBytes >= WINDOW_BYTES) {
        return false;
      }
      const key = this.#nextKey++;
      const command = this.#cargo.restoreOf(key);
      if (command === undefined) {
        this.#gone(key);
        continue;
      }
      this.#unsent = command;
      this.#unsentAt = 0;
      this.#inFlight.push({ key, bytes: command.length });
      this.#inFlightBytes += command.length;
      kept.link.expect((reply) => this.#answered(reply));
      return true;
    }
    if (this.#inFlight.length === 0) this.#finish();
    return false;
  }

  #sendSlice(kept: KeptLink): void {
    const unsent = this.#unsent as Buffer;
    const end = Math.min(unsent.length, this.#unsentAt + SLICE_BYTES);
    kept.link.sendRaw(unsent.subarray(this.#unsentAt, end));
    this.#unsentAt = end;
    if (end === unsent.length) this.#unsent = undefined;
  }

  #answered(reply: Reply): void {
    const sent = this.#inFlight.shift();
    if (sent === undefined || this.#isOver) return;
    this.#hasReply = true;
    this.#inFlightBytes -= sent.bytes;
    if (reply.kind === 'error') this.#refuse(reply.text);
    else this.#gone(sent.key);
    this.progress();
  }

  /** The cargo hears of all that one turn brought at once. */
  #gone(key: number): void {
    this.#acknowledged.push(key);
    if (this.#willTell) return;
    this.#willTell = true;
    this.#environment.timers.immediate(() => {
      this.#willTell = false;
      this.#tell();
    });
  }

  #tell(): void {
    const keys = this.#acknowledged;
    if (keys.length === 0) return;
    this.#acknowledged = [];
    this.#cargo.acknowledged(keys);
  }

  // --- when it does not go well ---

  #watch(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#environment.timers.after(ms, () => {
      const idleMs = (this.#environment.clock.monotonicUs() - this.#progressUs) / 1000;
      const leftMs = Math.ceil(this.#target.timeoutMs - idleMs);
      if (leftMs > 0) this.#watch(leftMs);
      else this.#fail();
    });
  }

  /** The link is gone. One that was kept may have been closed long ago, so the first loss is no failure. */
  lost(): void {
    if (this.#isOver) return;
    if (this.#kept?.isConnected === true && this.#mayRetry && !this.#hasReply) {
      this.#mayRetry = false;
      this.begin();
    } else this.#fail();
  }

  #fail(): void {
    const kept = this.#kept;
    const isConnected = kept?.isConnected === true;
    const isSending = this.#unsent !== undefined || (kept?.link.queuedBytes ?? 0) > 0;
    const text = isSending ? errors.migrateWriting : errors.migrateReading;
    this.#end(isConnected ? text : errors.migrateConnecting);
    kept?.close();
  }

  #finish(): void {
    this.#kept?.release();
    this.#end(undefined);
  }

  #end(failure: string | undefined): void {
    if (this.#isOver) return;
    this.abandon();
    this.#tell();
    const refusal = this.#refusal === undefined ? undefined : errors.migrateRefused(this.#refusal);
    // What the other side said explains more than that it said no more.
    this.#cargo.done(refusal ?? failure);
  }

  abandon(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#links.over(this);
  }
}
