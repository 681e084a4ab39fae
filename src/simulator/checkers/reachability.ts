// Who could reach whom, and for how long, as things were: processes, wires and what passed on them. The
// truth that a sentinel's judgement is held to. Looked at ten times a second, so it knows of a moment
// only what lasted that long; its users leave room for that.

import { ServerNode } from '../server-node.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { World } from '../world.ts';
import { perWorld } from './per-world.ts';
import { type Heard, SentinelWire } from './sentinel-wire.ts';

const LOOK_MS = 100;
/** A server that has not answered for this part of down-after may be about to be called down. */
const SILENCE = 0.8;
/** A way that is slower than this may look like silence. */
const SLOW_MS = 100;
/** Offsets are remembered for as many looks. */
const OFFSETS = 30;

/** A data node as it was when it was looked at. */
interface Look {
  readonly atMs: number;
  readonly id: string;
  readonly offset: number;
}

interface Pair {
  readonly server: ServerNode;
  readonly sentinel: SimulatedNode;
  readonly key: string;
  readonly heard: Heard;
}

export class Reachability {
  readonly #world: World;
  readonly #pairs: readonly Pair[];
  readonly #since = new Map<string, number>();
  readonly #downSince = new Map<string, number>();
  readonly #linkUpAt = new Map<string, number>();
  readonly #followedAt = new Map<string, number>();
  readonly #ledAt = new Map<string, number>();
  readonly #looks = new Map<string, Look[]>();

  static readonly of: (world: World) => Reachability = perWorld((world) => new Reachability(world));

  private constructor(world: World) {
    this.#world = world;
    const wire = SentinelWire.of(world);
    this.#pairs = world.servers.flatMap((server) =>
      world.sentinels.map((sentinel) => ({
        server,
        sentinel,
        key: keyOf(sentinel.name, server.name),
        heard: wire.heard(server.address, sentinel.address),
      })),
    );
    world.onCreated.push(({ name }) => this.#followedAt.delete(name));
    this.#look();
  }

  /** For how long this sentinel has been able to reach this server without a break; 0 when it cannot. */
  reachedMs(sentinel: string, server: string): number {
    const since = this.#since.get(keyOf(sentinel, server));
    return since === undefined ? 0 : this.#world.nowMs - since;
  }

  /** For how long this machine has had no process that runs. */
  downMs(name: string): number {
    const since = this.#downSince.get(name);
    return since === undefined ? 0 : this.#world.nowMs - since;
  }

  /** When this server was last seen to be a master; undefined when never. */
  ledAtMs(server: string): number | undefined {
    return this.#ledAt.get(server);
  }

  /** When this replica's link to its master was last seen up; undefined when never. */
  linkUpAtMs(server: string): number | undefined {
    return this.#linkUpAt.get(server);
  }

  /**
   * Since when a server knows that it is cut off: since its link was seen up. Undefined for a process that
   * has had no link since it began or was a master: its INFO then says -1.
   */
  cutOffSinceMs(server: string): number | undefined {
    return this.#followedAt.get(server);
  }

  /** Where a server was at least this long ago; undefined when it was not looked at. */
  before(server: string, ms: number): Look | undefined {
    const latest = this.#world.nowMs - ms;
    return this.#looks.get(server)?.findLast((look) => look.atMs <= latest);
  }

  #look(): void {
    const world = this.#world;
    for (const node of world.nodes) {
      this.#mark(this.#downSince, node.name, node.state !== 'running');
    }
    for (const server of world.servers) this.#lookAt(server);
    for (const pair of this.#pairs) this.#mark(this.#since, pair.key, this.#isReached(pair));
    world.world.time.schedule(LOOK_MS * 1000, () => this.#look());
  }

  #mark(since: Map<string, number>, key: string, isSo: boolean): void {
    if (!isSo) since.delete(key);
    else if (!since.has(key)) since.set(key, this.#world.nowMs);
  }

  #isReached({ server, sentinel, heard }: Pair): boolean {
    const world = this.#world;
    if (isIdle(server) || isIdle(sentinel)) return false;
    if (!world.passes(server.name, sentinel.name, SLOW_MS)) return false;
    if (!world.passes(sentinel.name, server.name, SLOW_MS)) return false;
    const { atMs } = heard;
    return atMs !== undefined && world.nowMs - atMs <= SILENCE * world.options.downAfterMs;
  }

  #lookAt(server: ServerNode): void {
    const replication = server.process?.parts.replication;
    if (replication === undefined) {
      this.#looks.delete(server.name);
      return;
    }
    const atMs = this.#world.nowMs;
    const isUp = replication.role === 'replica' && replication.replica.isUp;
    if (isUp) this.#linkUpAt.set(server.name, atMs);
    if (isUp) this.#followedAt.set(server.name, atMs);
    else if (replication.role === 'master') {
      this.#followedAt.delete(server.name);
      this.#ledAt.set(server.name, atMs);
    }
    const looks = this.#looks.get(server.name) ?? [];
    if (looks.length >= OFFSETS) looks.shift();
    const { id, offset } = replication.history;
    looks.push({ atMs, id, offset });
    this.#looks.set(server.name, looks);
  }
}

function keyOf(sentinel: string, server: string): string {
  return `${server} ${sentinel}`;
}

function isIdle(node: SimulatedNode): boolean {
  if (node.state !== 'running') return true;
  return node instanceof ServerNode && node.process?.parts.persistence.loading !== undefined;
}
