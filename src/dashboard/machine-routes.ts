// What machines ask of a fleet over HTTP: is it well, and is this node what a load balancer thinks.
// Pure: from a view to a status and a short text. 200 means "send it there", 503 "do not".

import type { FleetView, ServerView } from '../fleet/fleet-view.ts';

export interface Verdict {
  readonly status: 200 | 400 | 404 | 503;
  readonly text: string;
}

/** A fleet is well when its master takes commands and enough sentinels could replace it. */
export function fleetHealth(view: FleetView): Verdict {
  const master = view.servers.find(({ name }) => name === view.master);
  if (master === undefined) return { status: 503, text: 'no master' };
  if (master.state !== 'up')
    return { status: 503, text: `master ${master.name} is ${master.state}` };
  if (master.role !== 'master') {
    return {
      status: 503,
      text: `${master.name} is named master and is a ${master.role ?? 'stranger'}`,
    };
  }
  const sentinels = view.sentinels.filter(({ state }) => state === 'up').length;
  const needed = neededSentinels(view);
  if (sentinels < needed) {
    return { status: 503, text: `${sentinels} sentinels are up, a failover needs ${needed}` };
  }
  return { status: 200, text: `master ${master.name}` };
}

/** The quorum agrees that a master is down; only a majority may elect who replaces it. */
function neededSentinels(view: FleetView): number {
  const known = view.sentinels.length;
  return known === 0 ? 0 : Math.max(view.quorum, Math.floor(known / 2) + 1);
}

/** Whether the node is the one to write to: by its own word and by the sentinels'. */
export function isPrimary(view: FleetView, name: string): Verdict {
  const server = view.servers.find((known) => known.name === name);
  if (server === undefined) return unknownNode(name);
  if (server.state !== 'up') return { status: 503, text: `${name} is ${server.state}` };
  if (server.role !== 'master') return { status: 503, text: `${name} is a replica` };
  if (view.master !== name) return { status: 503, text: `the sentinels name ${view.master}` };
  return { status: 200, text: `${name} is the master` };
}

/** Whether the node is a replica to read from, at most `lag` bytes behind where that is asked. */
export function isReadableReplica(view: FleetView, name: string, lag: string | undefined): Verdict {
  const server = view.servers.find((known) => known.name === name);
  if (server === undefined) return unknownNode(name);
  const allowed = lag === undefined ? Number.POSITIVE_INFINITY : readBytes(lag);
  if (allowed === undefined) {
    return { status: 400, text: 'lag is a number of bytes, such as 1000, 64kb or 1mb' };
  }
  if (server.state !== 'up') return { status: 503, text: `${name} is ${server.state}` };
  if (server.role !== 'replica') return { status: 503, text: `${name} is not a replica` };
  return replicaVerdict(server, allowed);
}

function replicaVerdict(server: ServerView, allowed: number): Verdict {
  const { name, upstream } = server;
  if (upstream === null || upstream.link !== 'up') {
    return { status: 503, text: `${name} has lost its master` };
  }
  if (upstream.isSyncing) return { status: 503, text: `${name} is receiving a full copy` };
  if (upstream.lagBytes === null) {
    const isAsked = allowed !== Number.POSITIVE_INFINITY;
    return isAsked
      ? { status: 503, text: `the lag of ${name} is unknown` }
      : { status: 200, text: `${name} is a replica` };
  }
  if (upstream.lagBytes > allowed) {
    return { status: 503, text: `${name} is ${upstream.lagBytes} bytes behind` };
  }
  return { status: 200, text: `${name} is a replica, ${upstream.lagBytes} bytes behind` };
}

/** As redis.conf writes sizes: kb is 1024, k is 1000. */
function readBytes(text: string): number | undefined {
  const match = /^(\d{1,15})(b|k|kb|m|mb|g|gb)?$/i.exec(text);
  if (match === null) return undefined;
  const unit = (match[2] ?? 'b').toLowerCase();
  const base = unit.length === 2 ? 1024 : 1000;
  return Number(match[1]) * base ** 'bkmg'.indexOf(unit[0]);
}

function unknownNode(name: string): Verdict {
  return { status: 404, text: `no server is called ${JSON.stringify(name.slice(0, 100))}` };
}
