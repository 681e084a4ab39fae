// A client beside the load of a benchmark: in a thread of its own, it sends PING and STRLEN in turn and
// notes how long it waits, and how much of that time the server's main thread really ran.

import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { LoadClient } from './load-client.ts';
import { sleep } from './measured-server.ts';
import { quantile } from './report.ts';

export interface Waits {
  readonly worstMs: number;
  readonly busyMs: number;
  readonly p99Ms: number;
}

interface Target {
  readonly pid: number;
  readonly port: number;
}

/** Milliseconds that the main thread of the process has run. */
function ranMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
}

/** The probe's thread: reports what it waited since the last message, at every message. */
async function probe({ pid, port }: Target): Promise<void> {
  const client = await LoadClient.connect(port);
  let waits: number[] = [];
  let busyMs = 0;
  parentPort?.on('message', () => {
    const worstMs = waits.reduce((worst, ms) => Math.max(worst, ms), 0);
    const report: Waits = { worstMs, busyMs, p99Ms: quantile(waits, 0.99) };
    parentPort?.postMessage(report);
    waits = [];
    busyMs = 0;
  });
  for (let i = 0; ; i++) {
    const ran = ranMs(pid);
    const start = performance.now();
    await (i % 2 === 0 ? client.call('PING') : client.call('STRLEN', 'probe'));
    const waited = performance.now() - start;
    waits.push(waited);
    // The probe itself may have been kept from running when the reply came.
    busyMs = Math.max(busyMs, Math.min(waited, ranMs(pid) - ran));
    // Not more often: the probe must not be the load.
    await sleep(1);
  }
}

export class Probe {
  readonly #worker: Worker;

  constructor(target: Target) {
    const workerData = { pid: target.pid, port: target.port };
    this.#worker = new Worker(new URL(import.meta.url), { workerData });
  }

  /** What was waited since the last call. */
  async take(): Promise<Waits> {
    const answer = new Promise<Waits>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage('');
    return answer;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

if (!isMainThread) await probe(workerData as Target);
