// What a data command sees beyond a session: its database and the node's services. The services are
// interfaces, so that commands never know the composition root that implements them.

import type { Command, KeySpecFlag } from '../dispatch/command.ts';
import type { Session } from '../dispatch/session.ts';
import type { Database } from '../engine/database.ts';
import type { Engine } from '../engine/engine.ts';
import { LOOK_AHEAD } from '../engine/look-ahead.ts';
import type { Ref } from '../engine/record.ts';
import { errors } from '../protocol/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
import type { ReplicationService } from './replication/replication-service.ts';

/** A client of a data node. `db` follows `dbIndex`. */
export interface DataSession extends Session {
  readonly server: DataServer;
  readonly db: Database;
}

export type DataCommand = Command<DataSession>;
export type { KeySpecFlag, Ref };

/** The services of a data node that commands use; `src/server` implements them. */
export interface DataServer {
  readonly engine: Engine;
  readonly settings: CommandSettings;
  readonly config: ConfigService;
  readonly host: HostService;
  readonly random: RandomSource;
  /** Wall clock in ms, read once a chunk. */
  nowMs(): number;
}

/** The directives that commands read, live. */
export interface CommandSettings {
  readonly protoMaxBulkLen: number;
  readonly maxmemory: number;
  readonly lazyfreeLazyExpire: boolean;
  readonly lazyfreeLazyServerDel: boolean;
  readonly lazyfreeLazyUserDel: boolean;
  readonly lazyfreeLazyUserFlush: boolean;
  /** The RDB version that DUMP and snapshots are written in. */
  readonly rdbTargetVersion: number;
  readonly rdbcompression: boolean;
  /** Whether packed values from outside are searched for duplicates. */
  readonly sanitizeDumpPayload: 'no' | 'yes' | 'clients';
}

/** Randomness for commands (SRANDMEMBER, RANDOMKEY, SPOP …). */
export interface RandomSource {
  uint32(): number;
  /** Uniform in [0, limit); limit up to 2^53. */
  below(limit: number): number;
}

/** CONFIG's view of the directives. All errors come back as reply texts. */
export interface ConfigService {
  /** Name and value of every directive that one of the patterns matches, aliases included when named. */
  get(patterns: readonly Buffer[]): readonly (readonly [string, string])[];
  /** Whether a directive's value must not show in SLOWLOG and MONITOR. */
  isSensitive(name: string): boolean;
  /**
   * Sets all or none, then calls `done` once with the error text, or undefined when applied: before
   * returning, or later when a consequence takes a while (a port to listen on). `isLocal`: the client is
   * on this machine, which enable-protected-configs may ask for.
   */
  set(
    pairs: readonly (readonly [string, string])[],
    isLocal: boolean,
    done: (error: string | undefined) => void,
  ): void;
  /** Writes the configuration file anew, `everything`: defaults too; the error text, or undefined. */
  rewrite(everything?: boolean): string | undefined;
  /** The same without waiting for the disk: `done` gets the outcome later. */
  rewriteSoon(done: (error: string | undefined) => void): void;
  /** Whether the clients that an enable-… directive lets in include this one. */
  allows(directive: 'debug' | 'module', isLocal: boolean): boolean;
  readonly hz: number;
  readonly slowlogLogSlowerThan: number;
  readonly latencyMonitorThreshold: number;
}

/** What only the process around the engine can do. */
export interface HostService {
  /** INFO's text for the sections asked for (lower case). */
  info(sections: readonly string[]): string;
  /** The figures of INFO memory, MEMORY STATS and MEMORY DOCTOR. */
  memory(): MemoryReport;
  /** Zeroes the statistics that CONFIG RESETSTAT covers. */
  resetStatistics(): void;
  /** Microseconds since 1970, read now. */
  wallUs(): number;
  /**
   * Begins to end the node; the error text when it cannot. When it turns out later that it cannot,
   * sessions that wait for it are told through the dispatcher.
   */
  shutdown(options: ShutdownOptions): string | undefined;
  /** SHUTDOWN ABORT; false when none is in progress. */
  abortShutdown(): boolean;
  /** Blocks the process for DEBUG SLEEP. */
  sleep(seconds: number): void;
  /** Ends the process with a bug report in the log (DEBUG SEGFAULT, PANIC, ASSERT). */
  crash(reason: string): void;
  log(level: 'debug' | 'verbose' | 'notice' | 'warning', text: string): void;
  /** Switches of DEBUG, for tests. */
  readonly debug: DebugSwitches;
  readonly replication: ReplicationService;
  readonly persistence: PersistenceService;
  readonly aof: AofService;
  readonly migrations: MigrationService;
}

/** Takes keys to other servers. */
export interface MigrationService {
  /** Begins; nothing of the cargo is called before this returns. */
  start(target: MigrationTarget, cargo: MigrationCargo): void;
}

export interface MigrationTarget {
  readonly host: string;
  readonly port: number;
  /** As SELECT takes it. */
  readonly database: string;
  /** Without any progress, the other side counts as gone. */
  readonly timeoutMs: number;
  /** The arguments of AUTH; none: no AUTH. */
  readonly credentials: readonly string[];
}

/** The keys of one MIGRATE. */
export interface MigrationCargo {
  readonly count: number;
  /** The RESTORE of one key as it is now, encoded; undefined when there is nothing to restore. */
  restoreOf(i: number): Buffer | undefined;
  /** The other side has these. */
  acknowledged(indexes: readonly number[]): void;
  /** Last call: the error reply, undefined when all went well. */
  done(error: string | undefined): void;
}

/** The append-only file of a node. Reasons of failures are in the log. */
export interface AofService {
  readonly isRewriting: boolean;
  /** The file that is written, and the memory that its effects wait in. */
  readonly writer: { readonly isOpen: boolean; readonly capacityBytes: number };
  /** BGREWRITEAOF; what became of it. */
  rewriteInBackground(isInTransaction: boolean): 'started' | 'scheduled' | 'failed' | 'running';
  /** DEBUG LOADAOF: the data become what the file says; false when it cannot be loaded. */
  reload(): boolean;
}

/** The snapshot file of a node. Reasons of failures are in the log. */
export interface PersistenceService {
  readonly isSaving: boolean;
  /** Unix time of the last save that succeeded. */
  readonly lastSaveSeconds: number;
  /** Saves before it returns; false when it failed. */
  saveNow(): boolean;
  /** Begins to save; false when it could not. None must be running. */
  saveInBackground(): boolean;
  /** Begins to save soon. */
  schedule(): void;
  /** All databases were emptied by command. */
  flushedAll(): void;
  /** Saves, empties and loads, as asked for; which step failed, if one did. */
  reload(options: {
    readonly save: boolean;
    readonly flush: boolean;
    readonly merge: boolean;
  }): 'save' | 'load' | undefined;
}

export interface DebugSwitches {
  activeExpire: boolean;
  /** Microseconds that the process stands still before each write to the append-only file. */
  aofFlushSleepUs: number;
  cronPaused: boolean;
  /** Milliseconds between two resets of a reply buffer's peak; negative: never. */
  replyBufferPeakResetMs: number;
  replyBufferResizing: boolean;
  /** RESTORE takes payloads with wrong checksums. */
  skipChecksums: boolean;
  /** Scripts may call commands that are denied to them. */
  scriptsMayCallAll: boolean;
}

/** Bytes unless said; see INFO memory. */
export interface MemoryReport {
  readonly used: number;
  readonly peak: number;
  readonly startup: number;
  readonly resident: number;
  /** What is used for other things than keys and values. */
  readonly overhead: number;
  readonly dataset: number;
  readonly clientsNormal: number;
  readonly clients: number;
  readonly allocatorAllocated: number;
  readonly allocatorActive: number;
  readonly allocatorResident: number;
  readonly databases: readonly { readonly index: number; readonly tableBytes: number }[];
  readonly keys: number;
}

export interface ShutdownOptions {
  readonly save?: boolean;
  readonly now: boolean;
  readonly force: boolean;
}

/** Looks the key at argument `i` up for reading; 0 when absent. */
export function readKey(session: DataSession, request: Request, i: number): Ref {
  return session.db.lookupRead(request.buffer, request.starts[i], request.ends[i]);
}

/**
 * Reads ahead the keys at arguments `i`, `i + step` … for lookups that follow in this order; the number
 * of arguments that this covers. For commands of many keys.
 */
export function readAhead(session: DataSession, request: Request, i: number, step: number): number {
  const { engine, table } = session.db;
  const end = Math.min(request.count, i + LOOK_AHEAD * step);
  engine.lookAhead.keys(table, request, i, end, step);
  return end - i;
}

/** Like `readKey`, but the key does not count as used: TTL, EXISTS and their like. */
export function peekKey(session: DataSession, request: Request, i: number): Ref {
  const engine = session.db.engine;
  const { noTouch } = engine;
  engine.noTouch = true;
  const ref = readKey(session, request, i);
  engine.noTouch = noTouch;
  return ref;
}

/** Looks the key at argument `i` up for a change; 0 when absent. */
export function writeKey(session: DataSession, request: Request, i: number): Ref {
  return session.db.lookupWrite(request.buffer, request.starts[i], request.ends[i]);
}

/** True when `ref` is a `kind`; otherwise replies WRONGTYPE. Call only with a ref that exists. */
export function isKind(session: DataSession, ref: Ref, kind: number, reply: ReplyWriter): boolean {
  if (session.db.kind(ref) === kind) return true;
  reply.error(errors.wrongType);
  return false;
}

/** Tells the gate that the key at argument `i` changed. */
export function changedKey(
  session: DataSession,
  request: Request,
  i: number,
  notifyClass: number,
  event: string,
  dirty = 1,
): void {
  session.db.changed(request.buffer, request.starts[i], request.ends[i], notifyClass, event, dirty);
}
