// Time, and whom it is attributed to. The wall clock is read once a chunk. How long commands take is
// measured a command only where that can matter:
//
// * A pair of clock reads costs 0.13-0.16 us, as much as a whole GET (reference/speed.md, section 1).
// * A command that is flagged fast or documented as O(1) does bounded work. It cannot take a
//   millisecond, so while the slowlog's threshold is a millisecond or more (the default is ten) and the
//   latency monitor counts milliseconds, neither can have anything to say about it.
// * Every other command has a clock of its own. When one follows right behind another, the end of the
//   first is the begin of the second: one read instead of two.
//
// What untimed commands took together is a poll's time without the timed ones, divided evenly; it
// includes the reading of sockets between chunks.

import type { Request } from '../protocol/request.ts';
import { CommandBit } from './command-flags.ts';
import type { CommandEntry } from './command-table.ts';
import type { DispatchSettings } from './dispatch-settings.ts';
import type { DispatchClock } from './hooks.ts';
import type { LatencyMonitor } from './latency-monitor.ts';
import type { Session } from './session.ts';
import type { Slowlog } from './slowlog.ts';
import type { Statistics } from './statistics.ts';

/** Thresholds below this are within reach of a fast command. */
const FAST_THRESHOLD_US = 1000;

export class CommandClock {
  /** Wall clock, as of the latest chunk. */
  nowMs: number;

  readonly #clock: DispatchClock;
  readonly #settings: DispatchSettings;
  readonly #statistics: Statistics;
  readonly #slowlog: Slowlog;
  readonly #latency: LatencyMonitor;
  /** Monotonic begin of the poll under way; -1 between polls. */
  #pollStartUs = -1;
  /** What timed commands took of the poll. */
  #timedUs = 0;
  /** When the latest timed command ended, while nothing ran since; -1: read the clock. */
  #lastReadUs = -1;

  constructor(
    clock: DispatchClock,
    settings: DispatchSettings,
    statistics: Statistics,
    slowlog: Slowlog,
    latency: LatencyMonitor,
  ) {
    this.nowMs = clock.wallMs();
    this.#clock = clock;
    this.#settings = settings;
    this.#statistics = statistics;
    this.#slowlog = slowlog;
    this.#latency = latency;
  }

  beginChunk(wallMs: number): void {
    this.nowMs = wallMs;
    if (this.#pollStartUs >= 0) return;
    this.#timedUs = 0;
    this.#pollStartUs = this.#clock.monotonicUs();
  }

  /** Something other than a command follows. */
  endChunk(): void {
    this.#lastReadUs = -1;
  }

  /** Shares the poll's time out and returns it, in us; -1 when there were no chunks. */
  endPoll(): number {
    if (this.#pollStartUs < 0) return -1;
    const us = this.#clock.monotonicUs() - this.#pollStartUs;
    this.#pollStartUs = -1;
    this.#statistics.shareTime(us - this.#timedUs, this.#settings.latencyTracking);
    return us;
  }

  /** Whether the command needs a clock of its own now. */
  times(entry: CommandEntry): boolean {
    const { slowlogLogSlowerThan, latencyMonitorThreshold } = this.#settings;
    if (slowlogLogSlowerThan < 0) return entry.mayBeSlow && latencyMonitorThreshold > 0;
    return entry.mayBeSlow || slowlogLogSlowerThan < FAST_THRESHOLD_US;
  }

  /** The begin of a timed command. */
  start(): number {
    return this.#lastReadUs >= 0 ? this.#lastReadUs : this.#clock.monotonicUs();
  }

  /** How long it took, in us. Inside of another command the time is that one's already. */
  stop(startUs: number, isNested: boolean): number {
    const now = this.#clock.monotonicUs();
    this.#lastReadUs = now;
    const us = now - startUs;
    if (!isNested) this.#timedUs += us;
    return us;
  }

  countUntimed(entry: CommandEntry): void {
    this.#lastReadUs = -1;
    this.#statistics.countUntimed(entry);
  }

  /** Accounts for a command that took `us`; attempts of one that waited count as one call. */
  countTimed(session: Session, entry: CommandEntry, request: Request, us: number): void {
    const totalUs = us + (session.blockedOn?.spentUs ?? 0);
    const { latencyTracking, slowlogLogSlowerThan, latencyMonitorThreshold } = this.#settings;
    this.#statistics.countTimed(entry, totalUs, latencyTracking);
    if (latencyMonitorThreshold > 0) {
      const event = (entry.flags & CommandBit.fast) !== 0 ? 'fast-command' : 'command';
      this.#latency.add(event, Math.floor(us / 1000), this.nowMs);
    }
    if (slowlogLogSlowerThan < 0 || totalUs < slowlogLogSlowerThan) return;
    if ((entry.flags & CommandBit.skip_slowlog) !== 0) return;
    this.#slowlog.add(session, request, totalUs, this.nowMs);
  }
}
