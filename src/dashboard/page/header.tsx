// The head: what is the matter, in one sentence, and what helps always.

import type { JSX } from 'preact';
import type { Action } from '../messages.ts';
import { formatCount } from '../model/format.ts';
import { headline } from '../model/headline.ts';
import { allNodes } from '../model/node-status.ts';
import type { PageState } from '../model/page-state.ts';
import type { Act } from './app.tsx';
import type { LineState } from './connection.ts';
import { ToneGlyph } from './glyphs.tsx';

export function Header(props: {
  readonly state: PageState;
  readonly line: LineState;
  readonly act: Act;
}): JSX.Element {
  const { state, line, act } = props;
  const { fleet } = state;
  const { tone, title, detail } = headline(fleet, state.failovers);
  const remedies = remediesFor(state);
  const heal = async (): Promise<void> => {
    for (const action of remedies) await act(action);
  };
  return (
    <header class="head">
      <div class="brand">
        <svg viewBox="0 0 34 24" aria-hidden="true">
          <circle cx="22" cy="12" r="9" class="brand-follower" />
          <circle cx="12" cy="12" r="10" class="brand-lead" />
        </svg>
        <span>Understudy</span>
      </div>
      <div class={`headline tone-${tone}`}>
        <ToneGlyph tone={tone} />
        <div aria-live="polite">
          <h1>{title}</h1>
          <p>{detail}</p>
        </div>
      </div>
      <dl class="facts">
        <Fact name="group" value={fleet.masterName} />
        <Fact name="epoch" value={formatCount(highestEpoch(state))} />
        <Fact name="quorum" value={`${fleet.quorum} of ${fleet.sentinels.length}`} />
        <Fact name="ops/s" value={formatCount(totalOperations(state))} />
      </dl>
      <div class="head-actions">
        {remedies.length > 0 ? (
          <button type="button" class="primary" onClick={heal}>
            Heal everything
          </button>
        ) : (
          <button type="button" onClick={() => act({ action: 'failover' })}>
            Fail over
          </button>
        )}
        <LineMark line={line} />
      </div>
    </header>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function LineMark({ line }: { readonly line: LineState }): JSX.Element {
  const isLive = line.kind === 'live';
  return (
    <span class={isLive ? 'line-mark' : 'line-mark lost'} role="status">
      {isLive ? 'live' : 'connection lost'}
    </span>
  );
}

/** What brings the fleet back to where it began: links first, or what starts is cut off again. */
function remediesFor({ fleet }: PageState): readonly Action[] {
  const remedies: Action[] = fleet.faults.length > 0 ? [{ action: 'heal' }] : [];
  for (const { name, state } of allNodes(fleet)) {
    if (state === 'frozen') remedies.push({ action: 'thaw', node: name });
    if (state === 'down') remedies.push({ action: 'restart', node: name });
  }
  return remedies;
}

function highestEpoch({ fleet }: PageState): number | null {
  const epochs = fleet.sentinels.flatMap(({ currentEpoch }) => currentEpoch ?? []);
  return epochs.length === 0 ? null : Math.max(...epochs);
}

function totalOperations({ fleet }: PageState): number {
  return fleet.servers
    .filter(({ state }) => state === 'up')
    .reduce((sum, { opsPerSecond }) => sum + (opsPerSecond ?? 0), 0);
}
