// All events as text, the newest on top.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { eventSentence } from '../model/event-text.ts';
import { formatClock } from '../model/format.ts';
import type { PageState } from '../model/page-state.ts';
import { shapeOf } from '../model/time-line.ts';
import { Choice } from './choice.tsx';
import { MarkGlyph } from './glyphs.tsx';

const SHOWN = 200;

export function EventList({ state }: { readonly state: PageState }): JSX.Element {
  const [who, setWho] = useState('all');
  const { fleet, events } = state;
  const shown = events
    .filter(
      ({ node, kind }) => who === 'all' || node === who || (who === 'fleet' && kind !== 'sentinel'),
    )
    .slice(-SHOWN)
    .reverse();
  const names = ['all', 'fleet', ...fleet.sentinels.map(({ name }) => name)];
  return (
    <section class="card events" aria-labelledby="events">
      <div class="card-head">
        <h2 id="events">Events</h2>
        <Choice
          legend="Of"
          isLegendHidden
          name="events-of"
          options={names.map((name) => ({ value: name, label: name }))}
          value={who}
          onChange={setWho}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ol class="event-list" tabIndex={0} aria-label="Events, newest first">
        {shown.map((event) => (
          <li key={event.id} class={`kind-${event.kind}`}>
            <time>{formatClock(event.atMs, true)}</time>
            <svg viewBox="-7 -7 14 14" aria-hidden="true">
              <MarkGlyph shape={shapeOf(event)} />
            </svg>
            <span class="event-node">{event.node}</span>
            <code>{event.name}</code>
            <span class="event-text" title={event.text}>
              {eventSentence(event, fleet)}
            </span>
          </li>
        ))}
        {shown.length === 0 ? <li class="empty">Nothing has happened yet.</li> : null}
      </ol>
    </section>
  );
}
