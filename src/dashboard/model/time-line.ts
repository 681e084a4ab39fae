// The time line as something to draw: lanes with marks, the seconds of the write probe, the phases of
// failovers, all on one scale of time.

import type {
  FailoverView,
  ProbeSecond,
  ProbeView,
  SentinelView,
  TimelineEvent,
} from '../../fleet/fleet-view.ts';
import { formatClock } from './format.ts';

export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a mark looks like; each has its own shape, colour only repeats it. */
export type MarkShape =
  | 'suspect'
  | 'down'
  | 'well'
  | 'vote'
  | 'elected'
  | 'step'
  | 'switch'
  | 'abort'
  | 'action'
  | 'note';

export interface Mark {
  readonly id: number;
  /** 0 to 1 across the window. */
  readonly at: number;
  readonly shape: MarkShape;
  readonly title: string;
  /** How many others it stands for, since they would lie on it. */
  readonly more: number;
}

export interface Lane {
  readonly name: string;
  readonly marks: readonly Mark[];
}

export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly isOpen: boolean;
}

export interface SecondCell {
  readonly from: number;
  readonly to: number;
  readonly level: AvailabilityLevel;
}

export type AvailabilityLevel = 'all' | 'some' | 'none' | 'idle';

const shapes: Readonly<Record<string, MarkShape>> = {
  '+sdown': 'suspect',
  '-sdown': 'well',
  '+odown': 'down',
  '-odown': 'well',
  '+vote-for-leader': 'vote',
  '+elected-leader': 'elected',
  '+promoted-slave': 'step',
  '+selected-slave': 'step',
  '+failover-end': 'step',
  '+failover-end-for-timeout': 'abort',
  '+switch-master': 'switch',
  '+tilt': 'suspect',
  '-tilt': 'well',
  down: 'down',
  frozen: 'suspect',
  silent: 'suspect',
  up: 'well',
  role: 'switch',
};

export function shapeOf(event: TimelineEvent): MarkShape {
  if (event.kind === 'action') return 'action';
  if (event.name.startsWith('-failover-abort')) return 'abort';
  return shapes[event.name] ?? 'note';
}

/** The fleet's lane with what was done to it and what its processes did, then one a sentinel. */
export function lanesOf(
  events: readonly TimelineEvent[],
  sentinels: readonly SentinelView[],
  window: TimeWindow,
): readonly Lane[] {
  const inside = events.filter(({ atMs }) => atMs >= window.fromMs && atMs <= window.toMs);
  const marks = (wanted: (event: TimelineEvent) => boolean): readonly Mark[] =>
    inside.filter(wanted).map((event) => ({
      id: event.id,
      at: position(event.atMs, window),
      shape: shapeOf(event),
      title: `${formatClock(event.atMs, true)}  ${event.name} ${event.text}`,
      more: 0,
    }));
  return [
    { name: 'fleet', marks: marks(({ kind }) => kind !== 'sentinel') },
    ...sentinels.map(({ name }) => ({
      name,
      marks: marks(({ kind, node }) => kind === 'sentinel' && node === name),
    })),
  ];
}

/** What is drawn when several lie on each other: the first of these that is among them. */
const weights: readonly MarkShape[] = [
  ...(['switch', 'elected', 'abort', 'action', 'down', 'step', 'vote', 'suspect', 'well'] as const),
  'note',
];

/** Marks that stand at least `gap` apart, each for all that would lie on it. */
export function clustered(marks: readonly Mark[], gap: number): readonly Mark[] {
  const clusters: Mark[][] = [];
  for (const mark of marks) {
    const last = clusters.at(-1);
    if (last !== undefined && mark.at - last[0].at < gap) last.push(mark);
    else clusters.push([mark]);
  }
  return clusters.map((members) => {
    const heaviest = members.reduce((best, mark) =>
      weights.indexOf(mark.shape) < weights.indexOf(best.shape) ? mark : best,
    );
    const title = members.map((mark) => mark.title).join('\n');
    return { ...heaviest, at: members[0].at, title, more: members.length - 1 };
  });
}

/** The phases of every failover that lies in the window. */
export function segmentsOf(
  failovers: readonly FailoverView[],
  window: TimeWindow,
  nowMs: number,
): readonly Segment[] {
  return failovers.flatMap(({ phases }) =>
    phases.flatMap(({ name, startedMs, durationMs }) => {
      const endMs = durationMs === null ? nowMs : startedMs + durationMs;
      if (endMs < window.fromMs || startedMs > window.toMs) return [];
      const [from, to] = [position(startedMs, window), position(endMs, window)];
      return [{ name, from, to, isOpen: durationMs === null }];
    }),
  );
}

export function secondCells(probe: ProbeView | null, window: TimeWindow): readonly SecondCell[] {
  return (probe?.seconds ?? [])
    .filter(({ atMs }) => atMs + 1000 > window.fromMs && atMs < window.toMs)
    .map((second) => ({
      from: position(second.atMs, window),
      to: position(second.atMs + 1000, window),
      level: availability(second),
    }));
}

export function availability({ acknowledged, failed }: ProbeSecond): AvailabilityLevel {
  if (acknowledged === 0) return failed === 0 ? 'idle' : 'none';
  return failed === 0 ? 'all' : 'some';
}

/** Whole seconds in which a write was tried, and those of them in which one was acknowledged. */
export function availableShare(seconds: readonly ProbeSecond[]): number | null {
  const tried = seconds.filter((second) => availability(second) !== 'idle');
  if (tried.length === 0) return null;
  const good = tried.filter((second) => availability(second) !== 'none');
  return good.length / tried.length;
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

const steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000];

/** At round times, at most `most` of them. */
export function ticksOf(window: TimeWindow, most: number): readonly Tick[] {
  const span = window.toMs - window.fromMs;
  const step = steps.find((candidate) => span / candidate <= most) ?? span;
  const ticks: Tick[] = [];
  for (let atMs = Math.ceil(window.fromMs / step) * step; atMs <= window.toMs; atMs += step) {
    const clock = formatClock(atMs, step < 1000);
    const label = step < 1000 ? clock.slice(3, -2) : clock;
    ticks.push({ at: position(atMs, window), label });
  }
  return ticks;
}

/** How long after its end a failover is what one wants to look at. */
const AFTERMATH_MS = 20_000;
const LEAST_WINDOW_MS = 8000;

/** The last two minutes; during a failover and shortly after, from its beginning until now. */
export function automaticWindow(last: FailoverView | undefined, nowMs: number): TimeWindow {
  if (last !== undefined && nowMs - (last.endedMs ?? nowMs) < AFTERMATH_MS) {
    const fromMs = Math.min(last.startedMs - 1500, nowMs - LEAST_WINDOW_MS);
    return { fromMs, toMs: nowMs };
  }
  return { fromMs: nowMs - 120_000, toMs: nowMs };
}

/** A window that shows one failover with a little of before and after. */
export function windowOf(failover: FailoverView, nowMs: number): TimeWindow {
  const ends = failover.phases.map(({ startedMs, durationMs }) => startedMs + (durationMs ?? 0));
  const end = Math.max(failover.endedMs ?? nowMs, ...ends);
  const room = Math.max(400, (end - failover.startedMs) * 0.15);
  return { fromMs: failover.startedMs - room, toMs: end + room };
}

function position(atMs: number, { fromMs, toMs }: TimeWindow): number {
  return Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));
}
