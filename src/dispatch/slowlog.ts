// The slowlog: the latest commands that took longer than `slowlog-log-slower-than`, newest first, each
// cut to a bounded size.

import type { Request } from '../protocol/request.ts';
import type { DispatchSettings } from './dispatch-settings.ts';
import type { Session } from './session.ts';

const MAX_ARGUMENTS = 32;
const MAX_ARGUMENT_BYTES = 128;

export interface SlowlogEntry {
  readonly id: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly us: number;
  readonly args: readonly Buffer[];
  readonly address: string;
  readonly name: string;
}

export class Slowlog {
  #entries: SlowlogEntry[] = [];
  #nextId = 0;
  readonly #settings: DispatchSettings;

  constructor(settings: DispatchSettings) {
    this.#settings = settings;
  }

  /** Newest first. */
  get entries(): readonly SlowlogEntry[] {
    return this.#entries;
  }

  add(session: Session, request: Request, us: number, nowMs: number): void {
    const { slowlogMaxLen } = this.#settings;
    this.#entries.unshift({
      id: this.#nextId++,
      time: Math.floor(nowMs / 1000),
      us: Math.round(us),
      args: shownArguments(session, request),
      address: session.address,
      name: session.name,
    });
    if (this.#entries.length > slowlogMaxLen) this.#entries.length = Math.max(0, slowlogMaxLen);
  }

  reset(): void {
    this.#entries = [];
  }
}

function shownArguments(session: Session, request: Request): Buffer[] {
  const { count } = request;
  const shown = Math.min(count, MAX_ARGUMENTS);
  const args: Buffer[] = [];
  for (let i = 0; i < shown; i++) {
    if (count > shown && i === shown - 1) {
      args.push(Buffer.from(`... (${count - shown + 1} more arguments)`));
    } else args.push(shownArgument(session, request, i));
  }
  return args;
}

function shownArgument(session: Session, request: Request, i: number): Buffer {
  if (session.isRedacted(i)) return Buffer.from('(redacted)');
  const length = request.length(i);
  if (length <= MAX_ARGUMENT_BYTES) return request.copy(i);
  const head = request.bytes(i).subarray(0, MAX_ARGUMENT_BYTES);
  return Buffer.concat([head, Buffer.from(`... (${length - MAX_ARGUMENT_BYTES} more bytes)`)]);
}
