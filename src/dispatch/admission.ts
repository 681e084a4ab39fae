// The checks between a known command and its run, in the order of Redis's processCommand: a client must
// see the same refusal when several apply. Plain sessions on a plain node skip all of it (see
// Dispatcher.execute); this is the path of everyone else.

import { errors } from '../protocol/errors.ts';
import type { Request } from '../protocol/request.ts';
import type { Acl } from './acl/acl.ts';
import { CommandBit } from './command-flags.ts';
import { type CommandEntry, Trait } from './command-table.ts';
import type { HeldKeys } from './held-keys.ts';
import type { Session } from './session.ts';

/** States of a node in which some commands are refused or must wait; bits of `Dispatcher.restrictions`. */
export const Restriction = {
  /** A snapshot or an AOF is being loaded. */
  loading: 1,
  /** A replica loads beside its old data and serves that. */
  asyncLoading: 2,
  /** A replica without its master, told not to serve stale data. */
  stale: 4,
  /** A replica that takes no writes but its master's. */
  readOnly: 8,
  /** Fewer good replicas than `min-replicas-to-write`. */
  fewReplicas: 16,
  /** The last snapshot or AOF write failed and writes are to stop. */
  diskError: 32,
  /** A script has been running for too long. */
  busy: 64,
  /** `maxmemory` is set: `makeRoom` is asked before each command. */
  memory: 128,
  pausedWrite: 256,
  pausedAll: 512,
  /** Some keys are being migrated: writes to them wait. */
  heldKeys: 1024,
} as const;

/** What the checks ask of the node. */
export interface NodeState {
  readonly restrictions: number;
  readonly acl: Acl<Session>;
  /** The whole text of the refusal while `diskError` or `busy` holds. */
  readonly diskErrorText: string;
  readonly busyText: string;
  readonly waiting: { readonly heldKeys: HeldKeys };
  /** Evicts; false when memory is still over the limit. */
  makeRoom(): boolean;
  /** A refusal of DEBUG, MODULE (`enable-debug-command` …) for this session. */
  protectedRefusal(entry: CommandEntry, session: Session): string | undefined;
}

/** The command must wait until the pause is over. */
export const POSTPONE = 'postpone';
const ALLOWED = undefined;

const { write, readonly, denyoom, stale, loading, may_replicate } = CommandBit;

/** The text of a refusal, POSTPONE, or undefined when the command may run. */
export function refusal(
  node: NodeState,
  session: Session,
  entry: CommandEntry,
  request: Request,
): string | undefined {
  const { transaction } = session;
  // EXEC is whatever was queued.
  const isExec = (entry.traits & Trait.exec) !== 0;
  const has = isExec && transaction ? entry.flags | transaction.flags : entry.flags;
  const lacks = isExec && transaction ? ~entry.flags | transaction.missingFlags : ~entry.flags;

  if ((entry.flags & CommandBit.protected) !== 0) {
    const text = node.protectedRefusal(entry, session);
    if (text !== undefined) return text;
  }
  if (!session.authenticated && (entry.flags & CommandBit.no_auth) === 0) {
    if (node.acl.authRequired()) return errors.noAuth;
  }
  if (transaction !== undefined && (entry.flags & CommandBit.no_multi) !== 0) {
    return errors.notInTransaction;
  }
  if (!session.user.unrestricted) {
    const context = transaction === undefined ? 'toplevel' : 'multi';
    const text = node.acl.deny(session, entry, request, context);
    if (text !== undefined) return text;
  }
  const { restrictions } = node;
  if (restrictions !== 0) {
    const text = refusedByData(node, session, entry, has);
    if (text !== undefined) return text;
  }
  if (session.subscriptions !== undefined && session.resp === 2) {
    if ((entry.traits & Trait.subscriber) === 0) return errors.subscriberContext(entry.fullName);
  }
  if (restrictions !== 0) {
    if ((restrictions & Restriction.stale) !== 0 && (lacks & stale) !== 0) {
      return errors.masterDown;
    }
    if ((restrictions & Restriction.loading) !== 0 && (lacks & loading) !== 0) {
      return errors.loading;
    }
    if ((restrictions & Restriction.asyncLoading) !== 0) {
      if ((has & CommandBit.no_async_loading) !== 0) return errors.loading;
    }
    if ((restrictions & Restriction.busy) !== 0 && (entry.flags & CommandBit.allow_busy) === 0) {
      return node.busyText;
    }
  }
  // To Redis a monitor is a kind of replica, and like one it has no business with the keys.
  if (session.role === 'replica' || session.role === 'monitor') {
    return (has & (write | readonly | may_replicate)) !== 0 ? errors.replicaKeyspace : ALLOWED;
  }
  if ((restrictions & Restriction.pausedAll) !== 0) return POSTPONE;
  if ((restrictions & Restriction.pausedWrite) !== 0 && (has & (write | may_replicate)) !== 0) {
    return POSTPONE;
  }
  if ((restrictions & Restriction.heldKeys) === 0) return ALLOWED;
  return node.waiting.heldKeys.stops(session, entry, request) ? POSTPONE : ALLOWED;
}

/** Refusals that protect the data: memory, disk, replicas. A master's own stream passes all but memory. */
function refusedByData(
  node: NodeState,
  session: Session,
  entry: CommandEntry,
  has: number,
): string | undefined {
  const { restrictions } = node;
  if ((restrictions & Restriction.memory) !== 0 && (restrictions & Restriction.busy) === 0) {
    // A queue may grow without limit, so inside MULTI everything counts as using memory.
    const usesMemory =
      (has & denyoom) !== 0 ||
      (session.transaction !== undefined && (entry.traits & Trait.neverOutOfMemoryInMulti) === 0);
    if (!node.makeRoom() && usesMemory) return errors.outOfMemory;
  }
  const isWrite = (has & write) !== 0;
  if (session.role === 'master') return ALLOWED;
  if (
    (restrictions & Restriction.diskError) !== 0 &&
    (isWrite || (entry.traits & Trait.ping) !== 0)
  ) {
    return node.diskErrorText;
  }
  if (!isWrite) return ALLOWED;
  if ((restrictions & Restriction.fewReplicas) !== 0) return errors.noReplicas;
  if ((restrictions & Restriction.readOnly) !== 0) return errors.readOnly;
  return ALLOWED;
}
