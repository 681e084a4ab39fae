// One node in figures, and all that can be done to it and to its links.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LinkFault, SentinelView, ServerView } from '../../fleet/fleet-view.ts';
import { lagText } from '../model/drawing.ts';
import { formatBytes, formatCount, formatDuration } from '../model/format.ts';
import { type AnyNode, allNodes, observedStatus } from '../model/node-status.ts';
import { type PageState, whyUncuttable } from '../model/page-state.ts';
import type { Act } from './app.tsx';
import { Choice } from './choice.tsx';
import { ToneGlyph } from './glyphs.tsx';

const DELAYS = [50, 300, 1000, 5000];

export function NodePanel(props: {
  readonly state: PageState;
  readonly node: AnyNode;
  readonly select: (name: string) => void;
  readonly act: Act;
}): JSX.Element {
  const { state, node, select, act } = props;
  const { tone, word } = observedStatus(node);
  return (
    <section class="card node-panel" aria-labelledby="node-heading">
      <div class="card-head">
        <h2 id="node-heading">{node.name}</h2>
        <label class="picker">
          <span class="unseen">Node</span>
          <select value={node.name} onChange={(event) => select(event.currentTarget.value)}>
            {allNodes(state.fleet).map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class={`node-state tone-${tone}`}>
        <ToneGlyph tone={tone} />
        <strong>{word}</strong>
        <span>for {formatDuration(state.fleet.atMs - node.sinceMs)}</span>
        <code>
          {node.host}:{node.port}
        </code>
      </p>
      <NodeActions
        node={node}
        act={(action) => {
          // Whoever breaks a node wants to see what becomes of it, not of the next master.
          select(node.name);
          return act(action);
        }}
      />
      <dl class="figures">
        {(node.kind === 'server' ? serverFacts(node) : sentinelFacts(node)).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Links state={state} node={node} act={act} />
    </section>
  );
}

function NodeActions({ node, act }: { readonly node: AnyNode; readonly act: Act }): JSX.Element {
  const { name, state } = node;
  const isDown = state === 'down';
  const isFrozen = state === 'frozen';
  return (
    <fieldset class="node-actions">
      <legend class="unseen">What to do to {name}</legend>
      <button
        type="button"
        class="danger"
        disabled={isDown}
        onClick={() => act({ action: 'kill', node: name })}
      >
        Kill
      </button>
      <button
        type="button"
        disabled={isDown}
        onClick={() => act({ action: isFrozen ? 'thaw' : 'freeze', node: name })}
      >
        {isFrozen ? 'Thaw' : 'Freeze'}
      </button>
      <button type="button" onClick={() => act({ action: 'restart', node: name })}>
        {isDown ? 'Start' : 'Restart'}
      </button>
    </fieldset>
  );
}

type FactLine = readonly [name: string, value: string];

function serverFacts(server: ServerView): readonly FactLine[] {
  const { upstream, backlog } = server;
  const follows: readonly FactLine[] =
    upstream === null || server.role !== 'replica'
      ? [['Followed by', formatCount(server.replicas.length)]]
      : [
          ['Follows', upstream.node ?? `${upstream.host}:${upstream.port}`],
          ['Behind', lagText(upstream.lagBytes, upstream.lagMs) || '–'],
        ];
  return [
    ['Role', server.role ?? '–'],
    ['Offset', formatCount(server.offset)],
    ...follows,
    ['Backlog', backlog ? `${formatBytes(backlog.length)} of ${formatBytes(backlog.size)}` : '–'],
    ['Syncs', syncText(server)],
    ['Keys', formatCount(server.keys)],
    ['Memory', formatBytes(server.memoryBytes)],
    ['Clients', formatCount(server.connectedClients)],
    ['Version', server.version ?? '–'],
    ['Process', server.pid === null ? 'none' : String(server.pid)],
  ];
}

function syncText({ fullSyncs, partialSyncs }: ServerView): string {
  if (fullSyncs === null) return '–';
  return `${formatCount(fullSyncs)} full, ${formatCount(partialSyncs)} partial`;
}

function sentinelFacts(sentinel: SentinelView): readonly FactLine[] {
  const { master, replicas, sentinels, failoverState } = sentinel;
  return [
    ['Master', master === null ? 'none' : (master.node ?? `${master.host}:${master.port}`)],
    ['Flags', master === null ? '–' : master.flags.join(', ')],
    ['Epoch', formatCount(sentinel.currentEpoch)],
    ['Config epoch', formatCount(sentinel.configEpoch)],
    ['Knows', `${replicas.length} replicas, ${sentinels.length} sentinels`],
    ['Failover', failoverState.replaceAll('_', ' ')],
    ['Tilt', sentinel.isTilt ? 'yes' : 'no'],
    ['Memory', formatBytes(sentinel.memoryBytes)],
    ['Version', sentinel.version ?? '–'],
    ['Process', sentinel.pid === null ? 'none' : String(sentinel.pid)],
  ];
}

function Links(props: {
  readonly state: PageState;
  readonly node: AnyNode;
  readonly act: Act;
}): JSX.Element {
  const { state, node, act } = props;
  const [delayMs, setDelay] = useState(300);
  const others = allNodes(state.fleet).filter(({ name }) => name !== node.name);
  const reasons = others.map(({ name }) => whyUncuttable(state, node.name, name));
  const isNone = reasons.every((reason) => reason !== undefined);
  return (
    <div class="links">
      <div class="links-head">
        <h3>Links of {node.name}</h3>
        <label>
          slow adds{' '}
          <select value={delayMs} onChange={(event) => setDelay(Number(event.currentTarget.value))}>
            {DELAYS.map((delay) => (
              <option key={delay} value={delay}>
                {formatDuration(delay)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {isNone ? <p class="muted">Not here: {reasons[0]}.</p> : null}
      <ul>
        {others.map((other) => (
          <LinkRow
            key={other.name}
            state={state}
            between={[node.name, other.name]}
            delayMs={delayMs}
            act={act}
          />
        ))}
      </ul>
    </div>
  );
}

function LinkRow(props: {
  readonly state: PageState;
  readonly between: readonly [string, string];
  readonly delayMs: number;
  readonly act: Act;
}): JSX.Element {
  const { state, between, delayMs, act } = props;
  const [own, other] = between;
  const fault = faultBetween(state, own, other);
  const reason = whyUncuttable(state, own, other);
  const change = (value: string): void => {
    if (value === 'cut') void act({ action: 'cut', between });
    else if (value === 'slow') void act({ action: 'slow', between, delayMs });
    else void act({ action: 'heal', between });
  };
  const slow = fault?.kind === 'slow' ? `+${formatDuration(fault.delayMs)}` : 'slow';
  return (
    <li>
      <span class="link-name">{other}</span>
      <Choice
        legend={`Link between ${own} and ${other}`}
        isLegendHidden
        name={`link ${own} ${other}`}
        value={fault?.kind ?? 'open'}
        onChange={change}
        options={[
          { value: 'open', label: 'open' },
          { value: 'slow', label: slow, disabled: reason },
          { value: 'cut', label: 'cut', disabled: reason },
        ]}
      />
    </li>
  );
}

function faultBetween({ fleet }: PageState, a: string, b: string): LinkFault | undefined {
  return fleet.faults.find(({ between }) => between.includes(a) && between.includes(b))?.fault;
}
