// Questions about a picture of a fleet.

import type { FleetView } from './fleet-view.ts';

/** Everyone is up, every replica follows the master, every sentinel knows all others. */
export function isComplete({ master, servers, sentinels }: FleetView): boolean {
  const replicas = servers.filter(({ name }) => name !== master);
  return (
    [...servers, ...sentinels].every(({ state }) => state === 'up') &&
    replicas.every(({ upstream }) => upstream?.link === 'up' && upstream.node === master) &&
    sentinels.every(
      (sentinel) =>
        sentinel.master !== null &&
        sentinel.replicas.filter((replica) => replica.runId !== null).length === replicas.length &&
        sentinel.sentinels.length === sentinels.length - 1,
    )
  );
}
