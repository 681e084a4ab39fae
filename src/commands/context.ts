// What a data command sees beyond a session: its database and the node's services. The services are
// interfaces, so that commands never know the composition root that implements them.

import type { Command, KeySpecFlag } from '../dispatch/command.ts';
import type { Session } from '../dispatch/session.ts';
import type { Database } from '../engine/database.ts';
import type { Engine } from '../engine/engine.ts';
import type { Ref } from '../engine/record.ts';
import { errors } from '../protocol/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';

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
  readonly lazyfreeLazyUserDel: boolean;
  readonly lazyfreeLazyUserFlush: boolean;
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
  /** Sets all or none; the error text, or undefined when applied. */
  set(pairs: readonly (readonly [string, string])[]): string | undefined;
  /** Writes the configuration file anew; the error text, or undefined. */
  rewrite(): string | undefined;
}

/** What only the process around the engine can do. */
export interface HostService {
  /** INFO's text for the sections asked for (lower case). */
  info(sections: readonly string[]): string;
  /** Zeroes the statistics that CONFIG RESETSTAT covers. */
  resetStatistics(): void;
  /** Ends the node; the error text when it cannot. */
  shutdown(options: ShutdownOptions): string | undefined;
  /** Blocks the process for DEBUG SLEEP. */
  sleep(seconds: number): void;
  log(level: 'debug' | 'verbose' | 'notice' | 'warning', text: string): void;
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
