// What changes of groups and of what is pending do beyond the stream: they count as changes and have
// events, but the value of the key is not what they change, so watchers and trackers are not told; the
// gate's `changed` is for entries. How deliveries and claims are propagated is here too: replicas must
// not choose the entries again, so each becomes an XCLAIM that says all.

import { NotifyClass } from '../../engine/notify-class.ts';
import type { ConsumerGroup, PendingEntry } from '../../engine/stream-groups.ts';
import type { StreamId } from '../../engine/stream-id.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataSession } from '../context.ts';

/** Counts changes that have no event. */
export function countChanges(session: DataSession, n: number): void {
  const { engine } = session.db;
  engine.dirty += n;
  engine.settle();
}

/** One change of a group of the key at argument `i`. */
export function groupChanged(
  session: DataSession,
  request: Request,
  i: number,
  event: string,
): void {
  countChanges(session, 1);
  session.db.notify(request.buffer, request.starts[i], request.ends[i], NotifyClass.stream, event);
}

/** Entries of the key at argument `i` changed. */
export function entriesChanged(
  session: DataSession,
  request: Request,
  i: number,
  event: string,
  n = 1,
): void {
  const { buffer, starts, ends } = request;
  session.db.changed(buffer, starts[i], ends[i], NotifyClass.stream, event, n);
}

/** The consumer of that name, made if need be. */
export function ensureConsumer(
  session: DataSession,
  request: Request,
  keyAt: number,
  group: ConsumerGroup,
  name: string,
): { consumer: ReturnType<ConsumerGroup['addConsumer']>; created: boolean } {
  const existing = group.consumers.get(name);
  if (existing !== undefined) return { consumer: existing, created: false };
  const consumer = group.addConsumer(name, session.server.nowMs());
  groupChanged(session, request, keyAt, 'xgroup-createconsumer');
  return { consumer, created: true };
}

/** An entry was given to a consumer. */
export function propagateClaim(
  session: DataSession,
  key: Buffer,
  group: ConsumerGroup,
  entry: PendingEntry,
  id: StreamId = entry,
): void {
  if (!session.dispatcher.propagation.active) return;
  session.propagateAs([
    'XCLAIM',
    key,
    group.name,
    entry.consumer?.name ?? '',
    0,
    id.toString(),
    'TIME',
    entry.deliveredMs,
    'RETRYCOUNT',
    entry.deliveries,
    'FORCE',
    'JUSTID',
    'LASTID',
    group.lastId.toString(),
  ]);
}

/** The group has read on, but nothing became pending that could say so. */
export function propagateGroupId(session: DataSession, key: Buffer, group: ConsumerGroup): void {
  session.propagateAs([
    'XGROUP',
    'SETID',
    key,
    group.name,
    group.lastId.toString(),
    'ENTRIESREAD',
    group.entriesRead,
  ]);
}
