// A program that a fleet started: its links can be broken, and it ends when the fleet's process is
// gone, however that went. Started by anybody else it is left as it is.

import type { Environment } from '../env/environment.ts';
import { FaultyNetwork } from '../env/faulty-network.ts';
import { LinkFaults } from '../env/link-faults.ts';
import { nodeEnvironment } from '../env/node/node-environment.ts';
import { FLEET_MARK, type LinksMessage, rulesOf } from '../fleet/node-messages.ts';

/** The environment of a program of ours. */
export function programEnvironment(): Environment {
  const environment = nodeEnvironment();
  const isInFleet = process.env[FLEET_MARK] === '1' && process.channel != null;
  delete process.env[FLEET_MARK];
  if (!isInFleet) return environment;
  const faults = new LinkFaults();
  process.on('message', (message: LinksMessage) => faults.replace(rulesOf(message)));
  // The handler of SIGTERM saves what there is to save.
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  return { ...environment, network: new FaultyNetwork(environment, faults) };
}
