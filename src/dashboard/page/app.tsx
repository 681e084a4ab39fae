// The page as a whole: what is where, and what is selected.

import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Action } from '../messages.ts';
import { findNode } from '../model/node-status.ts';
import type { PageState } from '../model/page-state.ts';
import { Charts } from './charts.tsx';
import type { Connection, LineState } from './connection.ts';
import { EventList } from './event-list.tsx';
import { Header } from './header.tsx';
import { NodePanel } from './node-panel.tsx';
import { ProbePanel } from './probe-panel.tsx';
import { TimeLine } from './time-line.tsx';
import { Topology } from './topology.tsx';

/** Does what was asked; what came of it is shown to the person who asked. */
export type Act = (action: Action) => Promise<void>;

export function App({ connection }: { readonly connection: Connection }): JSX.Element {
  const [, redraw] = useState(0);
  useEffect(() => connection.subscribe(() => redraw((count) => count + 1)), [connection]);
  const { state, line } = connection;
  if (line.kind === 'refused') return <Refused message={line.message} />;
  if (state === undefined) return <p class="boot">{bootText(line)}</p>;
  return <Board connection={connection} state={state} line={line} />;
}

function Board(props: {
  readonly connection: Connection;
  readonly state: PageState;
  readonly line: LineState;
}): JSX.Element {
  const { connection, state, line } = props;
  const { fleet } = state;
  const [selected, select] = useState<string | null>(null);
  const [viewer, setViewer] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const act = useCallback(
    async (action: Action) => setProblem(await connection.act(action)),
    [connection],
  );
  const shown = findNode(fleet, selected) ?? findNode(fleet, fleet.master) ?? fleet.servers[0];
  return (
    <>
      <a class="skip" href="#topology">
        Skip to the topology
      </a>
      <Header state={state} line={line} act={act} />
      {problem === undefined ? null : (
        <p class="problem" role="alert">
          <span>Not done: {problem}.</span>
          <button type="button" class="quiet" onClick={() => setProblem(undefined)}>
            Dismiss
          </button>
        </p>
      )}
      <main class={line.kind === 'live' ? 'board' : 'board stale'}>
        <Topology
          state={state}
          viewer={viewer}
          setViewer={setViewer}
          selected={shown?.name ?? null}
          select={select}
        />
        {shown === undefined ? null : (
          <NodePanel state={state} node={shown} select={select} act={act} />
        )}
        <TimeLine state={state} />
        <ProbePanel probe={fleet.probe} act={act} />
        <Charts state={state} />
        <EventList state={state} />
      </main>
    </>
  );
}

function Refused({ message }: { readonly message: string }): JSX.Element {
  return (
    <main class="refused">
      <h1>This page needs its link</h1>
      <p>
        It can break servers, so it acts only for who started them: open it by the whole address
        that <code>understudy up</code> printed, with the part after <code>#</code>.{' '}
        <code>understudy status</code> prints it again.
      </p>
      <p class="muted">The server said: {message}.</p>
    </main>
  );
}

function bootText(line: LineState): string {
  return line.kind === 'lost' ? 'The server does not answer. Trying again…' : 'Connecting…';
}
