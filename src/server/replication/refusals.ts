// Why a client does not become a replica, or not by the short way: replies, and lines of the log.

import type { Log } from '../../env/log.ts';
import { errors } from '../../protocol/errors.ts';
import type { Continuation } from '../../replication/history.ts';
import type { AttachedReplica } from './attached-replica.ts';

/** The error text, or undefined when it may be one. */
export function refuseToSynchronize({ facts }: AttachedReplica): string | undefined {
  // A snapshot in part must not become the node's file, so it can only go the other way.
  if (facts.withoutData && !facts.takesMark) return errors.filteredWithoutMark;
  return undefined;
}

/** Tells the log why a partial resynchronisation is none. */
export function refuseToContinue(
  log: Log,
  replica: AttachedReplica,
  id: string,
  offset: number,
  answer: Exclude<Continuation, { kind: 'possible' }>,
): void {
  const name = replica.name();
  if (answer.kind !== 'outsideBacklog') {
    log.notice(
      id.startsWith('?')
        ? `Full resync requested by replica ${name}`
        : `Partial resynchronization not accepted: ${answer.reason}`,
    );
    return;
  }
  log.notice(
    `Unable to partial resync with replica ${name} for lack of backlog (Replica request was: ${offset}).`,
  );
  if (!answer.isAhead) return;
  log.warning(
    `Warning: replica ${name} tried to PSYNC with an offset that is greater than the master replication offset.`,
  );
}
