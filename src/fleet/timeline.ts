// The merged time line: what sentinels published and what was done to the fleet, in order of arrival.

import type { TimelineEvent } from './fleet-view.ts';

const EVENTS_KEPT = 1000;
/** A sentinel of unknown make may publish anything. */
const TEXT_LIMIT = 500;

export class Timeline {
  #events: TimelineEvent[] = [];
  #nextId = 1;
  /** Copied only when somebody looks and something is new. */
  #snapshot: readonly TimelineEvent[] | undefined;

  get recent(): readonly TimelineEvent[] {
    this.#snapshot ??= [...this.#events];
    return this.#snapshot;
  }

  add(event: Omit<TimelineEvent, 'id'>): TimelineEvent {
    const added: TimelineEvent = {
      ...event,
      name: event.name.slice(0, TEXT_LIMIT),
      text: event.text.slice(0, TEXT_LIMIT),
      id: this.#nextId++,
    };
    this.#events.push(added);
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
    this.#snapshot = undefined;
    return added;
  }
}
