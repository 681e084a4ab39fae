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
// Untimed commands get an even share of their chunk's time, less what timed ones took of it. Where
// chunks are small (unpipelined clients) only one of sixteen is measured, and the others are taken to
// cost what those did of late: usec_per_call stays right, at a hundredth of the cost.

import type { Request } from '../protocol/request.ts';
import { CommandBit } from './command-flags.ts';
import type { CommandEntry } from './command-table.ts';
import type { DispatchSettings } from './dispatch-settings.ts';
import type { DispatchClock } from './hooks.ts';
import type { LatencyMonitor } from './latency-monitor.ts';
import type { Session } from './session.ts';
import type { Slowlog } from './slowlog.ts';
import type { Statistics } from './statistics.ts';

/** From here on the clock reads of a chunk are nothing a command. */
const LARGE_CHUNK = 16;
/** Small chunks that go unmeasured after one that was. */
const UNMEASURED = 15;

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
  /** Begin of the chunk under way if it is measured, else -1. */
  #chunkStartUs = -1;
  /** Chunks that go by until the next measured one. */
  #skip = 0;
  /** What an untimed command has cost of late. */
  #eachUs = 1;
  /** What timed commands took of the chunk. */
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
    const isMeasured = this.#skip === 0;
    if (!isMeasured) this.#skip--;
    if (this.#pollStartUs >= 0 && !isMeasured) return;
    const now = this.#clock.monotonicUs();
    if (this.#pollStartUs < 0) this.#pollStartUs = now;
    if (!isMeasured) return;
    this.#share(this.#eachUs);
    this.#chunkStartUs = now;
    this.#timedUs = 0;
  }

  endChunk(): void {
    this.#lastReadUs = -1;
    if (this.#chunkStartUs < 0) return;
    const us = this.#clock.monotonicUs() - this.#chunkStartUs - this.#timedUs;
    this.#chunkStartUs = -1;
    const calls = this.#statistics.untimedCalls;
    if (calls === 0) return;
    this.#skip = calls >= LARGE_CHUNK ? 0 : UNMEASURED;
    const each = Math.max(0, us) / calls;
    this.#eachUs += (each - this.#eachUs) / 4;
    this.#share(each);
  }

  #share(eachUs: number): void {
    this.#statistics.shareTime(eachUs, this.#settings.latencyTracking);
  }

  /** Everything is accounted for; what the poll took in us, -1 when there was none. */
  endPoll(): number {
    this.#share(this.#eachUs);
    if (this.#pollStartUs < 0) return -1;
    const us = this.#clock.monotonicUs() - this.#pollStartUs;
    this.#pollStartUs = -1;
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
