// Questions about a picture of a fleet.

import type { FleetView } from './fleet-view.ts';

/** All servers are up and every replica follows the master. */
export function isReplicating({ master, servers }: FleetView): boolean {
  return servers.every(
    ({ name, state, upstream }) =>
      state === 'up' && (name === master || (upstream?.link === 'up' && upstream.node === master)),
  );
}

/** Everyone is up, every replica follows the master, every sentinel knows all others. */
export function isComplete(view: FleetView): boolean {
  const { servers, sentinels } = view;
  return (
    isReplicating(view) &&
    sentinels.every(
      ({ state, master, replicas, sentinels: others }) =>
        state === 'up' &&
        master !== null &&
        replicas.filter(({ runId }) => runId !== null).length === servers.length - 1 &&
        others.length === sentinels.length - 1,
    )
  );
}
