// The ports of a fleet: a block for the servers and one, twenty thousand above, for the sentinels.

import type { Network } from '../env/network.ts';
import { ExitError, exitCodes } from './exit-codes.ts';

export interface PortBlock {
  readonly servers: readonly number[];
  readonly sentinels: readonly number[];
}

export interface PortWishes {
  readonly host: string;
  readonly servers: number;
  readonly sentinels: number;
  /** Of the first server; 'auto': the first block that is free. */
  readonly port: number | 'auto';
  /** Of the first sentinel; 20000 above the servers when undefined. */
  readonly sentinelPort: number | undefined;
}

const FIRST_PORT = 6379;
const SENTINELS_ABOVE = 20_000;
const STEP = 10;
const BLOCKS_TRIED = 500;
const HIGHEST = 65_535;

/** Rejects with an ExitError that offers the next free block. */
export async function choosePorts(network: Network, wishes: PortWishes): Promise<PortBlock> {
  const wanted = wishes.port === 'auto' ? FIRST_PORT : wishes.port;
  const block = blockAt(wanted, wishes);
  const taken = block === undefined ? [] : await takenOf(network, wishes.host, block);
  if (block !== undefined && taken.length === 0) return block;
  const next = await nextFree(network, wanted, wishes);
  if (wishes.port === 'auto' && next !== undefined) return next;
  const problem =
    block === undefined
      ? `there is no room for the ports from ${wanted} on`
      : `${taken.length === 1 ? 'port' : 'ports'} ${taken.join(', ')} on ${wishes.host} ${taken.length === 1 ? 'is' : 'are'} in use`;
  const offer =
    next === undefined
      ? ''
      : `; the next free block is ${next.servers[0]}: understudy up --port ${next.servers[0]}, or --port auto`;
  throw new ExitError(exitCodes.inUse, `${problem}${offer}`);
}

async function nextFree(
  network: Network,
  from: number,
  wishes: PortWishes,
): Promise<PortBlock | undefined> {
  for (let i = 1; i <= BLOCKS_TRIED; i++) {
    const block = blockAt(from + i * STEP, wishes);
    if (block === undefined) return undefined;
    if ((await takenOf(network, wishes.host, block)).length === 0) return block;
  }
  return undefined;
}

/** Undefined where the numbers end. */
function blockAt(port: number, wishes: PortWishes): PortBlock | undefined {
  const { servers, sentinels, sentinelPort } = wishes;
  const isRoomAbove = port + SENTINELS_ABOVE + sentinels - 1 <= HIGHEST;
  const first = sentinelPort ?? port + (isRoomAbove ? SENTINELS_ABOVE : servers);
  const block = { servers: range(port, servers), sentinels: range(first, sentinels) };
  const all = [...block.servers, ...block.sentinels];
  const isPossible = all.every((number) => number <= HIGHEST) && new Set(all).size === all.length;
  return isPossible ? block : undefined;
}

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

async function takenOf(network: Network, host: string, block: PortBlock): Promise<number[]> {
  const taken: number[] = [];
  for (const port of [...block.servers, ...block.sentinels]) {
    try {
      const listener = await network.listen({ host, port }, { onConnection: (c) => c.destroy() });
      await listener.close();
    } catch {
      taken.push(port);
    }
  }
  return taken;
}
