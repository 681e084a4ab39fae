// A fleet as Prometheus reads it. Names and labels are redis_exporter's where it has them, so that
// dashboards and alerts written for it go on working; `node` and `addr` say whose figure it is. What
// it does not have is called understudy_*.

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FailoverView, FleetView } from '../fleet/fleet-view.ts';
import { metricFigures } from './metric-figures.ts';

/** From a lab with a down-after of some hundred milliseconds to the defaults of Sentinel. */
const DURATION_BUCKETS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 40, 60, 120];

export class Metrics {
  readonly #collected = new Registry();
  readonly #gauges = new Map<string, Gauge | Counter>();
  readonly #failovers: Counter;
  readonly #durations: Histogram;
  #lastCounted = 0;

  /** What the page is, for its header. */
  get contentType(): string {
    return this.#collected.contentType;
  }

  constructor() {
    const registers = [this.#collected];
    this.#failovers = new Counter({
      name: 'understudy_failovers_total',
      help: 'Failovers that came to an end, by how they ended',
      labelNames: ['outcome'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'understudy_failover_duration_seconds',
      help: 'From the first sign of trouble to the new master being announced',
      buckets: DURATION_BUCKETS,
      registers,
    });
    for (const outcome of ['done', 'aborted']) this.#failovers.inc({ outcome }, 0);
  }

  /** To be called with every view: a view keeps only the most recent failovers. */
  observe({ failovers }: FleetView): void {
    for (const failover of failovers) {
      if (failover.id <= this.#lastCounted) continue;
      // Later ones wait, or the one under way would be skipped when it ends.
      if (failover.outcome === 'running') return;
      this.#count(failover);
    }
  }

  /** The page for one scrape. */
  text(view: FleetView): Promise<string> {
    this.observe(view);
    for (const gauge of this.#gauges.values()) gauge.reset();
    for (const { name, help, value, labels } of metricFigures(view)) {
      this.#gauge(name, help, Object.keys(labels)).inc(labels, value);
    }
    return this.#collected.metrics();
  }

  #count(failover: FailoverView): void {
    this.#lastCounted = failover.id;
    this.#failovers.inc({ outcome: failover.outcome });
    if (failover.outcome === 'done' && failover.durationMs !== null) {
      this.#durations.observe(failover.durationMs / 1000);
    }
  }

  #gauge(name: string, help: string, labelNames: string[]): Gauge | Counter {
    const known = this.#gauges.get(name);
    if (known !== undefined) return known;
    const Kind = name.endsWith('_total') ? Counter : Gauge;
    const made = new Kind({ name, help, labelNames, registers: [this.#collected] });
    this.#gauges.set(name, made);
    return made;
  }
}
