// CLIENT PAUSE and the pauses that the node itself needs (a failover, a shutdown). Several may hold at
// once; what counts is their union. Sessions whose command is not allowed now wait, and start over
// when the pause becomes weaker.

export type PauseMode = 'write' | 'all';
/** Who pauses; each has one pause at most. */
export type PausePurpose = 'client' | 'shutdown' | 'failover';

interface Pause {
  mode: PauseMode;
  /** Wall clock; Infinity: until it is lifted. */
  endMs: number;
}

export class Pauses {
  readonly #pauses: Map<PausePurpose, Pause> = new Map();

  /** The end is never brought forward by a second pause of the same purpose. */
  pause(purpose: PausePurpose, mode: PauseMode, endMs: number): void {
    const before = this.#pauses.get(purpose);
    this.#pauses.set(purpose, { mode, endMs: Math.max(endMs, before?.endMs ?? 0) });
  }

  lift(purpose: PausePurpose): void {
    this.#pauses.delete(purpose);
  }

  modeOf(purpose: PausePurpose): PauseMode | undefined {
    return this.#pauses.get(purpose)?.mode;
  }

  /** What holds at this time; forgets what is over. */
  modeAt(nowMs: number): PauseMode | undefined {
    let mode: PauseMode | undefined;
    for (const [purpose, pause] of this.#pauses) {
      if (pause.endMs <= nowMs) this.#pauses.delete(purpose);
      else if (mode !== 'all') mode = pause.mode;
    }
    return mode;
  }

  /** The strongest reason first, as INFO's paused_reason names it. */
  get reason(): PausePurpose | undefined {
    return this.#pauses.keys().next().value;
  }

  /** When the first pause ends by itself; Infinity: none does. */
  get nextEndMs(): number {
    let next = Infinity;
    for (const { endMs } of this.#pauses.values()) next = Math.min(next, endMs);
    return next;
  }
}
