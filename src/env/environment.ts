// Everything that comes from outside the program, in one argument. Components take the parts they
// need by name (`{ clock, timers }`), so a test can see what each depends on.

import type { Clock } from './clock.ts';
import type { Files } from './files.ts';
import type { Log } from './log.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import type { Timers } from './timers.ts';

export interface CpuUsage {
  readonly userUs: number;
  readonly systemUs: number;
}

export interface MemoryUsage {
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  /** Array buffers and what else the runtime keeps outside its heap. */
  readonly externalBytes: number;
}

/** Facts about the machine and the process that INFO and the start-up lines print. */
export interface HostFacts {
  /** 'Linux 6.1.0 x86_64', as INFO's `os`. */
  readonly operatingSystem: string;
  readonly hostName: string;
  readonly archBits: number;
  /** The runtime, as INFO's `gcc_version` would name the compiler: 'node-20.20.2'. */
  readonly runtime: string;
  /** The program that was started, absolute. */
  readonly executable: string;
  readonly totalMemoryBytes: number;
  workingFolder(): string;
  cpuUsage(): CpuUsage;
  memoryUsage(): MemoryUsage;
  /** Open descriptors allowed to this process; Infinity when it is not known. */
  openFilesLimit(): number;
  /** Stops the whole process for this time: nothing else happens meanwhile (DEBUG SLEEP). */
  sleepNow(ms: number): void;
}

export interface Environment {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly network: Network;
  readonly files: Files;
  readonly random: Random;
  readonly log: Log;
  readonly pid: number;
  readonly host: HostFacts;
}
