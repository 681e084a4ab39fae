// A session as CLIENT LIST, CLIENT INFO, the ACL log and the log's lines print it: the fields of Redis
// 7.2 in their order (catClientInfoString in networking.c). Tools split it at spaces.

import type { Session } from './session.ts';
import { trackingRedirect } from './tracking/client-tracking.ts';

/** What a session costs before it holds anything: its objects, as measured with 10 000 idle ones. */
const SESSION_BYTES = 2048;
/** What the arrays of a queued command cost beyond its bytes. */
const QUEUED_BYTES = 256;

/** All memory of a session and its link in bytes: `tot-mem`, and what maxmemory-clients counts. */
export function sessionMemoryBytes(session: Session): number {
  const usage = session.link.usage();
  const { pubsub, tracking } = session.dispatcher;
  return (
    SESSION_BYTES +
    usage.queryBufferBytes +
    usage.queryBufferFreeBytes +
    usage.replyHeldBytes +
    argumentBytes(session) +
    queueBytes(session) +
    (session.watches?.bytes ?? 0) +
    pubsub.memoryOf(session) +
    tracking.memoryOf(session)
  );
}

/** Bytes of the request that runs or waits. */
function argumentBytes(session: Session): number {
  const request = session.blockedOn?.request ?? session.request;
  if (session.blockedOn === undefined && session.dispatcher.current !== session) return 0;
  let bytes = 0;
  for (let i = 0; i < request.count; i++) bytes += request.length(i);
  return bytes;
}

/** The request that runs is still in the input, as an operator counts it. */
function spanBytes(session: Session): number {
  if (session.dispatcher.current !== session || session.request.spanStart < 0) return 0;
  return session.request.spanEnd - session.request.spanStart;
}

function queueBytes(session: Session): number {
  const { transaction } = session;
  return transaction === undefined
    ? 0
    : transaction.bytes + transaction.queue.length * QUEUED_BYTES;
}

/** The line without its end. */
export function clientLine(session: Session): string {
  const usage = session.link.usage();
  const { dispatcher, subscriptions, transaction, link } = session;
  const nowMs = dispatcher.nowMs();
  const fields: readonly (readonly [string, string | number])[] = [
    ['id', session.id],
    ['addr', link.address],
    ['laddr', link.localAddress],
    ['fd', link.fd],
    ['name', session.name],
    ['age', secondsBetween(session.createdMs, nowMs)],
    ['idle', secondsBetween(session.lastInteractionMs, nowMs)],
    ['flags', flagLetters(session)],
    ['db', session.dbIndex],
    ['sub', subscriptions?.channels.size ?? 0],
    ['psub', subscriptions?.patterns.size ?? 0],
    ['ssub', subscriptions?.shardChannels.size ?? 0],
    ['multi', transaction?.queue.length ?? -1],
    ['qbuf', usage.queryBufferBytes + spanBytes(session)],
    ['qbuf-free', usage.queryBufferFreeBytes],
    ['argv-mem', argumentBytes(session)],
    ['multi-mem', queueBytes(session)],
    ['rbs', usage.replyBufferBytes],
    ['rbp', usage.replyBufferPeakBytes],
    ['obl', usage.replyBytes],
    ['oll', usage.replyPieces],
    ['omem', usage.replyPiecesBytes],
    ['tot-mem', sessionMemoryBytes(session)],
    ['events', usage.events],
    ['cmd', session.command?.fullName ?? 'NULL'],
    ['user', session.user.name],
    ['redir', trackingRedirect(dispatcher.tracking.stateOf(session))],
    ['resp', session.resp],
    ['lib-name', session.libName],
    ['lib-ver', session.libVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** Both times in ms, whole seconds of each: what Redis's second clock would have said. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, Math.floor(toMs / 1000) - Math.floor(fromMs / 1000));
}

function flagLetters(session: Session): string {
  const state = session.dispatcher.tracking.stateOf(session);
  let letters = '';
  if (session.role === 'monitor') letters += 'O';
  if (session.role === 'replica') letters += 'S';
  if (session.role === 'master') letters += 'M';
  if (session.subscriptions !== undefined) letters += 'P';
  if (session.transaction !== undefined) letters += 'x';
  if (session.blockedOn !== undefined) letters += 'b';
  if (state !== undefined) letters += 't';
  if (state?.brokenRedirect) letters += 'R';
  if (state?.bcast) letters += 'B';
  if (session.watches?.isDirty) letters += 'd';
  if (session.closing) letters += session.closingAfterReplies ? 'c' : 'A';
  if (session.link.isUnix) letters += 'U';
  if (session.noEvict) letters += 'e';
  if (session.noTouch) letters += 'T';
  return letters === '' ? 'N' : letters;
}
