// The one command that changes what a data node is. It travels as a transaction: change the role and
// drop the clients, which then ask where the master is. Its answers decide nothing; what INFO says
// does, and INFO is asked for in the same breath. CONFIG REWRITE follows once the role has changed:
// within the transaction the news would wait for the node's disk.

import type { Address } from './address.ts';
import type { DataNode, Master, Replica } from './instance.ts';
import type { LinkEnd } from './instance-link.ts';
import { commandName, send } from './links.ts';
import { askInfo, pollQuickly } from './probes.ts';
import type { World } from './world.ts';

/** Makes it a master (no address) or a replica of that address; false without a connection. */
export function changeRole(world: World, replica: Replica, address: Address | undefined): boolean {
  const end = sendRole(world, replica, address);
  if (end === undefined) return false;
  replica.roleSentOn = end.id;
  replica.isRoleKept = false;
  replica.quickPolls = 0;
  askInfo(world, replica);
  pollQuickly(world, replica);
  return true;
}

/**
 * The master came back with a configuration in which it is a replica: it is told what it is, and keeps it.
 * False without a connection.
 */
export function restoreRole(world: World, master: Master): boolean {
  const end = sendRole(world, master, undefined);
  if (end === undefined) return false;
  sendRewrite(world, master, end);
  askInfo(world, master);
  return true;
}

/** The node writes its new role to its configuration file. */
export function keepRole(world: World, replica: Replica): void {
  const { command } = replica.link;
  if (replica.isRoleKept || command === undefined || !command.isOpen) return;
  replica.isRoleKept = true;
  sendRewrite(world, replica, command);
}

/** The connection that it was sent on. */
function sendRole(world: World, node: DataNode, address: Address | undefined): LinkEnd | undefined {
  const { command } = node.link;
  if (command === undefined || !command.isOpen) return undefined;
  const target =
    address === undefined ? ['NO', 'ONE'] : [world.announced(address), String(address.port)];
  const transaction = [
    ['MULTI'],
    ['SLAVEOF', ...target],
    ['CLIENT', 'KILL', 'TYPE', 'normal'],
    ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
    ['EXEC'],
  ];
  for (const [name, ...args] of transaction) {
    const sent = { what: name === 'EXEC' ? 'exec' : 'role', instance: node } as const;
    send(world, command, sent, [commandName(node, name), ...args]);
  }
  return command;
}

function sendRewrite(world: World, node: DataNode, command: LinkEnd): void {
  const args = [commandName(node, 'CONFIG'), 'REWRITE'];
  send(world, command, { what: 'rewrite', instance: node }, args);
}
