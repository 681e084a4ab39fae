// uPlot inside the page: made once, made anew when its size or the colours change, given data often.

import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

type Column = readonly (number | null)[];

export interface ChartProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly times: readonly number[];
  readonly columns: readonly Column[];
  readonly band: readonly [Column, Column] | undefined;
  readonly range: readonly [number, number];
  readonly format: (value: number | null) => string;
}

/** Lines that lie on each other are told apart by their dashes, and by more than colour. */
const dashes: readonly number[][] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
const WINDOW_SECONDS = 300;
const LEAST_SECONDS = 60;

export function Chart(props: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  usePlot(place, plot, latest, setIndex, props.names.length, props.band !== undefined);
  useEffect(() => plot.current?.setData(alignedData(props)), [props.times, props.columns]);
  const shown = index ?? props.times.length - 1;
  const values = props.columns.map((column) => column[shown] ?? null);
  const summary = props.names.map((name, i) => `${name} ${props.format(values[i])}`).join(', ');
  return (
    <>
      <ul class="chart-legend">
        {props.names.map((name, i) => (
          <li key={name}>
            <svg viewBox="0 0 24 8" aria-hidden="true">
              <path
                class={`series-${(i % 8) + 1}`}
                d="M0 4h24"
                stroke-dasharray={dashes[i % dashes.length].join(' ')}
              />
            </svg>
            <span>{name}</span>
            <b>{props.format(values[i])}</b>
          </li>
        ))}
      </ul>
      <div class="chart-place" ref={place} role="img" aria-label={`${props.title}: ${summary}`} />
    </>
  );
}

function usePlot(
  place: RefObject<HTMLDivElement | null>,
  plot: RefObject<uPlot | null>,
  latest: RefObject<ChartProps>,
  setIndex: (index: number | null) => void,
  series: number,
  hasBand: boolean,
): void {
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const build = (): void => {
      plot.current?.destroy();
      const { clientWidth: width, clientHeight: height } = element;
      if (width === 0 || height === 0) return;
      const options = plotOptions(latest, setIndex, width, height);
      plot.current = new uPlot(options, alignedData(latest.current), element);
    };
    const sizes = new ResizeObserver(build);
    sizes.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', build);
    return () => {
      sizes.disconnect();
      scheme.removeEventListener('change', build);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [series, hasBand]);
}

function alignedData({ times, columns, band }: ChartProps): uPlot.AlignedData {
  return [times, ...columns, ...(band ?? [])] as unknown as uPlot.AlignedData;
}

function plotOptions(
  latest: RefObject<ChartProps>,
  setIndex: (index: number | null) => void,
  width: number,
  height: number,
): uPlot.Options {
  const { names, band } = latest.current;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const rem = Number.parseFloat(style.fontSize);
  const axis: uPlot.Axis = {
    stroke: colour('--ink-3'),
    font: `${Math.round(rem * 0.72)}px ${style.fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    gap: 4,
  };
  const edge: uPlot.Series = {
    show: true,
    stroke: 'transparent',
    width: 0,
    points: { show: false },
  };
  return {
    width,
    height,
    legend: { show: false },
    padding: [rem * 0.6, rem * 1.8, 0, 0],
    cursor: {
      sync: { key: 'charts' },
      drag: { x: false, y: false },
      points: { size: 6 },
    },
    scales: {
      x: { range: (_, min, max) => timeRange(min, max) },
      y: { range: () => [...latest.current.range] as [number, number] },
    },
    axes: [
      { ...axis, size: rem * 1.5, space: rem * 5.5, values: (_, ticks) => ticks.map(clock) },
      {
        ...axis,
        size: rem * 4.6,
        space: rem * 2,
        values: (_, ticks) => ticks.map((tick) => latest.current.format(tick)),
      },
    ],
    series: [
      {},
      ...names.map((_, index) => ({
        stroke: colour(`--series-${(index % 8) + 1}`),
        width: Math.max(1.5, rem / 9),
        dash: dashes[index % dashes.length],
        points: { show: false },
      })),
      ...(band === undefined ? [] : [edge, edge]),
    ],
    bands:
      band === undefined
        ? []
        : [{ series: [names.length + 2, names.length + 1], fill: colour('--band') }],
    hooks: { setCursor: [(self) => setIndex(self.cursor.idx ?? null)] },
  };
}

/** Grows with what there is, up to the whole window. */
function timeRange(min: number, max: number): [number, number] {
  return [Math.max(max - WINDOW_SECONDS, Math.min(min, max - LEAST_SECONDS)), max];
}

function clock(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
