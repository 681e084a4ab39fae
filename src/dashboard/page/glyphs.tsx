// The small signs. Every state has a shape of its own, so that nobody needs to tell colours apart.

import type { JSX } from 'preact';
import type { DrawnRole } from '../model/drawing.ts';
import type { Judgement, Tone } from '../model/node-status.ts';
import type { MarkShape } from '../model/time-line.ts';

const tonePaths: Readonly<Record<Tone, string>> = {
  good: 'M2 8.6 6 12.4 14 3.8',
  busy: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5 M8 5v3.4l2.4 1.6',
  warn: 'M8 2 15 14H1Z M8 6.4v3.4 M8 11.8v.6',
  bad: 'M3 3 13 13 M13 3 3 13',
  idle: 'M3 8h10',
};

export function ToneGlyph({ tone }: { readonly tone: Tone }): JSX.Element {
  return (
    <svg class={`glyph tone-${tone}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={tonePaths[tone]} />
    </svg>
  );
}

const rolePaths: Readonly<Record<DrawnRole, string>> = {
  master: 'M8 1.2 10 6l5 .4-3.8 3.3 1.2 5L8 12l-4.4 2.7 1.2-5L1 6.4 6 6Z',
  replica: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8Z',
  sentinel:
    'M1 8c2-3.4 4.4-5 7-5s5 1.6 7 5c-2 3.4-4.4 5-7 5S3 11.400 1 8Z M8 5.800a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400Z',
  stranger: 'M5.400 6a2.600 2.600 0 1 1 3.800 2.300c-.8.5-1.200.9-1.200 2 M8 13v.4',
};

/** As part of a drawing; `size` in its units. */
export function RoleGlyph(props: {
  readonly role: DrawnRole;
  readonly x: number;
  readonly y: number;
  readonly size: number;
}): JSX.Element {
  const { role, x, y, size } = props;
  return (
    <g class={`role-glyph role-${role}`} transform={`translate(${x} ${y}) scale(${size / 16})`}>
      <path d={rolePaths[role]} />
    </g>
  );
}

/** One sentinel's opinion: ring fine, half suspected, full down, dash none. */
export function VerdictGlyph(props: {
  readonly judgement: Judgement;
  readonly x: number;
  readonly y: number;
}): JSX.Element {
  const { judgement, x, y } = props;
  return (
    <g class={`verdict verdict-${judgement}`} transform={`translate(${x} ${y})`}>
      {judgement === 'unknown' ? <path d="M-3 0h6" /> : <circle r="3.6" />}
      {judgement === 'suspected' ? (
        <path class="fill" d="M0-3.600a3.600 3.600 0 0 1 0 7.200Z" />
      ) : null}
    </g>
  );
}

const markPaths: Readonly<Record<MarkShape, string>> = {
  suspect: 'M0-5 5 4H-5Z',
  down: 'M-4.200-4.200 4.200 4.200 M4.200-4.200-4.200 4.200',
  well: 'M-4.600.2-1.400 3.400 4.600-3.400',
  vote: 'M-4.500-3h9v6h-9Z M-2 0h4',
  elected:
    'M0-6 1.700-1.900 6-1.600 2.700 1.200 3.700 5.500 0 3.200-3.700 5.500-2.700 1.200-6-1.600-1.700-1.900Z',
  step: 'M0-4.600 4.600 0 0 4.600-4.600 0Z',
  switch: 'M-5-2h8 M.5-4.600 3.400-2 .5.600 M5 2.600h-8 M-.5 0-3.400 2.600-.5 5.200',
  abort: 'M-4.200-4.200h8.400v8.400h-8.400Z M-2.200-2.200 2.200 2.200 M2.200-2.200-2.200 2.200',
  action: 'M1.500-6-4 .8h3.300L-1.500 6 4-.8H.7Z',
  note: 'M0-2.200a2.200 2.200 0 1 0 0 4.400 2.200 2.200 0 0 0 0-4.400Z',
};

export function MarkGlyph({ shape }: { readonly shape: MarkShape }): JSX.Element {
  return <path class={`mark mark-${shape}`} d={markPaths[shape]} />;
}
