// Facts about this machine and process.

import { readFileSync } from 'node:fs';
import { hostname, machine, release, totalmem, type } from 'node:os';
import type { CpuUsage, HostFacts, MemoryUsage } from '../environment.ts';

export class NodeHost implements HostFacts {
  readonly operatingSystem: string = `${type()} ${release()} ${machine()}`;
  readonly hostName: string = hostname();
  readonly archBits: number = /64|s390x/.test(process.arch) ? 64 : 32;
  readonly runtime: string = `node-${process.versions.node}`;
  readonly executable: string = process.argv[1] ?? process.execPath;
  readonly totalMemoryBytes: number = totalmem();

  workingFolder(): string {
    return process.cwd();
  }

  cpuUsage(): CpuUsage {
    const usage = process.cpuUsage();
    return { userUs: usage.user, systemUs: usage.system };
  }

  memoryUsage(): MemoryUsage {
    const usage = process.memoryUsage();
    return {
      residentBytes: usage.rss,
      heapUsedBytes: usage.heapUsed,
      heapTotalBytes: usage.heapTotal,
      externalBytes: usage.external,
    };
  }

  openFilesLimit(): number {
    // Node raises its soft limit to the hard one by itself and tells nobody; only Linux says so.
    try {
      const limits = readFileSync('/proc/self/limits', 'latin1');
      const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
      if (soft !== undefined) return Number(soft);
    } catch {}
    return Number.POSITIVE_INFINITY;
  }

  sleepNow(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }
}
