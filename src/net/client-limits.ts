// How much may wait for a client: the rules of client-output-buffer-limit, and which clients go
// first when all of them together hold more than maxmemory-clients.

import type { Clock } from '../env/clock.ts';
import type { ClientClass } from './net-session.ts';
import type { NetSettings } from './net-settings.ts';

export interface SoftLimit {
  /** Wall time since which the soft limit has been exceeded without a break; 0: it is not. */
  sinceMs: number;
}

/** Whether a client with `waiting` bytes of output must go. Keeps the soft limit's time in `soft`. */
export function outputLimitExceeded(
  settings: NetSettings,
  clientClass: ClientClass,
  waiting: number,
  soft: SoftLimit,
  clock: Clock,
): boolean {
  if (waiting === 0) {
    soft.sinceMs = 0;
    return false;
  }
  const limits = settings.clientOutputBufferLimit;
  // A master is held to the limits of normal clients, as in Redis.
  const limit = clientClass === 'master' ? limits.normal : limits[clientClass];
  const hardBytes =
    clientClass === 'replica' && limit.hardBytes > 0
      ? Math.max(limit.hardBytes, settings.replBacklogSize)
      : limit.hardBytes;
  if (hardBytes > 0 && waiting >= hardBytes) return true;
  if (limit.softBytes === 0 || waiting < limit.softBytes) {
    soft.sinceMs = 0;
    return false;
  }
  const now = clock.wallMs();
  if (soft.sinceMs === 0) soft.sinceMs = now;
  return now - soft.sinceMs > limit.softSeconds * 1000;
}

/** maxmemory-clients in bytes; 0: no limit. */
export function clientMemoryLimit(settings: NetSettings): number {
  const { maxmemoryClients, maxmemory } = settings;
  if (maxmemoryClients >= 0) return maxmemoryClients;
  return Math.floor((maxmemory * -maxmemoryClients) / 100);
}

/** Redis's buckets by powers of two: within one, clients are equals and go in order of arrival. */
export function sizeBucket(bytes: number): number {
  return Math.max(0, Math.floor(Math.log2(Math.max(1, bytes))));
}
