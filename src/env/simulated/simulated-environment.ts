// A process in a simulated world: its own clock, timers, disk, address, log; shared time and wires.

import { SeededRandom } from '../../util/seeded-random.ts';
import type { Environment, HostFacts } from '../environment.ts';
import type { Random } from '../random.ts';
import { SimulatedDisk, SimulatedFiles } from './simulated-files.ts';
import { SimulatedLog } from './simulated-log.ts';
import {
  type NetworkOptions,
  SimulatedFabric,
  type SimulatedNetwork,
} from './simulated-network.ts';
import { SimulatedClock, SimulatedTime, SimulatedTimers } from './simulated-time.ts';

/** 2024-01-01: any fixed date will do; a run must not depend on today's. */
const START_WALL_US = 1_704_067_200_000_000;

export interface SimulatedEnvironment extends Environment {
  readonly clock: SimulatedClock;
  readonly timers: SimulatedTimers;
  readonly network: SimulatedNetwork;
  readonly files: SimulatedFiles;
  readonly log: SimulatedLog;
  /** Kills the process. The disk keeps what is on it; the machine may lose power too (`disk.crash`). */
  kill(): void;
}

export class SimulatedWorld {
  readonly time: SimulatedTime = new SimulatedTime();
  readonly random: SeededRandom;
  readonly fabric: SimulatedFabric;
  #nextPid = 1000;

  constructor(seed: number, options: Partial<NetworkOptions> = {}) {
    this.random = new SeededRandom(seed);
    this.fabric = new SimulatedFabric(this.time, options);
  }

  /** A machine's clock, which outlives its processes. */
  clock(): SimulatedClock {
    return new SimulatedClock(this.time, START_WALL_US);
  }

  /** Starts a process on a host; a host has one process at a time, the disk and clock it is given. */
  start(
    address = '127.0.0.1',
    disk: SimulatedDisk = new SimulatedDisk(),
    clock: SimulatedClock = this.clock(),
  ): SimulatedEnvironment {
    const { time } = this;
    const timers = new SimulatedTimers(time, clock);
    const network = this.fabric.host(address, timers);
    const files = new SimulatedFiles(time, disk, { stall: (us) => timers.stall(us) });
    const pid = this.#nextPid++;
    return {
      clock,
      timers,
      network,
      files,
      random: new SimulatedRandom(this.random.below(2 ** 53)),
      log: new SimulatedLog(),
      pid,
      host: simulatedHost(address),
      kill: () => {
        timers.stop();
        files.stop();
        network.crash();
      },
    };
  }
}

class SimulatedRandom implements Random {
  readonly #source: SeededRandom;

  constructor(seed: number) {
    this.#source = new SeededRandom(seed);
  }

  bytes(count: number): Buffer {
    return this.#source.bytes(count);
  }

  uint32(): number {
    return this.#source.uint32();
  }

  below(limit: number): number {
    return this.#source.below(limit);
  }

  hex(digits: number): string {
    return this.#source
      .bytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits);
  }
}

function simulatedHost(address: string): HostFacts {
  return {
    operatingSystem: 'Simulated 1.0 none',
    hostName: address,
    archBits: 64,
    runtime: 'simulated',
    executable: '/understudy-server',
    totalMemoryBytes: 16 * 1024 ** 3,
    workingFolder: () => '/',
    cpuUsage: () => ({ userUs: 0, systemUs: 0 }),
    memoryUsage: () => ({
      residentBytes: 64 * 1024 ** 2,
      heapUsedBytes: 16 * 1024 ** 2,
      heapTotalBytes: 32 * 1024 ** 2,
      externalBytes: 0,
    }),
    openFilesLimit: () => Number.POSITIVE_INFINITY,
    // A simulated process that stands still is the scheduler's to make.
    sleepNow: () => {},
  };
}
