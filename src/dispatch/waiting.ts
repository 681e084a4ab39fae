// What happens to sessions that wait: putting them to wait, running their command again when a key is
// ready, ending the wait at its deadline or by command, and pauses. BlockingRegistry knows who waits;
// the dispatcher runs commands; this is between them.

import { errors } from '../protocol/errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Request } from '../protocol/request.ts';
import { Restriction } from './admission.ts';
import { type Blocked, type BlockedKind, type BlockedState, blocked } from './blocking.ts';
import type { CommandEntry } from './command-table.ts';
import type { Dispatcher } from './dispatcher.ts';
import { HeldKeys } from './held-keys.ts';
import { type PauseMode, type PausePurpose, Pauses } from './pause.ts';
import type { Session } from './session.ts';

interface Timer {
  cancel(): void;
}

export class Waiting {
  readonly pauses: Pauses = new Pauses();
  readonly heldKeys: HeldKeys;

  readonly #dispatcher: Dispatcher;
  /** Sessions that waited and may read on; told once the running command is over. */
  #unblocked: Session[] = [];
  /** Sessions whose pause is over, with the command that was kept. */
  #postponed: { readonly session: Session; readonly state: BlockedState }[] = [];
  #isServing = false;
  /** For the earliest deadline; armed for `#timerAtMs`. */
  #timer: Timer | undefined;
  #timerAtMs = 0;
  #pauseTimer: Timer | undefined;

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
    this.heldKeys = new HeldKeys(dispatcher.data);
  }

  // --- putting to wait ---

  /** A command said that it waits. Run again, it keeps its place and its first deadline. */
  block(
    session: Session,
    entry: CommandEntry,
    request: Request,
    wait: Blocked,
    spentUs: number,
  ): void {
    if (session.blockedOn !== undefined) {
      session.blockedOn.spentUs += spentUs;
      return;
    }
    const state: BlockedState = {
      blocked: wait,
      entry,
      request: request.clone(),
      dbIndex: session.dbIndex,
      spentUs,
      deadline: undefined,
    };
    this.#dispatcher.blocking.add(session, state);
    this.#arm();
  }

  /** The pause does not let this command run now; it starts over when it does. */
  postpone(session: Session, entry: CommandEntry, request: Request): void {
    // Woken by a key in the middle of a pause: it starts over as well, or the wake-up would be lost.
    this.#dispatcher.blocking.remove(session);
    this.block(session, entry, request, POSTPONED, 0);
  }

  // --- waking ---

  /** Runs the commands of everybody whose key is ready, in order of arrival, until nothing is. */
  serveReady(): void {
    // One that is served may signal keys (BLMOVE): they wait for their turn, or order would be lost.
    if (this.#isServing) return;
    this.#isServing = true;
    const { blocking, clock, data } = this.#dispatcher;
    // A transaction may have taken its time: what expired meanwhile serves nobody.
    data.wallMs = clock.wallMs();
    while (blocking.readyCount > 0) {
      for (const { dbIndex, key } of blocking.takeReady()) this.#serveKey(dbIndex, key);
    }
    this.#isServing = false;
    this.#afterOwnTurn();
  }

  #serveKey(dbIndex: number, key: string): void {
    const { blocking } = this.#dispatcher;
    for (const session of blocking.waiters(dbIndex, key)) {
      const state = session.blockedOn;
      // Served meanwhile through another key.
      if (state === undefined) continue;
      const kind = this.#dispatcher.keyspace.kindOf(dbIndex, key);
      if (kind !== state.blocked.kind && state.blocked.unblockOnDeletedKey !== true) continue;
      this.#runAgain(session, state);
    }
  }

  /** For waits without keys (WAIT, WAITAOF): what they wait for may have come. */
  retry(kind: 'wait' | 'waitaof'): void {
    for (const session of [...this.#dispatcher.clients.all()]) {
      if (session.blockedOn?.blocked.kind === kind) this.#runAgain(session, session.blockedOn);
    }
    this.#afterOwnTurn();
  }

  #runAgain(session: Session, state: BlockedState): void {
    const isDone = this.#dispatcher.reexecute(session, state.entry, state.request);
    if (isDone) this.#release(session);
    session.link.flushSoon();
  }

  #release(session: Session): void {
    this.#dispatcher.blocking.remove(session);
    if (session.replyMode !== 'on') session.advanceReplyMode();
    if (!session.closing) this.#unblocked.push(session);
  }

  /** Starts postponed commands over and lets sessions that no longer wait read on; after a chunk. */
  resumeUnblocked(): void {
    while (this.#postponed.length > 0) {
      const { session, state } = this.#postponed.shift()!;
      this.#startOver(session, state);
    }
    if (this.#unblocked.length === 0) return;
    const sessions = this.#unblocked;
    this.#unblocked = [];
    for (const session of sessions) session.link.resume();
  }

  /** What wakes sessions from a timer has no chunk whose end would see to the rest. */
  #afterOwnTurn(): void {
    if (this.#dispatcher.current === undefined) this.#dispatcher.endChunk();
  }

  // --- ending a wait without what was waited for ---

  /** CLIENT UNBLOCK … TIMEOUT, and the deadline. False for a session that has no such end. */
  timeOut(session: Session): boolean {
    const state = session.blockedOn;
    if (state === undefined || !mayTimeOut(state)) return false;
    state.blocked.onTimeout(session.reply);
    this.#dispatcher.countUnblocked(session, state, false);
    this.#finish(session);
    return true;
  }

  /** CLIENT UNBLOCK … ERROR, a change of role. */
  endWithError(session: Session, text: string): boolean {
    const state = session.blockedOn;
    if (state === undefined || !mayTimeOut(state)) return false;
    this.#dispatcher.replyError(session, text);
    this.#dispatcher.countUnblocked(session, state, true);
    this.#finish(session);
    return true;
  }

  /** The work that the session waits for is done: `write` gives its reply. */
  answer(session: Session, write: (reply: ReplyWriter) => void): void {
    const state = session.blockedOn;
    if (state === undefined) return;
    const { reply } = session;
    const errorsBefore = reply.errors;
    write(reply);
    const failed = reply.errors > errorsBefore;
    if (failed) this.#dispatcher.statistics.countError(reply.lastError);
    this.#dispatcher.countUnblocked(session, state, failed);
    this.#finish(session);
    this.#afterOwnTurn();
  }

  /** A master became a replica: what was waited for here will happen elsewhere. */
  disconnectAll(): void {
    for (const session of [...this.#dispatcher.clients.all()]) {
      if (this.endWithError(session, errors.unblockedByRole)) session.closeAfterReply();
    }
    this.#afterOwnTurn();
  }

  /** A shutdown was given up: those who asked for it are told. */
  endShutdowns(text: string): void {
    for (const session of [...this.#dispatcher.clients.all()]) {
      if (session.blockedOn?.blocked.kind !== 'shutdown') continue;
      this.#dispatcher.replyError(session, text);
      this.#finish(session);
    }
    this.#afterOwnTurn();
  }

  #finish(session: Session): void {
    this.#release(session);
    session.link.flushSoon();
  }

  /** The session is gone. */
  forget(session: Session): void {
    this.#dispatcher.blocking.remove(session);
  }

  // --- deadlines ---

  #arm(): void {
    const atMs = this.#dispatcher.blocking.nextDeadlineMs;
    if (atMs === 0 || (this.#timer !== undefined && this.#timerAtMs <= atMs)) return;
    this.#timer?.cancel();
    this.#timerAtMs = atMs;
    const inMs = Math.max(1, Math.ceil(atMs - this.#dispatcher.clock.wallMs()));
    this.#timer = this.#dispatcher.timers.after(Math.min(inMs, MAX_TIMER_MS), () => {
      this.#timer = undefined;
      this.#expire();
    });
  }

  #expire(): void {
    const { blocking, clock } = this.#dispatcher;
    const nowMs = clock.wallMs();
    for (let session = blocking.expired(nowMs); session; session = blocking.expired(nowMs)) {
      this.timeOut(session);
    }
    this.#arm();
    this.#afterOwnTurn();
  }

  // --- held keys and pauses ---

  /** Keys were held, or let go of. */
  updateHeldKeys(): void {
    const dispatcher = this.#dispatcher;
    const before = dispatcher.restrictions & Restriction.heldKeys;
    dispatcher.restrict(Restriction.heldKeys, this.heldKeys.count > 0);
    if (before !== 0) this.#releasePostponed();
  }

  pause(purpose: PausePurpose, mode: PauseMode, endMs: number): void {
    this.pauses.pause(purpose, mode, endMs);
    this.updatePauses();
  }

  unpause(purpose: PausePurpose): void {
    this.pauses.lift(purpose);
    this.updatePauses();
  }

  /** Makes the pauses that hold now count, and releases who waited for one that no longer does. */
  updatePauses(): void {
    const dispatcher = this.#dispatcher;
    const before = dispatcher.restrictions & PAUSED;
    const mode = this.pauses.modeAt(dispatcher.clock.wallMs());
    dispatcher.restrict(PAUSED, false);
    if (mode === 'all') dispatcher.restrict(Restriction.pausedAll, true);
    if (mode === 'write') dispatcher.restrict(Restriction.pausedWrite, true);
    if ((dispatcher.restrictions & PAUSED) < before) this.#releasePostponed();
    this.#pauseTimer?.cancel();
    this.#pauseTimer = undefined;
    const { nextEndMs } = this.pauses;
    if (nextEndMs === Infinity) return;
    const inMs = Math.max(1, Math.ceil(nextEndMs - dispatcher.clock.wallMs()));
    this.#pauseTimer = dispatcher.timers.after(Math.min(inMs, MAX_TIMER_MS), () => {
      this.#pauseTimer = undefined;
      this.updatePauses();
    });
  }

  /** What kept them waiting may be over; those for whom it is not wait again, in their order. */
  #releasePostponed(): void {
    const { blocking } = this.#dispatcher;
    for (const session of blocking.postponed) {
      const state = session.blockedOn;
      blocking.remove(session);
      if (state !== undefined) this.#postponed.push({ session, state });
    }
    // CLIENT UNPAUSE comes first to its own end.
    this.#afterOwnTurn();
  }

  /** From the first check on: the pause may still hold for this one, and what was true may not be now. */
  #startOver(session: Session, state: BlockedState): void {
    if (session.closing) return;
    const view = session.request;
    session.request = state.request;
    this.#dispatcher.execute(session, state.request);
    session.request = view;
    session.link.flushSoon();
    if (session.blockedOn === undefined && !session.closing) this.#unblocked.push(session);
  }
}

const PAUSED = Restriction.pausedAll | Restriction.pausedWrite;
/** Longer times are waited for in steps. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const POSTPONED: Blocked = blocked({
  keys: [],
  kind: 'postponed',
  deadlineMs: 0,
  onTimeout: () => {},
});

/** Waits that a client may ask to end; the others end when their work does. */
const TIMED: ReadonlySet<BlockedKind> = new Set(['list', 'zset', 'stream', 'wait', 'waitaof']);

function mayTimeOut(state: BlockedState): boolean {
  return TIMED.has(state.blocked.kind);
}
