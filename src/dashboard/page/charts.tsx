// Offset, lag, operations and memory of every server. Node has the same colour and dash everywhere.

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { backlogColumns, type ChartFigure, chartData, rangeOf } from '../model/chart-data.ts';
import { formatBytes, formatCount, formatDuration } from '../model/format.ts';
import type { PageState } from '../model/page-state.ts';
import { Chart } from './chart.tsx';
import { Choice } from './choice.tsx';

interface ChartKind {
  readonly figure: ChartFigure;
  readonly title: string;
  readonly format: (value: number | null) => string;
  /** The least height of the scale, or noise would fill the chart. */
  readonly least: number;
  readonly fromZero: boolean;
  readonly note?: string;
}

const offset: ChartKind = {
  figure: 'offset',
  title: 'Offset',
  format: formatCount,
  least: 1000,
  fromZero: false,
  note: 'Shaded: the backlog. A replica that falls out of it needs a full copy.',
};
const lagBytes: ChartKind = {
  figure: 'lagBytes',
  title: 'Lag',
  format: formatBytes,
  least: 1000,
  fromZero: true,
};
const lagMs: ChartKind = { ...lagBytes, figure: 'lagMs', format: formatDuration, least: 100 };
const operations: ChartKind = {
  figure: 'opsPerSecond',
  title: 'Operations a second',
  format: formatCount,
  least: 10,
  fromZero: true,
};
const memory: ChartKind = {
  figure: 'memoryBytes',
  title: 'Memory',
  format: formatBytes,
  least: 200_000,
  fromZero: false,
};

export function Charts({ state }: { readonly state: PageState }): JSX.Element {
  const [lagUnit, setLagUnit] = useState('bytes');
  const unitChoice = (
    <Choice
      legend="Lag in"
      isLegendHidden
      name="lag-unit"
      options={[
        { value: 'bytes', label: 'bytes' },
        { value: 'ms', label: 'time' },
      ]}
      value={lagUnit}
      onChange={setLagUnit}
    />
  );
  return (
    <section class="charts" aria-label="Charts of the last five minutes">
      <FigureChart state={state} kind={lagUnit === 'ms' ? lagMs : lagBytes} extra={unitChoice} />
      <FigureChart state={state} kind={offset} hasBacklog />
      <FigureChart state={state} kind={operations} />
      <FigureChart state={state} kind={memory} />
    </section>
  );
}

function FigureChart(props: {
  readonly state: PageState;
  readonly kind: ChartKind;
  readonly hasBacklog?: boolean;
  readonly extra?: JSX.Element;
}): JSX.Element {
  const { state, kind, hasBacklog = false, extra } = props;
  const { samples, fleet } = state;
  const names = fleet.servers.map(({ name }) => name);
  const { figure, least, fromZero } = kind;
  const drawn = useMemo(() => {
    const { times, columns } = chartData(samples, names.length, figure);
    const band = hasBacklog ? backlogColumns(samples, times) : undefined;
    return { times, columns, band, range: rangeOf(columns, least, fromZero) };
  }, [samples, figure, names.length, hasBacklog, least, fromZero]);
  return (
    <figure class="card chart">
      <div class="card-head">
        <h2>{kind.title}</h2>
        {extra}
      </div>
      <Chart {...drawn} names={names} format={kind.format} title={kind.title} />
      {kind.note === undefined ? null : <figcaption class="muted">{kind.note}</figcaption>}
    </figure>
  );
}
