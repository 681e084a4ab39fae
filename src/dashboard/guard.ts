// Who may talk to the dashboard. It listens on loopback, but every page in the user's browser can
// send requests there, and a hostile name server can make its own host name point there (DNS
// rebinding). So: the Host must be one of ours; an Origin, where a browser sends one, must be ours;
// and whatever acts or tells more than figures needs the token, which no other page can read.

import { createHash, timingSafeEqual } from 'node:crypto';

/** What of a request decides; header values as they came, undefined when missing. */
export interface Caller {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly site: string | undefined;
  readonly authorization: string | undefined;
}

export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

/** The names under which loopback can be reached at this port. */
export function ownHosts(port: number): ReadonlySet<string> {
  const names = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  // Browsers leave the scheme's own port out.
  return new Set(port === 80 ? [...names, '127.0.0.1', 'localhost', '[::1]'] : names);
}

/**
 * Everything that is served. Health checks of load balancers speak HTTP/1.0 and name no host; no
 * browser does that, so a missing Host is only refused where `needsHost`.
 */
export function refuseHost(
  caller: Caller,
  hosts: ReadonlySet<string>,
  needsHost: boolean,
): Refusal | undefined {
  if (caller.host === undefined && !needsHost) return undefined;
  if (caller.host !== undefined && hosts.has(caller.host.toLowerCase())) return undefined;
  return {
    status: 403,
    message: `wrong Host: this page is at ${[...hosts][0]} and nowhere else`,
  };
}

/** What acts on the fleet or tells about it in full. */
export function refuseCaller(
  caller: Caller,
  hosts: ReadonlySet<string>,
  token: string,
): Refusal | undefined {
  const isForeign =
    (caller.origin !== undefined && !isOwnOrigin(caller.origin, hosts)) ||
    caller.site === 'cross-site' ||
    caller.site === 'same-site';
  if (isForeign) return { status: 403, message: 'wrong Origin: only its own page may ask' };
  const given = /^Bearer (\S+)$/i.exec(caller.authorization ?? '')?.[1];
  if (given === undefined || !sameToken(given, token)) {
    return {
      status: 401,
      message: 'wrong token: open the page by the address that was printed at the start',
    };
  }
  return undefined;
}

function isOwnOrigin(origin: string, hosts: ReadonlySet<string>): boolean {
  return origin.startsWith('http://') && hosts.has(origin.slice('http://'.length).toLowerCase());
}

/** Digests have one length, so the time tells nothing about the token. */
function sameToken(given: string, token: string): boolean {
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
