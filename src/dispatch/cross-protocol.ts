// The defence against cross-protocol requests: a web page can make a browser send HTTP to this port, with
// commands in its body. Its first line or its Host header gives it away; nothing behind it must run.

import type { Request } from '../protocol/request.ts';
import type { DispatchLog } from './hooks.ts';
import type { Session } from './session.ts';

/** Between two log lines; the connections are closed all the same. */
const SILENCE_MS = 60_000;

/** Operators search their logs for it. */
const TEXT =
  'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to ' +
  'Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to ' +
  'compromise your Redis instance.';

export class CrossProtocolGuard {
  readonly #log: DispatchLog;
  #loggedMs = -SILENCE_MS;

  constructor(log: DispatchLog) {
    this.#log = log;
  }

  /** Closes the session and answers true when the request is a line of HTTP. */
  catches(session: Session, request: Request, nowMs: number): boolean {
    if (!request.is(0, 'POST') && !request.is(0, 'HOST:')) return false;
    if (nowMs - this.#loggedMs >= SILENCE_MS) {
      this.#loggedMs = nowMs;
      const from = session.address === '' ? 'Connection' : `Connection from ${session.address}`;
      this.#log.warning(`${TEXT} ${from} aborted.`);
    }
    session.close();
    return true;
  }
}
