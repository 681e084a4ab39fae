// The latency monitor: for each kind of event the spikes of the latest seconds, at most one a second,
// the worst one. LATENCY's subcommands and INFO read it; who measures decides what an event is.

import type { DispatchSettings } from './dispatch-settings.ts';

/** Samples kept for each event. */
const MAX_SAMPLES = 160;

export interface LatencySample {
  /** Seconds since 1970. */
  readonly time: number;
  ms: number;
}

export interface LatencyEvent {
  readonly name: string;
  /** Oldest first. */
  readonly samples: LatencySample[];
  maxMs: number;
}

export class LatencyMonitor {
  readonly events: Map<string, LatencyEvent> = new Map();
  readonly #settings: DispatchSettings;

  constructor(settings: DispatchSettings) {
    this.#settings = settings;
  }

  /** Records the event if it took as long as the threshold. */
  add(name: string, ms: number, nowMs: number): void {
    const threshold = this.#settings.latencyMonitorThreshold;
    if (threshold === 0 || ms < threshold) return;
    let event = this.events.get(name);
    if (event === undefined) {
      event = { name, samples: [], maxMs: 0 };
      this.events.set(name, event);
    }
    event.maxMs = Math.max(event.maxMs, ms);
    const time = Math.floor(nowMs / 1000);
    const last = event.samples.at(-1);
    if (last?.time === time) last.ms = Math.max(last.ms, ms);
    else event.samples.push({ time, ms });
    if (event.samples.length > MAX_SAMPLES) event.samples.shift();
  }

  /** Forgets the named events, or all; how many there were. */
  reset(names?: readonly string[]): number {
    if (names === undefined) {
      const count = this.events.size;
      this.events.clear();
      return count;
    }
    return names.filter((name) => this.events.delete(name)).length;
  }
}
