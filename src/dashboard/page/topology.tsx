// The drawing of who follows whom, by the fleet's own look at the nodes or by one sentinel's belief.

import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import {
  type Drawing,
  type DrawnLink,
  type DrawnNode,
  drawTopology,
  movingReplicas,
} from '../model/drawing.ts';
import {
  type Box,
  type Layout,
  labelPoint,
  layOut,
  linkPath,
  WIDE_CARD,
} from '../model/drawing-layout.ts';
import { formatList } from '../model/format.ts';
import { disagreement } from '../model/headline.ts';
import type { PageState } from '../model/page-state.ts';
import { Choice } from './choice.tsx';
import { RoleGlyph, VerdictGlyph } from './glyphs.tsx';
import { useWidth } from './measured.ts';

interface TopologyProps {
  readonly state: PageState;
  readonly viewer: string | null;
  readonly setViewer: (name: string | null) => void;
  readonly selected: string | null;
  readonly select: (name: string) => void;
}

const OBSERVED = 'observed';

export function Topology(props: TopologyProps): JSX.Element {
  const { state, viewer, setViewer, selected, select } = props;
  const { fleet, samples } = state;
  const [ref, width] = useWidth<HTMLDivElement>();
  const drawing = useMemo(() => {
    const names = fleet.servers.map(({ name }) => name);
    return drawTopology(fleet, viewer, movingReplicas(samples, names));
  }, [fleet, viewer, samples]);
  const layout = useMemo(() => layOut(drawing, width), [drawing, width]);
  const sentinels = fleet.sentinels.map(({ name }) => name);
  return (
    <section class="card topology" aria-labelledby="topology">
      <div class="card-head">
        <h2 id="topology" tabIndex={-1}>
          Topology
        </h2>
        <Choice
          legend="As seen by"
          name="viewer"
          options={[
            { value: OBSERVED, label: 'all' },
            ...sentinels.map((name) => ({ value: name, label: name })),
          ]}
          value={viewer ?? OBSERVED}
          onChange={(value) => setViewer(value === OBSERVED ? null : value)}
        />
      </div>
      <p class="caption">{caption(props)}</p>
      <div class="drawing" ref={ref}>
        {width === 0 ? null : (
          <DrawingView drawing={drawing} layout={layout} selected={selected} select={select} />
        )}
      </div>
      <Legend />
    </section>
  );
}

function caption({ state: { fleet }, viewer }: TopologyProps): string {
  const sentinel = fleet.sentinels.find(({ name }) => name === viewer);
  if (sentinel !== undefined) {
    if (sentinel.state !== 'up') return `What ${sentinel.name} believed when it last answered.`;
    const master = sentinel.master?.node ?? sentinel.master?.host ?? 'nobody';
    const epoch = sentinel.configEpoch ?? '?';
    return `${sentinel.name} names ${master} master since epoch ${epoch}${doing(sentinel.failoverState)}.`;
  }
  const views = disagreement(fleet);
  if (views !== undefined) return `The sentinels disagree: ${views}`;
  const agreeing = fleet.sentinels.filter(({ state, master }) => state === 'up' && master !== null);
  if (agreeing.length === 0) return 'No sentinel is up: nobody watches.';
  const who = formatList(agreeing.map(({ name }) => name));
  const named = agreeing[0].master;
  return `${who} ${agreeing.length > 1 ? 'name' : 'names'} ${named?.node ?? named?.host} master.`;
}

function doing(failoverState: string): string {
  const words = failoverState.replaceAll('_', ' ');
  return failoverState === 'none' ? '' : `, and leads a failover: ${words}`;
}

function DrawingView(props: {
  readonly drawing: Drawing;
  readonly layout: Layout;
  readonly selected: string | null;
  readonly select: (name: string) => void;
}): JSX.Element {
  const { drawing, layout, selected, select } = props;
  const { width, height, boxes } = layout;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot hold a drawing's own coordinates
    <svg
      class={
        drawing.nodes.some(({ isViewer }) => isViewer) ? 'topology-svg one-view' : 'topology-svg'
      }
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label="Nodes and their links"
    >
      <defs>
        <pattern
          id="hatch"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d="M0 0v6" class="hatch-line" />
        </pattern>
      </defs>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: lines and labels take no focus */}
      <g aria-hidden="true">
        {drawing.links.map((link) => (
          <LinkLine key={`${link.kind} ${link.from} ${link.to}`} link={link} boxes={boxes} />
        ))}
      </g>
      {drawing.nodes.map((node) => (
        <NodeCard
          key={node.name}
          node={node}
          box={boxes.get(node.name)}
          isSelected={node.name === selected}
          select={select}
        />
      ))}
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: lines and labels take no focus */}
      <g aria-hidden="true">
        {drawing.links.map((link) => (
          <LinkLabel key={`${link.kind} ${link.from} ${link.to}`} link={link} boxes={boxes} />
        ))}
      </g>
    </svg>
  );
}

function LinkLine(props: {
  readonly link: DrawnLink;
  readonly boxes: ReadonlyMap<string, Box>;
}): JSX.Element | null {
  const { link, boxes } = props;
  const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
  if (from === undefined || to === undefined) return null;
  const path = linkPath(from, to);
  const classes = ['link', `link-${link.kind}`, `tone-${link.tone}`];
  if (link.fault !== null) classes.push(`link-${link.fault}`);
  return (
    // A new key draws the line anew where its ends have moved: it fades in while the cards glide.
    <g key={path} class={classes.join(' ')}>
      <path d={path} />
      {link.isFlowing ? <path class="flow" d={path} /> : null}
    </g>
  );
}

function LinkLabel(props: {
  readonly link: DrawnLink;
  readonly boxes: ReadonlyMap<string, Box>;
}): JSX.Element | null {
  const { link, boxes } = props;
  const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
  if (link.label === '' || from === undefined || to === undefined) return null;
  const { x, y } = labelPoint(from, to, link.kind === 'watch' ? 23 : 0);
  const label = Math.min(from.width, to.width) < WIDE_CARD ? link.shortLabel : link.label;
  const text = link.fault === 'cut' ? '✕ cut' : label;
  const half = text.length * 3.3 + 9;
  const classes = `link-label tone-${link.fault === null ? link.tone : 'warn'}`;
  return (
    <g class={classes} transform={`translate(${x} ${y})`}>
      <rect x={-half} y="-10" width={2 * half} height="20" rx="10" />
      <text y="4">{text}</text>
    </g>
  );
}

function NodeCard(props: {
  readonly node: DrawnNode;
  readonly box: Box | undefined;
  readonly isSelected: boolean;
  readonly select: (name: string) => void;
}): JSX.Element | null {
  const { node, box, isSelected, select } = props;
  if (box === undefined) return null;
  const { name, role, status } = node;
  const classes = ['node', `node-${role}`, `tone-${status.tone}`];
  if (isSelected) classes.push('selected');
  if (node.isViewer) classes.push('viewer');
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    select(name);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: inside SVG there is no button element
    <g
      class={classes.join(' ')}
      style={{ transform: `translate(${box.x}px, ${box.y}px)` }}
      role="button"
      // Lower case: SVG's attributes are not HTML's properties.
      tabindex={0}
      aria-pressed={isSelected}
      aria-label={describe(node)}
      data-node={name}
      onClick={() => select(name)}
      onKeyDown={onKeyDown}
    >
      <rect class="ring" x="-4" y="-4" width={box.width + 8} height={box.height + 8} rx="14" />
      <rect class="face" width={box.width} height={box.height} rx="10" />
      {status.tone === 'bad' ? (
        <rect class="hatched" width={box.width} height={box.height} rx="10" />
      ) : null}
      {role === 'sentinel' ? (
        <SentinelText node={node} box={box} />
      ) : (
        <ServerText node={node} box={box} />
      )}
    </g>
  );
}

function ServerText({ node, box }: { readonly node: DrawnNode; readonly box: Box }): JSX.Element {
  const right = box.width - 12;
  return (
    <>
      <RoleGlyph role={node.role} x={12} y={12} size={16} />
      <text class="node-name" x="34" y="25">
        {node.name}
      </text>
      <text class="node-port" x={right} y="25">
        :{node.port}
      </text>
      {node.figure === '' ? null : (
        <text class="node-figure" x="12" y="50">
          {node.figure} <tspan class="unit">offset</tspan>
        </text>
      )}
      <text class="node-status" x="12" y="72">
        {statusText(node, box)}
      </text>
      {node.verdicts.map(({ sentinel, judgement }, index) => {
        const x = right - 4 - (node.verdicts.length - 1 - index) * 13;
        return <VerdictGlyph key={sentinel} judgement={judgement} x={x} y={68} />;
      })}
    </>
  );
}

function SentinelText({ node, box }: { readonly node: DrawnNode; readonly box: Box }): JSX.Element {
  return (
    <>
      <RoleGlyph role={node.role} x={10} y={10} size={15} />
      <text class="node-name small" x="31" y="22">
        {node.name}
      </text>
      <text class="node-status" x="12" y="46">
        {node.status.word === 'up' || node.status.word === 'ok' ? node.figure : node.status.word}
      </text>
      {box.width < 130
        ? null
        : node.verdicts.map(({ sentinel, judgement }, index) => {
            const x = box.width - 16 - (node.verdicts.length - 1 - index) * 13;
            return <VerdictGlyph key={sentinel} judgement={judgement} x={x} y={42} />;
          })}
    </>
  );
}

function statusText({ role, status }: DrawnNode, { width }: Box): string {
  const isShort = width < WIDE_CARD && status.tone !== 'good';
  if (isShort || role === 'stranger' || status.tone === 'bad') return status.word;
  return status.tone === 'good' ? role : `${role} · ${status.word}`;
}

function describe({ name, role, port, status, figure, verdicts }: DrawnNode): string {
  const doubts = verdicts.filter(
    ({ judgement }) => judgement === 'suspected' || judgement === 'down',
  );
  const said = doubts.length === 0 ? '' : `, down for ${formatList(doubts.map((d) => d.sentinel))}`;
  const offset = role === 'sentinel' ? `, ${figure}` : figure && `, offset ${figure}`;
  return `${name}, ${role} on port ${port}, ${status.word}${offset}${said}`;
}

function Legend(): JSX.Element {
  const items = [
    { judgement: 'fine', text: 'fine' },
    { judgement: 'suspected', text: 's_down' },
    { judgement: 'down', text: 'o_down' },
    { judgement: 'unknown', text: 'no opinion' },
  ] as const;
  return (
    <p class="legend">
      <span>A ring for each sentinel:</span>
      {items.map(({ judgement, text }) => (
        <span key={judgement}>
          <svg viewBox="-5 -5 10 10" aria-hidden="true">
            <VerdictGlyph judgement={judgement} x={0} y={0} />
          </svg>
          {text}
        </span>
      ))}
    </p>
  );
}
