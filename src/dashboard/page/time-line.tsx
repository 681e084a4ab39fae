// Events, failovers and the probe's seconds on one scale of time, and the last failover's phases
// with their durations.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FailoverView } from '../../fleet/fleet-view.ts';
import { formatClock, formatDuration } from '../model/format.ts';
import type { PageState } from '../model/page-state.ts';
import {
  type AvailabilityLevel,
  automaticWindow,
  clustered,
  lanesOf,
  type Mark,
  secondCells,
  segmentsOf,
  type TimeWindow,
  ticksOf,
  windowOf,
} from '../model/time-line.ts';
import { Choice } from './choice.tsx';
import { MarkGlyph } from './glyphs.tsx';
import { useWidth } from './measured.ts';

const TOP = 8;
const LABELS = 84;
/** With the room for "+12" beside it. */
const MARK_ROOM = 31;

const spans: Readonly<Record<string, number>> = {
  '30 s': 30_000,
  '2 min': 120_000,
  '10 min': 600_000,
};
const AUTO = 'auto';
const LAST = 'last failover';

export function TimeLine({ state }: { readonly state: PageState }): JSX.Element {
  const [choice, setChoice] = useState(AUTO);
  const [ref, width] = useWidth<HTMLDivElement>();
  const { fleet, failovers } = state;
  const last = failovers.at(-1);
  const window = chosenWindow(choice, last, fleet.atMs);
  return (
    <section class="card time-line" aria-labelledby="time-line">
      <div class="card-head">
        <h2 id="time-line">Time line</h2>
        <Choice
          legend="Shows"
          isLegendHidden
          name="time-span"
          options={[
            { value: AUTO, label: AUTO },
            ...Object.keys(spans).map((label) => ({ value: label, label })),
            {
              value: LAST,
              label: LAST,
              disabled: last === undefined ? 'there was none yet' : undefined,
            },
          ]}
          value={choice}
          onChange={setChoice}
        />
      </div>
      <div class="drawing" ref={ref}>
        {width === 0 ? null : <Lanes state={state} window={window} width={width} />}
      </div>
      {last === undefined ? (
        <p class="caption">
          No failover yet. Kill or freeze the master and watch what the sentinels do.
        </p>
      ) : (
        <Phases failover={last} nowMs={fleet.atMs} />
      )}
    </section>
  );
}

function chosenWindow(choice: string, last: FailoverView | undefined, nowMs: number): TimeWindow {
  if (choice === LAST && last !== undefined) return windowOf(last, nowMs);
  const span = spans[choice];
  return span === undefined ? automaticWindow(last, nowMs) : { fromMs: nowMs - span, toMs: nowMs };
}

/** On a wall there is room to read from afar. */
function laneHeight(): number {
  return matchMedia('(min-width: 120rem)').matches ? 36 : 26;
}

function Lanes(props: {
  readonly state: PageState;
  readonly window: TimeWindow;
  readonly width: number;
}): JSX.Element {
  const { state, window, width } = props;
  const { fleet, events, failovers } = state;
  const lanes = lanesOf(events, fleet.sentinels, window);
  const segments = segmentsOf(failovers, window, fleet.atMs);
  const cells = secondCells(fleet.probe, window);
  const inner = width - LABELS - 26;
  const lane = laneHeight();
  const x = (at: number): number => LABELS + at * inner;
  const height = TOP + (lanes.length + 2) * lane + 22;
  const axis = height - 22;
  return (
    <svg
      class="lanes"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label="Events of the fleet and of each sentinel by time; the list of events has them as text"
    >
      {ticksOf(window, Math.max(2, Math.floor(inner / 92))).map(({ at, label }) => (
        <g key={label} class="tick">
          <path d={`M ${x(at)} ${TOP} V ${axis}`} />
          <text x={x(at)} y={axis + 16} class={at > 0.95 ? 'end' : ''}>
            {label}
          </text>
        </g>
      ))}
      <LaneLabel y={TOP} lane={lane} name="writes" width={width} />
      {cells.map(({ from, to, level }) => (
        <rect
          key={from}
          class={`second second-${level}`}
          x={x(from)}
          width={Math.max(0.5, x(to) - x(from) - (inner > 600 ? 1 : 0.4))}
          {...secondHeight(level, lane)}
        />
      ))}
      <LaneLabel y={TOP + lane} lane={lane} name="failover" width={width} />
      {segments.map(({ name, from, to, isOpen }) => (
        <rect
          key={`${name} ${from}`}
          class={`segment phase-${name}${isOpen ? ' open' : ''}`}
          x={x(from)}
          y={TOP + lane + 6}
          width={Math.max(1.5, x(to) - x(from))}
          height={lane - 12}
        />
      ))}
      {lanes.map(({ name, marks }, index) => (
        <LaneView
          key={name}
          name={name}
          marks={clustered(marks, MARK_ROOM / inner)}
          y={TOP + (index + 2) * lane}
          lane={lane}
          x={x}
          width={width}
        />
      ))}
    </svg>
  );
}

/** A second without an answer is low and a full one high: it can be read without colours. */
function secondHeight(
  level: AvailabilityLevel,
  lane: number,
): { readonly y: number; readonly height: number } {
  const height = (lane - 10) * { all: 1, some: 0.6, none: 0.25, idle: 0.12 }[level];
  return { y: TOP + lane - 5 - height, height };
}

function LaneLabel(props: {
  readonly y: number;
  readonly lane: number;
  readonly name: string;
  readonly width: number;
}): JSX.Element {
  const { y, lane, name, width } = props;
  return (
    <g class="lane-label">
      <path d={`M 0 ${y + lane} H ${width}`} />
      <text x="2" y={y + lane / 2 + 4}>
        {name}
      </text>
    </g>
  );
}

function LaneView(props: {
  readonly name: string;
  readonly marks: readonly Mark[];
  readonly y: number;
  readonly lane: number;
  readonly x: (at: number) => number;
  readonly width: number;
}): JSX.Element {
  const { name, marks, y, lane, x, width } = props;
  return (
    <>
      <LaneLabel y={y} lane={lane} name={name} width={width} />
      {marks.map((mark) => (
        <g key={mark.id} transform={`translate(${x(mark.at)} ${y + lane / 2})`}>
          <title>{mark.title}</title>
          <circle class="mark-room" r="8" />
          <MarkGlyph shape={mark.shape} />
          {mark.more === 0 ? null : (
            <text class="more" x="7" y="-3">
              +{mark.more}
            </text>
          )}
        </g>
      ))}
    </>
  );
}

function Phases(props: { readonly failover: FailoverView; readonly nowMs: number }): JSX.Element {
  const { failover, nowMs } = props;
  const { from, to, epoch, leader, outcome } = failover;
  const lengths = failover.phases.map(
    ({ startedMs, durationMs }) => durationMs ?? Math.max(0, nowMs - startedMs),
  );
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return (
    <div class="phases">
      <p class="phases-title">
        <strong>
          {from ?? '?'} → {to ?? '…'}
        </strong>{' '}
        <span>
          {outcome === 'running' ? 'under way' : outcome}
          {epoch === null ? '' : `, epoch ${epoch}`}
          {leader === null ? '' : `, led by ${leader}`}, at {formatClock(failover.startedMs)}
        </span>
        <span class="phases-total">
          {failover.durationMs === null ? '' : formatDuration(failover.durationMs)}
        </span>
      </p>
      <div class="phase-bar" aria-hidden="true">
        {failover.phases.map(({ name }, index) => (
          <span
            key={name}
            class={`phase-${name}`}
            style={{ flexGrow: total === 0 ? 1 : lengths[index] / total }}
          />
        ))}
      </div>
      <ol>
        {failover.phases.map(({ name, durationMs }, index) => (
          <li key={name}>
            <i class={`phase-${name}`} aria-hidden="true" />
            <span>{name}</span>
            <b>
              {durationMs === null
                ? `${formatDuration(lengths[index])}…`
                : formatDuration(durationMs)}
            </b>
          </li>
        ))}
      </ol>
    </div>
  );
}
