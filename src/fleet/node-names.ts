// Which node somebody means: src/fleet/fleet.ts lists the names that do.

import { FleetError } from './fleet.ts';
import type { FleetNode } from './fleet-node.ts';

/** Throws a FleetError that lists the nodes. */
export function findNode(
  nodes: readonly FleetNode[],
  name: string,
  master: string | null,
): FleetNode {
  const found = nodes.find((node) => {
    if (name === 'master') return node.name === master;
    if (name === 'replica') {
      return node.plan.kind === 'server' && node.name !== master && node.state === 'up';
    }
    return [node.name, String(node.port), `${node.plan.host}:${node.port}`].includes(name);
  });
  if (found !== undefined) return found;
  const names = nodes.map((node) => node.name).join(', ');
  throw new FleetError(`there is no ${name} now; the nodes are ${names}`);
}
