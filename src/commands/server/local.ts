// Whether a client is on this machine, which `enable-…-command local` and its like ask for.

import type { Session } from '../../dispatch/session.ts';

/** Unix sockets and the loopback interface. */
export function isLocal(session: Session): boolean {
  const { isUnix, address } = session.link;
  return isUnix || address.startsWith('127.') || address.startsWith('[::1]');
}
