// Keys that are on their way to another server (MIGRATE). Until the other side has acknowledged them,
// whoever wants to write one of them waits, while everybody else is served: to clients a migration is as
// atomic as if the node had stood still for it. A held key that changes all the same (by a script that
// did not name it, by a master) is marked, so that the change is not deleted with the key.
//
// Keys are held by name, whatever their database: COPY, MOVE and transactions reach into others, and to
// wait once too often does no harm.

import type { Request } from '../protocol/request.ts';
import { CommandBit } from './command-flags.ts';
import { type CommandEntry, Trait } from './command-table.ts';
import type { Interest } from './hooks.ts';
import { keysOf, mayHaveKeys } from './key-finder.ts';
import type { Session } from './session.ts';

interface HeldKey {
  readonly dbIndex: number;
  isChanged: boolean;
}

export class HeldKeys {
  /** By name in latin1. */
  readonly #held: Map<string, HeldKey> = new Map();
  readonly #interest: Interest;

  constructor(interest: Interest) {
    this.#interest = interest;
  }

  get count(): number {
    return this.#held.size;
  }

  /** A key that is not held already: who asks for it is a write, and would be waiting. */
  hold(dbIndex: number, key: Buffer): void {
    this.#held.set(key.toString('latin1'), { dbIndex, isChanged: false });
    this.#interest.interest = 1;
  }

  /** True when the key changed while it was held. */
  release(key: Buffer): boolean {
    const name = key.toString('latin1');
    const isChanged = this.#held.get(name)?.isChanged === true;
    this.#held.delete(name);
    return isChanged;
  }

  /** The gate: the key at b[s..e) changed. */
  changed(dbIndex: number, b: Buffer, s: number, e: number): void {
    const held = this.#held.get(b.toString('latin1', s, e));
    if (held?.dbIndex === dbIndex) held.isChanged = true;
  }

  /** Whether the command has to wait. */
  stops(session: Session, entry: CommandEntry, request: Request): boolean {
    if (session.role === 'master') return false;
    if ((entry.traits & Trait.exec) === 0) return this.#stopsOne(entry, request);
    const queue = session.transaction?.queue ?? [];
    return queue.some((queued) => this.#stopsOne(queued.entry, queued.request));
  }

  #stopsOne(entry: CommandEntry, request: Request): boolean {
    const { command, flags } = entry;
    if ((flags & (CommandBit.write | CommandBit.may_replicate)) === 0) return false;
    // FLUSHALL and SWAPDB are about every key.
    if (!mayHaveKeys(command)) return (flags & CommandBit.write) !== 0;
    return keysOf(command, request).some(({ index }) => this.#held.has(request.text(index)));
  }
}
