// Starts the servers that a benchmark compares and tells what they weigh and cost. It knows nothing of
// what runs: any program that takes redis-server's options can be measured.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../tests/support/free-port.ts';
import { LoadClient } from './load-client.ts';

const READY_MS = 20_000;

/** Processor time comes in ticks of a hundredth of a second. */
const TICKS_A_SECOND = 100;

export interface MeasuredServer {
  /** 'a' or 'b'. */
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Resident bytes of the program. */
  residentBytes(): number;
  /** Proportional bytes of the program and its children: a fork's pages count once. */
  familyBytes(): number;
  /** Processor seconds that the program has used. */
  cpuSeconds(): number;
  /** Highest resident size so far. */
  peakBytes(): number;
  stop(): Promise<void>;
}

// Servers must not outlive a benchmark that is interrupted: 'exit' stops them, a signal alone would not.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts the program of `command` (words divided by spaces) on a free loopback port. */
export async function startServer(
  name: string,
  command: string,
  extra: readonly string[] = [],
): Promise<MeasuredServer> {
  const [program, ...words] = command.split(/\s+/).filter((word) => word !== '');
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const port = await freePort();
  const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const args = [...words, ...own, '--enable-debug-command', 'yes', ...extra];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const stopOnExit = (): void => void child.kill('SIGKILL');
  process.once('exit', stopOnExit);
  const pid = child.pid as number;
  await answering(child, port, command);
  return {
    name,
    pid,
    port,
    familyBytes: () => 1024 * [pid, ...childrenOf(pid)].reduce((sum, one) => sum + pssOf(one), 0),
    residentBytes: () => 1024 * fieldOf(pid, 'smaps_rollup', 'Pss'),
    cpuSeconds: () => cpuSecondsOf(pid),
    peakBytes: () => 1024 * fieldOf(pid, 'status', 'VmHWM'),
    stop: async () => {
      process.removeListener('exit', stopOnExit);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill('SIGKILL')) await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answering(child: ChildProcess, port: number, command: string): Promise<void> {
  const until = performance.now() + READY_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`'${command}' ended with ${child.exitCode}`);
    if (performance.now() > until) throw new Error(`'${command}' does not answer`);
    try {
      const client = await LoadClient.connect(port);
      const reply = await client.call('PING');
      client.close();
      if (reply === '+PONG') return;
    } catch {
      // Not listening yet.
    }
    await sleep(25);
  }
}

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** KiB; 0 when the process has just ended. */
function pssOf(pid: number): number {
  try {
    return fieldOf(pid, 'smaps_rollup', 'Pss');
  } catch {
    return 0;
  }
}

function fieldOf(pid: number, file: string, name: string): number {
  const text = readFileSync(`/proc/${pid}/${file}`, 'latin1');
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
