// The background work of a node, `hz` times a second: keys that expire unasked, the rates and the memory
// peak of INFO, the tracking table's limit. What could take long (expiry, freeing) is done in slices of
// a millisecond at the ends of polls, so that no tick is a pause.

import type { Engine } from '../engine/engine.ts';
import { ExpiryCycle } from '../engine/expiry-cycle.ts';
import type { Clock } from '../env/clock.ts';
import type { Timer, Timers } from '../env/timers.ts';
import type { NetStatistics } from '../net/net-settings.ts';
import { Rates } from '../util/rates.ts';
import type { NodeDispatcher } from './node-dispatcher.ts';

export interface BackgroundSettings {
  readonly hz: number;
  readonly dynamicHz: boolean;
  readonly activeExpireEffort: number;
}

export interface BackgroundOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly settings: BackgroundSettings;
  readonly engine: Engine;
  readonly dispatcher: NodeDispatcher;
  readonly network: NetStatistics;
  readonly switches: { readonly activeExpire: boolean; readonly cronPaused: boolean };
  clients(): number;
  /** Called each tick, for what other parts do regularly. */
  tick(): void;
}

const SLICE_US = 1000;
const SAMPLE_US = 100_000;
const MAX_HZ = 500;
/** With dynamic-hz, a tick is to look at no more clients than this. */
const CLIENTS_A_TICK = 200;
/** Records that the sweep looks at between two looks at the clock, and what that takes at least. */
const EXPIRY_BUDGET = 512;
const LEAST_RUN_US = 10;

export class Background {
  readonly rates: Rates = new Rates();
  /** Time spent on expiry since the last CONFIG RESETSTAT. */
  expiryUs = 0;
  /** Ticks whose share of time did not suffice. */
  expiryCapReached = 0;
  /** Ticks a second as they are now. */
  hz = 0;

  readonly #options: BackgroundOptions;
  readonly #expiry: ExpiryCycle;
  #timer: Timer | undefined;
  #sampledUs = 0;
  /** What is left of this tick's time for expiry. */
  #expiryLeftUs = 0;
  #isExpiring = false;
  #isFreeing = false;
  #isStopped = false;

  constructor(options: BackgroundOptions) {
    this.#options = options;
    this.#expiry = new ExpiryCycle(options.engine);
    options.engine.lazyFree.onWork = () => this.#freeSoon();
  }

  /** Starts, or takes a changed `hz`. */
  start(): void {
    const hz = this.#wantedHz();
    if (hz === this.hz || this.#isStopped) return;
    this.hz = hz;
    this.#timer?.cancel();
    this.#timer = this.#options.timers.every(Math.max(1, Math.round(1000 / hz)), () =>
      this.#tick(),
    );
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  resetStatistics(): void {
    this.rates.reset();
    this.expiryUs = 0;
    this.expiryCapReached = 0;
  }

  #wantedHz(): number {
    const { settings } = this.#options;
    let { hz } = settings;
    while (settings.dynamicHz && this.#options.clients() / hz > CLIENTS_A_TICK && hz < MAX_HZ)
      hz *= 2;
    return Math.min(hz, MAX_HZ);
  }

  #tick(): void {
    const { clock, engine, dispatcher, switches } = this.#options;
    const startUs = clock.monotonicUs();
    engine.tick(clock.wallMs());
    if (!switches.cronPaused) {
      this.#startExpiry();
      dispatcher.tracking.limit();
      this.#options.tick();
    }
    if (startUs - this.#sampledUs >= SAMPLE_US) this.#sample(startUs);
    dispatcher.loop.addTick(clock.monotonicUs() - startUs);
    this.start();
  }

  #sample(nowUs: number): void {
    this.#sampledUs = nowUs;
    const { dispatcher, network } = this.#options;
    const { rates } = this;
    const seconds = nowUs / 1_000_000;
    rates.commands.sample(dispatcher.statistics.commandsProcessed, seconds);
    const { replicationInputBytes, replicationOutputBytes } = network;
    rates.inputBytes.sample(network.inputBytes + replicationInputBytes, seconds);
    rates.outputBytes.sample(network.outputBytes + replicationOutputBytes, seconds);
    rates.replicationInputBytes.sample(replicationInputBytes, seconds);
    rates.replicationOutputBytes.sample(replicationOutputBytes, seconds);
    rates.cycles.sample(dispatcher.loop.cycles, seconds);
    rates.cycleUs.sample(dispatcher.loop.durationUs, dispatcher.loop.cycles);
  }

  /** A quarter of the time and more by effort, as Redis allots it. */
  #startExpiry(): void {
    const { settings, switches } = this.#options;
    if (!switches.activeExpire) return;
    const percent = 25 + 2 * (settings.activeExpireEffort - 1);
    this.#expiryLeftUs = (percent * 10_000) / this.hz;
    if (!this.#isExpiring) this.#expireSlice();
  }

  #expireSlice(): void {
    const { clock, timers, dispatcher, engine, switches } = this.#options;
    this.#isExpiring = false;
    if (this.#isStopped || !switches.activeExpire) return;
    const startUs = clock.monotonicUs();
    const expired = engine.expired;
    let isDone = false;
    let us = 0;
    for (let runs = 1; !isDone && us < SLICE_US; runs++) {
      isDone = this.#expiry.run(EXPIRY_BUDGET) > 0;
      // A run costs something even on a clock that stands still meanwhile, as virtual time does.
      us = Math.max(clock.monotonicUs() - startUs, runs * LEAST_RUN_US);
    }
    this.expiryUs += us;
    this.#expiryLeftUs -= us;
    dispatcher.latency.add('expire-cycle', Math.floor(us / 1000), clock.wallMs());
    if (engine.expired !== expired) {
      dispatcher.endBackgroundUnit();
      dispatcher.propagation.flush();
    }
    if (isDone) return;
    if (this.#expiryLeftUs <= 0) {
      this.expiryCapReached++;
      return;
    }
    this.#isExpiring = true;
    timers.immediate(() => this.#expireSlice());
  }

  #freeSoon(): void {
    if (this.#isFreeing) return;
    this.#isFreeing = true;
    this.#options.timers.immediate(() => this.#freeSlice());
  }

  #freeSlice(): void {
    const { clock, engine } = this.#options;
    this.#isFreeing = false;
    const startUs = clock.monotonicUs();
    let isMore = true;
    while (isMore && clock.monotonicUs() - startUs < SLICE_US) isMore = engine.lazyFree.step();
    if (isMore) this.#freeSoon();
  }
}
