// Runs the core: hands it every fact as it comes and carries its effects out, at once and in order.
// What must be on disk before others may see it waits inside the core, which hears `persisted`; so the
// disk is written without stopping anything else, and of several states that wait only the newest is.

import type { Clock } from '../env/clock.ts';
import type { Log } from '../env/log.ts';
import type { Network } from '../env/network.ts';
import type { Timer, Timers } from '../env/timers.ts';
import type { EventLevel, SentinelAnswer, SentinelEffect } from './core/effect.ts';
import type { SentinelInput } from './core/input.ts';
import type { SentinelCore } from './core/sentinel-core.ts';
import { SentinelLinks } from './links.ts';
import { NameLookup } from './name-lookup.ts';
import type { StateStore } from './state-store.ts';

export interface RunnerOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly network: Network;
  readonly log: Log;
  readonly core: SentinelCore;
  readonly store: StateStore;
  readonly sourceHost: () => string;
  readonly event: (level: EventLevel, name: string, message: string) => void;
  readonly script: (argv: readonly string[]) => void;
  readonly answer: (id: number, answer: SentinelAnswer) => void;
  /** The process ends here and now. */
  readonly exit: (code: number) => void;
}

type Persist = Extract<SentinelEffect, { kind: 'persist' }>;

/** Between two tries to save a state that the disk did not take. */
const SAVE_RETRY_MS = 1000;

export class SentinelRunner {
  readonly #options: RunnerOptions;
  readonly #links: SentinelLinks;
  readonly #names: NameLookup;
  readonly #inputs: SentinelInput[] = [];
  #isStepping = false;
  #isStopped = false;
  #timer: Timer | undefined;
  #wakeAtMs = 0;
  #unsaved: Persist | undefined;
  /** Until what could not be saved is tried again, which a newer state makes needless. */
  #retry: Timer | undefined;
  #isDiskFailing = false;
  #isSaving = false;
  #saved: Promise<void> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { network, timers, sourceHost } = options;
    const input = (one: SentinelInput): void => this.input(one);
    this.#links = new SentinelLinks({ network, timers, input, sourceHost });
    this.#names = new NameLookup(network, (host, ip) => input({ kind: 'resolved', host, ip }));
  }

  /** Monotonic milliseconds, as the core counts. */
  nowMs(): number {
    return Math.floor(this.#options.clock.monotonicUs() / 1000);
  }

  input(input: SentinelInput): void {
    if (this.#isStopped) return;
    this.#inputs.push(input);
    // An effect may bring the next fact with it: that one waits for the effects before it.
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      for (const effect of this.#options.core.step(this.nowMs(), next)) this.#carryOut(effect);
      this.#links.flush();
    }
    this.#isStepping = false;
  }

  /** Ends all links and timers; settles when the disk has what it was given. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#inputs.length = 0;
    this.#timer?.cancel();
    this.#retry?.cancel();
    this.#links.closeAll();
    return this.#saved;
  }

  #carryOut(effect: SentinelEffect): void {
    if (this.#isStopped) return;
    const { log, event, script, answer } = this.#options;
    switch (effect.kind) {
      case 'persist':
        return this.#persist(effect);
      case 'open':
        return this.#links.open(effect);
      case 'close':
        return this.#links.close(effect.link);
      case 'send':
        return this.#links.send(effect);
      case 'answer':
        return answer(effect.id, effect.answer);
      case 'event':
        return event(effect.level, effect.name, effect.message);
      case 'log':
        return log[effect.level](effect.text);
      case 'failoverDelayed':
        return this.#logDelay(effect.forMs);
      case 'script':
        return script([effect.path, ...effect.args]);
      case 'wake':
        return this.#wakeAt(effect.at);
      case 'resolve':
        return this.#names.resolve(effect.host);
      case 'exit':
        return this.#options.exit(effect.code);
    }
  }

  #wakeAt(atMs: number): void {
    // In whole milliseconds, as `nowMs` counts: a fraction earlier it would only have to wait again.
    this.#wakeAtMs = Math.ceil(atMs);
    this.#timer?.cancel();
    const waitMs = Math.max(0, this.#wakeAtMs - this.nowMs());
    this.#timer = this.#options.timers.after(waitMs, () => {
      // Timers may be a little early on the clock that the core lives by.
      if (this.nowMs() < this.#wakeAtMs) this.#wakeAt(this.#wakeAtMs);
      else this.input({ kind: 'wake' });
    });
  }

  #persist(effect: Persist): void {
    this.#unsaved = effect;
    this.#retry?.cancel();
    if (this.#isSaving) return;
    this.#isSaving = true;
    // All that the facts of one poll lead to is one write.
    this.#saved = new Promise((fulfil) => {
      this.#options.timers.immediate(() => fulfil(this.#save()));
    });
  }

  async #save(): Promise<void> {
    const { store, log } = this.#options;
    for (let next = this.#unsaved; next !== undefined; next = this.#unsaved) {
      this.#unsaved = undefined;
      const problem = await store.save(next.state);
      const isOldNews = problem !== undefined && this.#isDiskFailing;
      this.#isDiskFailing = problem !== undefined;
      if (problem === undefined) log.notice('Sentinel new configuration saved on disk');
      else this.#saveLater(next);
      if (problem !== undefined && !isOldNews) {
        log.warning(
          `WARNING: Sentinel was not able to save the new configuration on disk!!!: ${problem}`,
        );
      }
      this.input({ kind: 'persisted', id: next.id, ok: problem === undefined });
    }
    this.#isSaving = false;
  }

  /** Epochs and addresses must be there after a restart, also when nothing changes any more until then. */
  #saveLater(effect: Persist): void {
    if (this.#isStopped || this.#unsaved !== undefined) return;
    this.#retry?.cancel();
    this.#retry = this.#options.timers.after(SAVE_RETRY_MS, () => this.#persist(effect));
  }

  #logDelay(forMs: number): void {
    const { clock, log } = this.#options;
    const until = clock.wallMs() + forMs;
    const localMs = until + clock.localOffsetMinutes(until) * 60_000;
    log.notice(`Next failover delay: I will not start a failover before ${calendarTime(localMs)}`);
  }
}

/** As C's ctime prints it: 'Sun Nov 22 15:11:29 2026'. `localMs` counts in local time. */
function calendarTime(localMs: number): string {
  const [weekday, day, month, year, time] = new Date(localMs).toUTCString().split(' ');
  return `${weekday.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`;
}
