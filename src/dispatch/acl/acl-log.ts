// The record of refused access: ACL LOG's entries and the counters of INFO. Similar refusals within a
// minute are one entry with a count, so that a client in a loop cannot push everything else out.

import { AclVerdict } from './acl-selector.ts';
import type { AclSettings } from './acl-user.ts';

export type AclReason = 'command' | 'key' | 'channel' | 'auth';
export type AclContext = 'toplevel' | 'multi' | 'lua' | 'module';

/** One refusal, as the caller knows it. Texts are latin1. */
export interface AclRefusal {
  readonly reason: AclReason;
  readonly context: AclContext;
  /** The command, key or channel that was refused; for `auth` the command that tried. */
  readonly object: string;
  readonly username: string;
  /** The line of CLIENT LIST. */
  readonly clientInfo: string;
}

export interface AclLogEntry extends AclRefusal {
  readonly id: number;
  readonly createdMs: number;
  count: number;
  clientInfo: string;
  updatedMs: number;
}

const GROUPING_MS = 60_000;
/** How far back a similar entry is looked for: a bound on the work of a refused request. */
const LOOK_BACK = 10;

export class AclLog {
  /** Since the start: CONFIG RESETSTAT leaves them, as in Redis. */
  readonly denied: Record<AclReason, number> = { command: 0, key: 0, channel: 0, auth: 0 };
  #entries: AclLogEntry[] = [];
  #created = 0;

  /** Newest first. */
  get entries(): readonly AclLogEntry[] {
    return this.#entries;
  }

  add(refusal: AclRefusal, nowMs: number, settings: AclSettings): void {
    this.denied[refusal.reason]++;
    const similar = this.#findSimilar(refusal, nowMs);
    if (similar >= 0) {
      const [entry] = this.#entries.splice(similar, 1);
      entry.count++;
      entry.clientInfo = refusal.clientInfo;
      entry.updatedMs = nowMs;
      this.#entries.unshift(entry);
      return;
    }
    const id = this.#created++;
    this.#entries.unshift({ ...refusal, id, count: 1, createdMs: nowMs, updatedMs: nowMs });
    if (this.#entries.length > settings.acllogMaxLen) this.#entries.length = settings.acllogMaxLen;
  }

  #findSimilar(refusal: AclRefusal, nowMs: number): number {
    const entries = this.#entries;
    const end = Math.min(entries.length, LOOK_BACK);
    for (let i = 0; i < end; i++) {
      const entry = entries[i];
      if (
        entry.reason === refusal.reason &&
        entry.context === refusal.context &&
        Math.abs(entry.updatedMs - nowMs) <= GROUPING_MS &&
        entry.object === refusal.object &&
        entry.username === refusal.username
      ) {
        return i;
      }
    }
    return -1;
  }

  /** ACL LOG RESET; the counters of INFO go on. */
  clear(): void {
    this.#entries = [];
  }
}

export function reasonOf(verdict: number): AclReason {
  if (verdict === AclVerdict.key) return 'key';
  if (verdict === AclVerdict.channel) return 'channel';
  return verdict === AclVerdict.auth ? 'auth' : 'command';
}
