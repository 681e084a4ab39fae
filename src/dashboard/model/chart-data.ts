// The samples as columns, one chart's figure at a time: what a chart is given to draw.

import type { Sample, ServerSample } from '../messages.ts';

export type ChartFigure = keyof ServerSample;

/** Seconds since 1970, then one column a server; null where there is no line. */
export interface ChartData {
  readonly times: readonly number[];
  readonly columns: readonly (readonly (number | null)[])[];
}

/** A gap in the samples longer than this is a gap in the lines: the page had no connection. */
const GAP_MS = 3000;

export function chartData(
  samples: readonly Sample[],
  servers: number,
  figure: ChartFigure,
): ChartData {
  const times: number[] = [];
  const columns: (number | null)[][] = Array.from({ length: servers }, () => []);
  let before: number | undefined;
  for (const { atMs, values } of samples) {
    if (before !== undefined && atMs - before > GAP_MS) {
      times.push((before + 1) / 1000);
      for (const column of columns) column.push(null);
    }
    times.push(atMs / 1000);
    for (const [index, column] of columns.entries()) column.push(values[index]?.[figure] ?? null);
    before = atMs;
  }
  return { times, columns };
}

/** Both edges of the backlog at the times of `data`. */
export function backlogColumns(
  samples: readonly Sample[],
  times: readonly number[],
): readonly [first: readonly (number | null)[], end: readonly (number | null)[]] {
  const byTime = new Map(samples.map(({ atMs, backlog }) => [atMs / 1000, backlog]));
  const edge = (index: 0 | 1): readonly (number | null)[] =>
    times.map((time) => byTime.get(time)?.[index] ?? null);
  return [edge(0), edge(1)];
}

/** The range of the lines with some room, never less than `least` high, never below zero. */
export function rangeOf(
  columns: readonly (readonly (number | null)[])[],
  least: number,
  fromZero: boolean,
): readonly [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const column of columns) {
    for (const value of column) {
      if (value === null) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (min > max) return [0, least];
  if (fromZero) min = Math.min(0, min);
  const room = Math.max((max - min) * 0.08, (least - (max - min)) / 2, 0);
  const low = fromZero ? min : Math.max(0, min - room);
  return [low, Math.max(max + room, low + least)];
}
