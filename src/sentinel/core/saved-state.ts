// The part of the world that survives a restart, and a world made from it.

import { sameAddress } from './address.ts';
import type { Master } from './instance.ts';
import { currentAddress } from './probes.ts';
import { addMaster, addPeer, addReplica, addressOf } from './roster.ts';
import type { SavedMaster, SavedState } from './settings.ts';
import type { World } from './world.ts';

export function savedState(world: World): SavedState {
  return {
    myId: world.myId,
    currentEpoch: world.currentEpoch,
    settings: world.settings,
    masters: [...world.masters.values()].map(savedMaster),
  };
}

/**
 * A successor that leads is the master for whoever starts from the file, and the old master one of
 * its replicas; that holds from the moment in which its epoch is written.
 */
function savedMaster(master: Master): SavedMaster {
  const { failover, settings, name } = master;
  const promoted = failover?.isSaving ? failover.promoted?.address : undefined;
  const address = promoted ?? currentAddress(master);
  const replicas = [...master.replicas.values()].map((replica) =>
    sameAddress(replica.address, address) ? master.address : replica.address,
  );
  return {
    name,
    host: address.host,
    port: address.port,
    settings,
    configEpoch: failover?.isSaving ? failover.epoch : master.configEpoch,
    leaderEpoch: master.vote.epoch,
    replicas: replicas.map(({ host, port }) => ({ host, port })),
    sentinels: [...master.peers.values()].map(({ address: { host, port }, runId }) => ({
      host,
      port,
      runId,
    })),
  };
}

/** Everything that the file says, watched from now on. */
export function restore(world: World, masters: readonly SavedMaster[]): void {
  for (const saved of masters) {
    const address = addressOf(world, saved.host, saved.port);
    const master = addMaster(world, saved.name, address, saved.settings);
    master.configEpoch = saved.configEpoch;
    master.vote = { leader: '', epoch: saved.leaderEpoch };
    for (const { host, port } of saved.replicas) {
      addReplica(world, master, addressOf(world, host, port));
    }
    for (const { host, port, runId } of saved.sentinels) {
      if (runId !== world.myId) addPeer(world, master, runId, addressOf(world, host, port));
    }
  }
}
