// What `min-replicas-to-write` promises when it asks for all replicas: a master that they have left takes
// writes for `min-replicas-max-lag` longer, no more. Lag is counted in whole seconds and looked at once
// a second, which is two more. It is no promise under one-way cuts or a stopped process, where replicas
// that receive nothing go on answering or nobody counts; so only runs without them are held to it.

import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';
import type { Losses } from './losses.ts';

const COUNTING_MS = 2000;
/** For acknowledgements on their way. */
const SLACK_MS = 500;

export class MinReplicas implements Checker {
  readonly name = 'min-replicas';
  readonly #findings = new Findings(this.name);
  readonly #losses: Losses;
  readonly #maxLagMs: number;
  #world: World | undefined;

  /** `losses` must have finished before. */
  constructor(losses: Losses, maxLagSeconds: number) {
    this.#losses = losses;
    this.#maxLagMs = maxLagSeconds * 1000;
  }

  attach(world: World): void {
    this.#world = world;
  }

  finish(): readonly Violation[] {
    const spans = new Map<string, { first: number; last: number; count: number }>();
    for (const { operation, cause, stream } of this.#losses.lost) {
      if (cause === 'restart' || stream === undefined) continue;
      const { answeredMs } = operation;
      const span = spans.get(stream.id) ?? { first: answeredMs, last: answeredMs, count: 0 };
      span.first = Math.min(span.first, answeredMs);
      span.last = Math.max(span.last, answeredMs);
      span.count++;
      spans.set(stream.id, span);
    }
    const limit = this.#maxLagMs + COUNTING_MS + SLACK_MS;
    for (const { first, last, count } of spans.values()) {
      if (last - first <= limit) continue;
      const text = `${count} writes lost over ${last - first} ms, of at most ${limit} ms`;
      this.#findings.add(this.#world?.nowMs ?? 0, text);
    }
    return this.#findings.all;
  }
}
