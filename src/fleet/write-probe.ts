// A client that does what an application would: it asks the sentinels for the master, writes numbered
// values there one after the other, repeats a write whose answer never came, and follows failovers.
// Each number is counted in a hash on the server (HINCRBY), so that afterwards a count of 0 is a write
// that was acknowledged and lost, and a count above 1 one that was repeated.
//
// What was lost shows when another master has taken over: then the numbers of the recent past are
// counted again. Older ones are settled.

import type { Environment } from '../env/environment.ts';
import type { Timer } from '../env/timers.ts';
import type { Reply } from '../protocol/reply-reader.ts';
import type { Address } from './fleet.ts';
import type { ProbeSecond, ProbeView } from './fleet-view.ts';
import { NodeLink, textOf } from './node-link.ts';

export interface ProbeOptions {
  readonly masterName: string;
  readonly sentinels: () => readonly Address[];
  /** Where to write when there are no sentinels. */
  readonly fallback: () => Address | undefined;
  readonly nameOf: (host: string, port: number) => string | null;
  readonly password: string | undefined;
  readonly intervalMs: number;
}

/** Numbers in one hash. */
const BUCKET = 1000;
/** Hashes that are counted again after a failover. */
const BUCKETS_CHECKED = 20;
const KEY_SECONDS = 3600;
const ANSWER_LIMIT_MS = 500;
const SECONDS_KEPT = 120;
const LATENCIES_KEPT = 1000;

export class WriteProbe {
  readonly #environment: Environment;
  readonly #options: ProbeOptions;
  readonly #startedMs: number;
  readonly #key: string;
  readonly #acknowledged = new Set<number>();
  readonly #lost = new Set<number>();
  readonly #duplicated = new Set<number>();
  readonly #seconds: { atMs: number; acknowledged: number; failed: number }[] = [];
  readonly #latencies: number[] = [];
  #link: NodeLink | undefined;
  #target: string | null = null;
  #address = '';
  #checkedAddress = '';
  #timer: Timer | undefined;
  #isRunning = false;
  #nextNumber = 0;
  #attempted = 0;
  #acknowledgedCount = 0;
  #failed = 0;
  #lastAcknowledgedUs: number | undefined;
  #longestGapUs = 0;
  #nextSentinel = 0;

  constructor(environment: Environment, options: ProbeOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#startedMs = environment.clock.wallMs();
    this.#key = `understudy:probe:${this.#startedMs.toString(36)}`;
  }

  get view(): ProbeView {
    return {
      isRunning: this.#isRunning,
      startedMs: this.#startedMs,
      target: this.#target,
      attempted: this.#attempted,
      acknowledged: this.#acknowledgedCount,
      failed: this.#failed,
      lost: this.#lost.size,
      duplicated: this.#duplicated.size,
      longestGapMs: Math.round(this.#gapUs() / 1000),
      latencyP99Ms: percentile99(this.#latencies),
      seconds: this.#seconds.map((second): ProbeSecond => ({ ...second })),
    };
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // The pause since it was stopped is not an outage.
    this.#lastAcknowledgedUs = undefined;
    this.#after(0);
  }

  stop(): void {
    this.#longestGapUs = this.#gapUs();
    this.#isRunning = false;
    this.#timer?.cancel();
    this.#forget();
  }

  #after(ms: number): void {
    this.#timer = this.#environment.timers.after(ms, () => void this.#turn());
  }

  /** One write, or one attempt at it. */
  async #turn(): Promise<void> {
    const startUs = this.#environment.clock.monotonicUs();
    const number = this.#nextNumber;
    this.#attempted++;
    try {
      const link = this.#link ?? (await this.#connect());
      const reply = await this.#limited(link.ask('HINCRBY', this.#hash(number), number, 1));
      if (reply.kind !== 'integer') throw new Error(textOf(reply));
      this.#count(number, reply.value, startUs);
      this.#nextNumber++;
      if (number % BUCKET === 0) {
        await this.#limited(link.ask('EXPIRE', this.#hash(number), KEY_SECONDS));
      }
      if (this.#checkedAddress !== this.#address) await this.#check(link);
    } catch {
      if (!this.#isRunning) return;
      this.#failed++;
      this.#second().failed++;
      this.#forget();
    }
    const tookMs = (this.#environment.clock.monotonicUs() - startUs) / 1000;
    if (this.#isRunning) this.#after(Math.max(1, this.#options.intervalMs - tookMs));
  }

  #count(number: number, times: number, startUs: number): void {
    const nowUs = this.#environment.clock.monotonicUs();
    this.#longestGapUs = this.#gapUs();
    this.#lastAcknowledgedUs = nowUs;
    this.#acknowledgedCount++;
    this.#acknowledged.add(number);
    this.#acknowledged.delete(number - BUCKET * BUCKETS_CHECKED);
    if (times > 1) this.#duplicated.add(number);
    this.#second().acknowledged++;
    this.#latencies.push((nowUs - startUs) / 1000);
    if (this.#latencies.length > LATENCIES_KEPT) this.#latencies.shift();
  }

  /** Counts the recent past again on a master that has not been asked yet. */
  async #check(link: NodeLink): Promise<void> {
    const last = Math.floor(this.#nextNumber / BUCKET);
    const first = Math.max(0, last - BUCKETS_CHECKED + 1);
    const kept = new Map<number, number>();
    for (let bucket = first; bucket <= last; bucket++) {
      const reply = await this.#limited(link.ask('HGETALL', this.#hash(bucket * BUCKET)));
      if (reply.kind !== 'array' && reply.kind !== 'map') throw new Error(textOf(reply));
      const words = reply.items.map(textOf);
      for (let i = 0; i + 1 < words.length; i += 2)
        kept.set(Number(words[i]), Number(words[i + 1]));
    }
    for (const number of this.#acknowledged) {
      if (number < first * BUCKET) continue;
      const times = kept.get(number) ?? 0;
      // A master that comes back may have what its successor lacked.
      if (times === 0) this.#lost.add(number);
      else this.#lost.delete(number);
      if (times > 1) this.#duplicated.add(number);
    }
    this.#checkedAddress = this.#address;
  }

  async #connect(): Promise<NodeLink> {
    const address = await this.#findMaster();
    const link = new NodeLink(this.#environment, () => address, this.#options.password);
    this.#link = link;
    const role = await this.#limited(link.ask('ROLE'));
    const isMaster = role.kind === 'array' && role.items[0] && textOf(role.items[0]) === 'master';
    if (isMaster !== true) throw new Error('not a master');
    this.#address = `${address.host}:${address.port}`;
    this.#target = this.#options.nameOf(address.host, address.port);
    return link;
  }

  async #findMaster(): Promise<Address> {
    const sentinels = this.#options.sentinels();
    if (sentinels.length === 0) {
      const fallback = this.#options.fallback();
      if (fallback === undefined) throw new Error('no master');
      return fallback;
    }
    // Each in turn: the one that was asked before may be the one that is frozen.
    const sentinel = sentinels[this.#nextSentinel++ % sentinels.length];
    const link = new NodeLink(this.#environment, () => sentinel);
    try {
      const reply = await this.#limited(
        link.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#options.masterName),
      );
      if (reply.kind !== 'array' || reply.items.length !== 2) throw new Error('no master');
      return { host: textOf(reply.items[0]), port: Number(textOf(reply.items[1])) };
    } finally {
      link.close();
    }
  }

  /** A master that is frozen answers nothing and closes nothing. */
  #limited(answer: Promise<Reply>): Promise<Reply> {
    return new Promise((fulfil, reject) => {
      const timer = this.#environment.timers.after(ANSWER_LIMIT_MS, () => {
        reject(new Error('no answer'));
      });
      answer.then(fulfil, reject).finally(() => timer.cancel());
    });
  }

  #forget(): void {
    const link = this.#link;
    this.#link = undefined;
    this.#target = null;
    link?.close();
  }

  #hash(number: number): string {
    return `${this.#key}:${Math.floor(number / BUCKET)}`;
  }

  /** The longest gap so far, with the one that may be under way. */
  #gapUs(): number {
    if (!this.#isRunning || this.#lastAcknowledgedUs === undefined) return this.#longestGapUs;
    const gapUs = this.#environment.clock.monotonicUs() - this.#lastAcknowledgedUs;
    return Math.max(this.#longestGapUs, gapUs);
  }

  #second(): { acknowledged: number; failed: number } {
    const atMs = Math.floor(this.#environment.clock.wallMs() / 1000) * 1000;
    const last = this.#seconds.at(-1);
    if (last?.atMs === atMs) return last;
    const second = { atMs, acknowledged: 0, failed: 0 };
    this.#seconds.push(second);
    if (this.#seconds.length > SECONDS_KEPT) this.#seconds.shift();
    return second;
  }
}

function percentile99(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))];
  return Math.round(value * 1000) / 1000;
}
