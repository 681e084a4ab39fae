// A replica's link to its master as a machine: what happened goes in, what is to be done comes out, in
// order. It knows no socket, no file and no clock; bytes of snapshot and stream never pass it. The table
// has a cell for every state and input, is what the tests walk, and is drawn in docs/replication.md.
//
// Failures end in `waiting`, from where the next tick tries again: no back-off, since a replica that is a
// minute behind is worth more than a quiet log. A link that is lost after the master took us on is made
// again at once, while the backlog of the master still has what was missed; bytes that cannot be used are
// not asked for at once, since the same ones would come.

import {
  type HandshakeStep,
  handshakeSteps,
  readPsyncAnswer,
  readSnapshotHeader,
  type SnapshotFraming,
} from './replica-handshake.ts';
import type {
  InputKind,
  InputOf,
  LinkEffect,
  LinkFacts,
  LinkInput,
  LinkState,
  MasterPlace,
  PromisedHistory,
  StateKind,
  StateOf,
} from './replica-link-state.ts';

interface Cell<S extends LinkState, I extends LinkInput> {
  /** Every state that `run` may lead to. */
  readonly to: readonly StateKind[];
  readonly run: (link: ReplicaLink, state: S, input: I) => LinkState;
}

type Table = {
  readonly [S in StateKind]: { readonly [I in InputKind]: Cell<StateOf<S>, InputOf<I>> };
};

/** A cell for any state and input, once it was found. */
interface AnyCell {
  readonly to: readonly StateKind[];
  readonly run: (link: ReplicaLink, state: LinkState, input: LinkInput) => LinkState;
}

/** So many losses between two ticks are answered at once: a master who hangs up at once is no busy loop. */
const AT_ONCE_A_TICK = 20;

export class ReplicaLink {
  state: LinkState = { kind: 'idle' };
  /** When the master was heard last; the shell moves it with every chunk. Monotonic. */
  heardMs = 0;
  readonly facts: LinkFacts;
  nowMs = 0;
  #effects: LinkEffect[] = [];
  /** Since the last tick. */
  #madeAtOnce = 0;

  constructor(facts: LinkFacts) {
    this.facts = facts;
  }

  /** `nowMs` is monotonic. */
  step(nowMs: number, input: LinkInput): readonly LinkEffect[] {
    this.nowMs = nowMs;
    this.#effects = [];
    if (input.kind === 'tick') this.#madeAtOnce = 0;
    const cell = table[this.state.kind][input.kind] as unknown as AnyCell;
    this.state = cell.run(this, this.state, input);
    return this.#effects;
  }

  do(effect: LinkEffect): void {
    this.#effects.push(effect);
  }

  notice(text: string): void {
    this.do({ kind: 'log', remark: { level: 'notice', text } });
  }

  warning(text: string): void {
    this.do({ kind: 'log', remark: { level: 'warning', text } });
  }

  hear(): void {
    this.heardMs = this.nowMs;
  }

  get isSilent(): boolean {
    return this.nowMs - this.heardMs > this.facts.timeoutMs;
  }

  connect(master: MasterPlace): LinkState {
    this.hear();
    this.do({ kind: 'connect', master });
    this.notice('MASTER <-> REPLICA sync started');
    return { kind: 'connecting', master };
  }

  /** After the loss of a link that had worked or nearly so. */
  reconnect(master: MasterPlace, suffix: string): LinkState {
    if (this.#madeAtOnce === AT_ONCE_A_TICK) return { kind: 'waiting', master };
    this.#madeAtOnce++;
    this.notice(`Reconnecting to MASTER ${master.host}:${master.port}${suffix}`);
    return this.connect(master);
  }

  giveUp(master: MasterPlace): LinkState {
    this.do({ kind: 'close' });
    return { kind: 'waiting', master };
  }

  sendFlight(steps: readonly HandshakeStep[]): void {
    const flight = steps[0]?.flight;
    for (const one of steps) {
      if (one.flight !== flight) return;
      const args = one.command(this.facts);
      if (args !== undefined) this.do({ kind: 'send', args });
    }
  }
}

/** Nothing to do with this now: an input of a link that is gone, or one that changes nothing. */
function ignore(...to: StateKind[]): Cell<LinkState, LinkInput> {
  return { to, run: (_link, state) => state };
}

function follow(link: ReplicaLink, state: LinkState, input: InputOf<'follow'>): LinkState {
  if (state.kind !== 'idle' && state.kind !== 'waiting') link.do({ kind: 'close' });
  link.notice(`Connecting to MASTER ${input.master.host}:${input.master.port}`);
  return link.connect(input.master);
}

function leave(link: ReplicaLink, state: LinkState): LinkState {
  if (state.kind !== 'idle' && state.kind !== 'waiting') link.do({ kind: 'close' });
  return { kind: 'idle' };
}

type Following = Exclude<LinkState, { kind: 'idle' }>;

function timesOut(text: string): (link: ReplicaLink, state: Following) => LinkState {
  return (link, state) => {
    if (!link.isSilent) return state;
    link.warning(text);
    link.do({ kind: 'close' });
    return link.reconnect(state.master, ' after failure');
  };
}

const CONNECT_TIMEOUT = 'Timeout connecting to the MASTER...';
const SNAPSHOT_TIMEOUT =
  "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter in redis.conf to a larger value.";
const STREAM_TIMEOUT = 'MASTER timeout: no data nor PING received...';

function handshakeClosed(link: ReplicaLink, state: Following, { reason }: InputOf<'closed'>) {
  link.warning(
    state.kind === 'connecting'
      ? `Error condition on socket for SYNC: ${reason}`
      : `Master did not respond to command during SYNC handshake: ${reason}`,
  );
  return link.giveUp(state.master);
}

function snapshotClosed(link: ReplicaLink, state: Following, { reason }: InputOf<'closed'>) {
  link.warning(`I/O error trying to sync with MASTER: ${reason}`);
  link.do({ kind: 'close' });
  return link.reconnect(state.master, ' after failure');
}

/** The answer to the first of the steps that are left. */
function answered(
  link: ReplicaLink,
  state: StateOf<'handshaking'>,
  { text }: InputOf<'line'>,
): LinkState {
  link.hear();
  const [step, ...rest] = state.steps;
  if (step.name === 'psync') return psyncAnswered(link, state, text);
  const { isFatal, remark } = step.judge(text);
  if (remark !== undefined) link.do({ kind: 'log', remark });
  if (isFatal) return link.giveUp(state.master);
  const [next, ...others] = rest;
  // PSYNC is the last step and its answer leads elsewhere, so there is always another one.
  const steps = [next, ...others] as const;
  if (next.flight === step.flight) return { ...state, steps };
  let { asksForRest } = state;
  if (next.name === 'psync') {
    const point = link.facts.resumePoint();
    asksForRest = point !== undefined;
    link.notice(
      point === undefined
        ? 'Partial resynchronization not possible (no cached master)'
        : `Trying a partial resynchronization (request ${point.id}:${point.offset + 1}).`,
    );
  }
  link.sendFlight(steps);
  return { ...state, steps, asksForRest };
}

function psyncAnswered(link: ReplicaLink, state: StateOf<'handshaking'>, text: string): LinkState {
  const { master } = state;
  const answer = readPsyncAnswer(text);
  if (answer.kind === 'alive') return state;
  const isAccepted = answer.kind === 'continue' || answer.kind === 'full';
  if (link.facts.isFailover) {
    link.do({ kind: 'failover', isAccepted });
    if (!isAccepted) return link.giveUp(master);
  }
  switch (answer.kind) {
    case 'full':
      link.notice(`Full resync from master: ${answer.id}:${answer.offset}`);
      return { kind: 'promised', master, history: { id: answer.id, offset: answer.offset } };
    case 'continue':
      if (!state.asksForRest) return refuseNonsense(link, master, text);
      link.notice('Successful partial resynchronization with master.');
      link.do({ kind: 'continue', id: answer.id });
      link.notice('MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.');
      return { kind: 'streaming', master, acknowledges: true };
    case 'later':
      link.notice(`Master is currently unable to PSYNC but should be in the future: ${text}`);
      return link.giveUp(master);
    case 'nonsense':
      return refuseNonsense(link, master, text);
    case 'unsupported':
      if (text.startsWith('-ERR')) {
        link.notice(`Master does not support PSYNC or is in error state (reply: ${text})`);
      } else link.warning(`Unexpected reply to PSYNC from master: ${text}`);
      link.notice('Retrying with SYNC...');
      link.do({ kind: 'send', args: ['SYNC'] });
      return { kind: 'promised', master, history: undefined };
  }
}

function refuseNonsense(link: ReplicaLink, master: MasterPlace, text: string): LinkState {
  if (text.startsWith('+FULLRESYNC')) {
    link.warning('Master replied with wrong +FULLRESYNC syntax.');
  } else link.warning(`Unexpected reply to PSYNC from master: ${text}`);
  return link.giveUp(master);
}

/** The line before the snapshot. */
function announced(
  link: ReplicaLink,
  state: StateOf<'promised'>,
  { text }: InputOf<'line'>,
): LinkState {
  link.hear();
  // A master that is still busy shows that it lives.
  if (text === '') return state;
  const { master, history } = state;
  if (text.startsWith('-')) {
    link.warning(`MASTER aborted replication with an error: ${text.slice(1)}`);
    return link.giveUp(master);
  }
  const framing = readSnapshotHeader(text);
  if (framing === undefined) {
    link.warning(
      text.startsWith('$')
        ? `Bad protocol from MASTER, the snapshot's length or mark is '${text}'`
        : `Bad protocol from MASTER, the first byte is not '$' (we received '${text}'), are you sure the host and port are right?`,
    );
    return link.giveUp(master);
  }
  return receive(link, master, history, framing);
}

function receive(
  link: ReplicaLink,
  master: MasterPlace,
  history: PromisedHistory,
  framing: SnapshotFraming,
): LinkState {
  const isDirect = link.facts.loadsFromLink();
  const where = isDirect ? 'to parser' : 'to disk';
  link.notice(
    framing.kind === 'mark'
      ? `MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF ${where}`
      : `MASTER <-> REPLICA sync: receiving ${framing.bytes} bytes from master ${where}`,
  );
  link.do({ kind: 'receive', framing, to: isDirect ? 'databases' : 'file', history });
  if (isDirect) return { kind: 'loading', master, history, from: 'link', isCut: false };
  return { kind: 'receiving', master, history };
}

function loaded(link: ReplicaLink, state: StateOf<'loading'>): LinkState {
  const { master, history } = state;
  link.hear();
  link.do({ kind: 'begin', history });
  link.notice('MASTER <-> REPLICA sync: Finished with success');
  if (state.isCut) {
    link.notice('Connection with master lost.');
    link.do({ kind: 'close' });
    return link.reconnect(master, '');
  }
  // At once: a master that streamed its snapshot waits for this before it sends anything else.
  if (history !== undefined) link.do({ kind: 'acknowledge' });
  return { kind: 'streaming', master, acknowledges: history !== undefined };
}

/** What REPLICAOF does in every state. */
const byCommand: {
  readonly follow: Cell<LinkState, InputOf<'follow'>>;
  readonly remember: Cell<LinkState, InputOf<'remember'>>;
  readonly leave: Cell<LinkState, InputOf<'leave'>>;
} = {
  follow: { to: ['connecting'], run: follow },
  remember: { to: ['waiting'], run: (_link, _state, { master }) => ({ kind: 'waiting', master }) },
  leave: { to: ['idle'], run: leave },
};

const failed: Cell<Following, InputOf<'failed'>> = {
  to: ['waiting'],
  run: (link, { master }) => link.giveUp(master),
};

/** A link that is gone, or none yet. */
const withoutLink = (stays: StateKind) => ({
  connected: ignore(stays),
  line: ignore(stays),
  closed: ignore(stays),
  received: ignore(stays),
  loaded: ignore(stays),
  failed: ignore(stays),
});

const AGAIN: readonly StateKind[] = ['connecting', 'waiting'];

export const table: Table = {
  idle: { ...byCommand, ...withoutLink('idle'), tick: ignore('idle') },
  waiting: {
    ...byCommand,
    ...withoutLink('waiting'),
    tick: {
      to: ['connecting'],
      run(link, { master }) {
        link.notice(`Connecting to MASTER ${master.host}:${master.port}`);
        return link.connect(master);
      },
    },
  },
  connecting: {
    ...byCommand,
    ...withoutLink('connecting'),
    tick: { to: ['connecting'], run: timesOut(CONNECT_TIMEOUT) },
    connected: {
      to: ['handshaking'],
      run(link, { master }) {
        link.hear();
        link.notice('Non blocking connect for SYNC fired the event.');
        const steps = handshakeSteps.filter((step) => step.command(link.facts) !== undefined);
        link.sendFlight(steps);
        const [first, ...others] = steps;
        return { kind: 'handshaking', master, steps: [first, ...others], asksForRest: false };
      },
    },
    closed: { to: ['waiting'], run: handshakeClosed },
    failed,
  },
  handshaking: {
    ...byCommand,
    ...withoutLink('handshaking'),
    tick: { to: ['handshaking', 'connecting'], run: timesOut(CONNECT_TIMEOUT) },
    line: { to: ['handshaking', 'promised', 'streaming', 'waiting'], run: answered },
    closed: { to: ['waiting'], run: handshakeClosed },
    failed,
  },
  promised: {
    ...byCommand,
    ...withoutLink('promised'),
    tick: { to: ['promised', 'connecting'], run: timesOut(SNAPSHOT_TIMEOUT) },
    line: { to: ['promised', 'receiving', 'loading', 'waiting'], run: announced },
    closed: { to: AGAIN, run: snapshotClosed },
    failed,
  },
  receiving: {
    ...byCommand,
    ...withoutLink('receiving'),
    tick: { to: ['receiving', 'connecting'], run: timesOut(SNAPSHOT_TIMEOUT) },
    closed: { to: AGAIN, run: snapshotClosed },
    received: {
      to: ['loading'],
      run(link, { master, history }) {
        link.do({ kind: 'load', history });
        return { kind: 'loading', master, history, from: 'file', isCut: false };
      },
    },
    failed,
  },
  loading: {
    ...byCommand,
    ...withoutLink('loading'),
    tick: {
      to: ['loading', 'connecting'],
      run(link, state) {
        // While a file is loaded nothing is read, and the master's silence is our own.
        return state.from === 'file' ? state : timesOut(SNAPSHOT_TIMEOUT)(link, state);
      },
    },
    closed: {
      to: ['loading', ...AGAIN],
      run(link, state, input) {
        return state.from === 'file'
          ? { ...state, isCut: true }
          : snapshotClosed(link, state, input);
      },
    },
    loaded: { to: ['streaming', ...AGAIN], run: loaded },
    failed,
  },
  streaming: {
    ...byCommand,
    ...withoutLink('streaming'),
    tick: {
      to: ['streaming', 'connecting'],
      run(link, state) {
        if (link.isSilent) {
          link.warning(STREAM_TIMEOUT);
          link.do({ kind: 'close' });
          return link.reconnect(state.master, '');
        }
        if (state.acknowledges) link.do({ kind: 'acknowledge' });
        return state;
      },
    },
    closed: {
      to: AGAIN,
      run(link, { master }) {
        link.notice('Connection with master lost.');
        link.do({ kind: 'close' });
        return link.reconnect(master, '');
      },
    },
    failed,
  },
};
