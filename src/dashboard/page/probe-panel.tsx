// The write probe: what a client that follows the sentinels would have seen, second by second.

import type { JSX } from 'preact';
import type { ProbeView } from '../../fleet/fleet-view.ts';
import { formatClock, formatCount, formatDuration } from '../model/format.ts';
import { availability, availableShare } from '../model/time-line.ts';
import type { Act } from './app.tsx';

const SHOWN_SECONDS = 60;

export function ProbePanel(props: {
  readonly probe: ProbeView | null;
  readonly act: Act;
}): JSX.Element {
  const { probe, act } = props;
  const isRunning = probe?.isRunning ?? false;
  return (
    <section class="card probe" aria-labelledby="probe">
      <div class="card-head">
        <h2 id="probe">Write probe</h2>
        <button
          type="button"
          onClick={() => act({ action: isRunning ? 'stop-probe' : 'start-probe' })}
        >
          {isRunning ? 'Stop' : 'Start'}
        </button>
      </div>
      <p class="caption">{caption(probe)}</p>
      {probe === null ? null : <Results probe={probe} />}
    </section>
  );
}

function caption(probe: ProbeView | null): string {
  if (probe === null) {
    return 'A client that asks the sentinels for the master and writes numbered values to it. Start it, then break something.';
  }
  if (!probe.isRunning) return 'Stopped. What it found stays here.';
  return probe.target === null ? 'Looking for a master…' : `Writing to ${probe.target}.`;
}

function Results({ probe }: { readonly probe: ProbeView }): JSX.Element {
  const share = availableShare(probe.seconds);
  return (
    <>
      <dl class="counters">
        <Counter name="acknowledged" value={probe.acknowledged} />
        <Counter name="lost" value={probe.lost} isBad={probe.lost > 0} />
        <Counter name="duplicated" value={probe.duplicated} isBad={probe.duplicated > 0} />
      </dl>
      <AvailabilityBar probe={probe} />
      <dl class="figures">
        <div>
          <dt>Available</dt>
          <dd>{share === null ? '–' : `${(share * 100).toFixed(1)} %`}</dd>
        </div>
        <div>
          <dt>Longest gap</dt>
          <dd>{formatDuration(probe.longestGapMs)}</dd>
        </div>
        <div>
          <dt>Failed</dt>
          <dd>{formatCount(probe.failed)}</dd>
        </div>
        <div>
          <dt>Latency p99</dt>
          <dd>{probe.latencyP99Ms === null ? '–' : `${probe.latencyP99Ms.toFixed(1)} ms`}</dd>
        </div>
      </dl>
    </>
  );
}

function Counter(props: {
  readonly name: string;
  readonly value: number;
  readonly isBad?: boolean;
}): JSX.Element {
  const { name, value, isBad } = props;
  return (
    <div class={isBad ? 'tone-bad' : ''}>
      <dt>{name}</dt>
      <dd>{formatCount(value)}</dd>
    </div>
  );
}

function AvailabilityBar({ probe }: { readonly probe: ProbeView }): JSX.Element {
  const seconds = probe.seconds.slice(-SHOWN_SECONDS);
  const outages = seconds.filter((second) => availability(second) === 'none').length;
  const label = `Of the last ${seconds.length} seconds, ${outages} had no acknowledged write`;
  return (
    <figure class="availability">
      <svg
        viewBox={`0 0 ${SHOWN_SECONDS * 6} 44`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {seconds.map((second, index) => {
          const level = availability(second);
          const height = { all: 44, some: 26, none: 10, idle: 3 }[level];
          const x = (SHOWN_SECONDS - seconds.length + index) * 6;
          return (
            <rect
              key={second.atMs}
              class={`second second-${level}`}
              x={x}
              y={44 - height}
              width="5"
              height={height}
            >
              <title>{`${formatClock(second.atMs)}: ${second.acknowledged} acknowledged, ${second.failed} failed`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>1 min ago</span>
        <span>{outages === 0 ? 'every second had writes' : `${outages} s without writes`}</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}
