// One replica as its master sees it, as a machine: what happened goes in, what is to be done comes out, in
// order. It knows no socket, no snapshot and no clock; bytes never pass it. The table has a cell for every
// state and input, is what the tests walk, and is drawn in docs/replication.md.

import {
  type ReplicaEffect,
  ReplicaFacts,
  type ReplicaInput,
  type ReplicaInputKind,
  type ReplicaInputOf,
  type ReplicaSettings,
  type ReplicaState,
  type ReplicaStateKind,
  type ReplicaStateOf,
} from './master-session-state.ts';

interface Cell<S extends ReplicaState, I extends ReplicaInput> {
  /** Every state that `run` may lead to. */
  readonly to: readonly ReplicaStateKind[];
  readonly run: (session: MasterSession, state: S, input: I) => ReplicaState;
}

type Table = {
  readonly [S in ReplicaStateKind]: {
    readonly [I in ReplicaInputKind]: Cell<ReplicaStateOf<S>, ReplicaInputOf<I>>;
  };
};

interface AnyCell {
  readonly to: readonly ReplicaStateKind[];
  readonly run: (session: MasterSession, state: ReplicaState, input: ReplicaInput) => ReplicaState;
}

const GONE: ReplicaState = { kind: 'gone' };

export class MasterSession {
  state: ReplicaState = { kind: 'handshaking' };
  readonly facts: ReplicaFacts = new ReplicaFacts();
  /** What the replica has executed, and what it has on disk, as far as it told. */
  ackOffset = 0;
  durableOffset = 0;
  /** When it told, or was put online. Monotonic. */
  ackMs = 0;
  nowMs = 0;
  readonly settings: ReplicaSettings;
  #effects: ReplicaEffect[] = [];

  constructor(settings: ReplicaSettings) {
    this.settings = settings;
  }

  /** `nowMs` is monotonic. */
  step(nowMs: number, input: ReplicaInput): readonly ReplicaEffect[] {
    this.nowMs = nowMs;
    this.#effects = [];
    const cell = masterTable[this.state.kind][input.kind] as unknown as AnyCell;
    this.state = cell.run(this, this.state, input);
    return this.#effects;
  }

  get isOnline(): boolean {
    return this.state.kind === 'online' || this.state.kind === 'confirming';
  }

  /** As INFO prints the state; '' when it is in no list. */
  get shownState(): string {
    const { state } = this;
    if (state.kind === 'handshaking' || state.kind === 'gone') return '';
    if (this.isOnline) return 'online';
    // Of a diskless transfer Redis's child has the sockets, and the state while it writes is this one.
    return state.kind === 'receiving' && state.framing === 'length' ? 'send_bulk' : 'wait_bgsave';
  }

  do(effect: ReplicaEffect): void {
    this.#effects.push(effect);
  }

  notice(text: string): void {
    this.do({ kind: 'log', level: 'notice', text });
  }

  close(reason: string): ReplicaState {
    this.do({ kind: 'log', level: 'warning', text: reason });
    this.do({ kind: 'close', afterReplies: false });
    return GONE;
  }

  /** True when it acknowledged something new. */
  acknowledge({ offset, durable }: ReplicaInputOf<'ack'>): boolean {
    this.ackMs = this.nowMs;
    // More than there is would count as good for every WAIT to come.
    const most = this.settings.offset();
    const isNew = offset > this.ackOffset && offset <= most;
    if (isNew) this.ackOffset = offset;
    if (durable > this.durableOffset && durable <= most) this.durableOffset = durable;
    return isNew;
  }

  get isOverdue(): boolean {
    return !this.facts.isOld && this.nowMs - this.ackMs > this.settings.timeoutMs;
  }
}

function online(session: MasterSession): ReplicaState {
  return { kind: 'online', progressMs: session.nowMs };
}

function stay<S extends ReplicaState>(_session: MasterSession, state: S): ReplicaState {
  return state;
}

/** Nothing to do with this now. */
const ignored = { to: [], run: stay } as const;
const left = { to: ['gone'], run: () => GONE } as const;
/** An acknowledgement before the stream flows is a sign of life. */
const heard = {
  to: [],
  run: <S extends ReplicaState>(session: MasterSession, state: S, input: ReplicaInputOf<'ack'>) => {
    session.acknowledge(input);
    return state;
  },
} as const;
const keptAlive = {
  to: [],
  run: <S extends ReplicaState>(session: MasterSession, state: S) => {
    session.do({ kind: 'send', text: '\n' });
    return state;
  },
} as const;
const brokenOff = {
  to: ['gone'],
  run: (session: MasterSession) => session.close('SYNC failed. BGSAVE child returned an error'),
} as const;

const TIMED_OUT = 'Disconnecting timedout replica';

export const masterTable: Table = {
  handshaking: {
    sync: {
      to: ['waiting'],
      run: (session) => {
        session.do({ kind: 'enlist' });
        return { kind: 'waiting', sinceMs: session.nowMs };
      },
    },
    continue: {
      to: ['online'],
      run: (session, _state, { id, offset }) => {
        session.ackMs = session.nowMs;
        const name = session.facts.takesNewId ? ` ${id}` : '';
        session.do({ kind: 'send', text: `+CONTINUE${name}\r\n` });
        session.do({ kind: 'hold', offset: offset - 1 });
        const bytes = session.settings.offset() - offset + 1;
        session.notice(
          `Partial resynchronization request from ${session.settings.name()} accepted. Sending ${bytes} bytes of backlog starting from offset ${offset}.`,
        );
        session.do({ kind: 'stream' });
        return online(session);
      },
    },
    snapshot: ignored,
    file: ignored,
    sent: ignored,
    ack: ignored,
    tick: ignored,
    failed: ignored,
    closed: left,
  },
  waiting: {
    sync: ignored,
    continue: ignored,
    snapshot: {
      to: ['saving', 'receiving'],
      run: (session, _state, { framing, point }) => {
        if (!session.facts.isOld) {
          session.do({ kind: 'send', text: `+FULLRESYNC ${point.id} ${point.offset}\r\n` });
        }
        if (!session.facts.rdbOnly) session.do({ kind: 'hold', offset: point.offset });
        return framing === 'mark' ? { kind: 'receiving', framing } : { kind: 'saving' };
      },
    },
    file: ignored,
    sent: ignored,
    ack: heard,
    tick: keptAlive,
    failed: {
      to: ['gone'],
      run: (session) => {
        session.do({ kind: 'send', text: "-ERR BGSAVE failed, replication can't continue\r\n" });
        session.do({ kind: 'close', afterReplies: true });
        return GONE;
      },
    },
    closed: left,
  },
  saving: {
    sync: ignored,
    continue: ignored,
    snapshot: ignored,
    file: {
      to: ['receiving'],
      run: (session) => {
        session.do({ kind: 'sendFile' });
        return { kind: 'receiving', framing: 'length' };
      },
    },
    sent: ignored,
    ack: heard,
    tick: keptAlive,
    failed: brokenOff,
    closed: left,
  },
  receiving: {
    sync: ignored,
    continue: ignored,
    snapshot: ignored,
    file: ignored,
    sent: { to: ['confirming', 'online', 'gone'], run: snapshotSent },
    ack: heard,
    tick: {
      to: ['gone'],
      run: (session, state, { stalledMs }) => {
        // Only the others of a shared snapshot suffer from one that does not read.
        if (state.framing !== 'mark' || stalledMs <= session.settings.timeoutMs) return state;
        return session.close(`${TIMED_OUT} (full sync): ${session.settings.name()}`);
      },
    },
    failed: brokenOff,
    closed: left,
  },
  confirming: {
    sync: ignored,
    continue: ignored,
    snapshot: ignored,
    file: ignored,
    sent: ignored,
    ack: {
      to: ['online'],
      run: (session, _state, input) => {
        session.acknowledge(input);
        session.do({ kind: 'stream' });
        return online(session);
      },
    },
    tick: {
      to: ['gone'],
      run: (session, state) => (session.isOverdue ? overdue(session) : state),
    },
    failed: ignored,
    closed: left,
  },
  online: {
    sync: ignored,
    continue: ignored,
    snapshot: ignored,
    file: ignored,
    sent: ignored,
    ack: {
      to: ['online'],
      run: (session, state, input) => (session.acknowledge(input) ? online(session) : state),
    },
    tick: { to: ['online', 'gone'], run: onlineTick },
    failed: ignored,
    closed: left,
  },
  gone: {
    sync: ignored,
    continue: ignored,
    snapshot: ignored,
    file: ignored,
    sent: ignored,
    ack: ignored,
    tick: ignored,
    failed: ignored,
    closed: ignored,
  },
};

function snapshotSent(session: MasterSession, state: ReplicaStateOf<'receiving'>): ReplicaState {
  const name = session.settings.name();
  if (state.framing === 'mark') {
    session.notice(
      `Streamed RDB transfer with replica ${name} succeeded (socket). Waiting for REPLCONF ACK from replica to enable streaming`,
    );
  }
  if (session.facts.rdbOnly) {
    session.notice(
      `RDB transfer completed, rdb only replica (${name}) should be disconnected asap`,
    );
    session.do({ kind: 'close', afterReplies: true });
    return GONE;
  }
  session.ackMs = session.nowMs;
  session.notice(`Synchronization with replica ${name} succeeded`);
  if (state.framing === 'mark') return { kind: 'confirming' };
  session.do({ kind: 'stream' });
  return online(session);
}

function overdue(session: MasterSession): ReplicaState {
  return session.close(`${TIMED_OUT} (streaming sync): ${session.settings.name()}`);
}

function onlineTick(
  session: MasterSession,
  state: ReplicaStateOf<'online'>,
  { sentOffset }: ReplicaInputOf<'tick'>,
): ReplicaState {
  if (session.isOverdue) return overdue(session);
  const { facts, ackOffset, nowMs, settings } = session;
  if (facts.isOld || ackOffset >= sentOffset) return online(session);
  // It speaks, and yet does not get on although everything has been given to the system: commands were
  // lost. Only a new link makes it say where it is, so that the rest comes from the backlog.
  if (nowMs - state.progressMs <= settings.timeoutMs) return state;
  return session.close(
    `Replica ${settings.name()} acknowledges offset ${ackOffset} and was sent everything up to ${sentOffset}: closing the link, so that it resumes from the backlog`,
  );
}
