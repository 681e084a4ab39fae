// What the page knows: the messages of the stream folded into one value that is never changed, each
// message makes another. The lists are bounded as they are on the server.

import type { FailoverView, TimelineEvent } from '../../fleet/fleet-view.ts';
import type { FleetState, PageMessage, Sample } from '../messages.ts';

const KEPT_EVENTS = 1000;
const KEPT_SAMPLES = 600;

export interface PageState {
  readonly fleet: FleetState;
  readonly events: readonly TimelineEvent[];
  readonly failovers: readonly FailoverView[];
  readonly samples: readonly Sample[];
  readonly uncuttable: Readonly<Record<string, string>>;
}

/** News before the whole picture mean nothing and are left alone. */
export function applyMessage(
  known: PageState | undefined,
  message: PageMessage,
): PageState | undefined {
  if (message.kind === 'full') {
    const { state, events, failovers, samples, uncuttable } = message;
    return { fleet: state, events, failovers, samples, uncuttable };
  }
  if (known === undefined) return undefined;
  return {
    ...known,
    fleet: message.state,
    events: appended(known.events, message.events, KEPT_EVENTS),
    failovers: message.failovers ?? known.failovers,
    samples: appended(known.samples, message.samples, KEPT_SAMPLES),
  };
}

/** Why the link between two nodes cannot be cut; undefined when it can. */
export function whyUncuttable(state: PageState, a: string, b: string): string | undefined {
  return state.uncuttable[[a, b].sort().join(' ')];
}

/** The same list when nothing is new: what is drawn from it is not drawn again. */
function appended<T>(known: readonly T[], more: readonly T[], limit: number): readonly T[] {
  return more.length === 0 ? known : [...known, ...more].slice(-limit);
}
