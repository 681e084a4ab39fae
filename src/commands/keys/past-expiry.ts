// An expiry that already lies in the past deletes the key at once and is propagated as the deletion
// it is. On a replica it is stored like any other: only the master decides what has expired.

import { NotifyClass } from '../../engine/notify-class.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataSession } from '../context.ts';

/** True when a key with this expiry should be deleted instead of kept. */
export function isPast(session: DataSession, atMs: number): boolean {
  return session.server.engine.mayExpire && atMs <= session.server.nowMs();
}

/** Deletes the key at argument `i`, which exists; `isLazy`: what the directive for this case says. */
export function deletePastKey(
  session: DataSession,
  request: Request,
  i: number,
  isLazy: boolean = session.server.settings.lazyfreeLazyExpire,
): void {
  session.db.delete(request.buffer, request.starts[i], request.ends[i]);
  session.propagateAs([isLazy ? 'UNLINK' : 'DEL', request.bytes(i)]);
  changedKey(session, request, i, NotifyClass.generic, 'del');
}
