// MONITOR: every command that runs, as a line for those who asked to see them. Administrative ones are not
// shown, and passwords are blanked.
// The line is built once, from the bytes and into bytes: an argument may be larger than any string.

import type { Request } from '../protocol/request.ts';
import { CommandBit } from './command-flags.ts';

/** A session whose command is shown, or that watches. */
export interface MonitoredSession {
  readonly dbIndex: number;
  readonly address: string;
  readonly link: { readonly isUnix: boolean };
  readonly reexecuting: boolean;
  /** Whether argument `i` of the command that runs must not be shown. */
  isRedacted(i: number): boolean;
}

export interface MonitorEnvironment<S> {
  /** Microseconds since 1970; asked once a line, only while somebody watches. */
  readonly wallUs: () => number;
  readonly deliver: (session: S, bytes: Buffer) => void;
}

export class Monitors<S extends MonitoredSession> {
  readonly #environment: MonitorEnvironment<S>;
  readonly #watching = new Set<S>();

  constructor(environment: MonitorEnvironment<S>) {
    this.#environment = environment;
  }

  /** Sessions that watch; with none of them `feed` need not be called. */
  get sessions(): number {
    return this.#watching.size;
  }

  add(session: S): void {
    this.#watching.add(session);
  }

  has(session: S): boolean {
    return this.#watching.has(session);
  }

  /** RESET, or the session is gone. */
  remove(session: S): void {
    this.#watching.delete(session);
  }

  /** Shows the command that ran, if it is one to be shown; a second attempt is not. */
  afterCommand(session: S, { flags }: { readonly flags: number }, request: Request): void {
    if (session.reexecuting) return;
    if ((flags & (CommandBit.skip_monitor | CommandBit.admin)) !== 0) return;
    this.feed(session, request);
  }

  /** Shows a command; `source` in place of the address where it comes from no client (`lua`). */
  feed(session: S, request: Request, source: string = sourceOf(session)): void {
    if (this.#watching.size === 0) return;
    const head = `+${timestamp(this.#environment.wallUs())} [${session.dbIndex} ${source}]`;
    const line = monitorLine(head, request, (i) => session.isRedacted(i));
    for (const watcher of this.#watching) this.#environment.deliver(watcher, line);
  }
}

function sourceOf(session: MonitoredSession): string {
  if (!session.link.isUnix) return session.address;
  // A Unix socket's address ends in ':0' everywhere but here.
  return `unix:${session.address.replace(/:0$/, '')}`;
}

/** `1339518083.107412` */
function timestamp(us: number): string {
  const seconds = Math.floor(us / 1e6);
  return `${seconds}.${String(us - seconds * 1e6).padStart(6, '0')}`;
}

/** What stands for one byte inside quotes, as Redis's sdscatrepr has it. */
const representations: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  const escapes: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '"': '\\"',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\x07': '\\a',
    '\b': '\\b',
  };
  if (escapes[character] !== undefined) return escapes[character];
  if (byte >= 32 && byte < 127) return character;
  return `\\x${byte.toString(16).padStart(2, '0')}`;
});

const representationLengths: Uint8Array = Uint8Array.from(representations, (text) => text.length);

const REDACTED: Buffer = Buffer.from('(redacted)');

/** The head, each argument quoted after a space, and a line end. */
function monitorLine(head: string, request: Request, isRedacted: (i: number) => boolean): Buffer {
  const args: Buffer[] = [];
  let length = head.length + 2;
  for (let i = 0; i < request.count; i++) {
    const arg = isRedacted(i) ? REDACTED : request.bytes(i);
    args.push(arg);
    length += 3;
    for (let at = 0; at < arg.length; at++) length += representationLengths[arg[at]];
  }
  const line = Buffer.allocUnsafeSlow(length);
  let at = line.write(head, 0, 'latin1');
  for (const arg of args) at = writeQuoted(line, at, arg);
  line[at] = 13;
  line[at + 1] = 10;
  return line;
}

function writeQuoted(line: Buffer, at: number, arg: Buffer): number {
  line[at++] = 32;
  line[at++] = 34;
  for (let i = 0; i < arg.length; i++) {
    const text = representations[arg[i]];
    for (let j = 0; j < text.length; j++) line[at++] = text.charCodeAt(j);
  }
  line[at++] = 34;
  return at;
}
