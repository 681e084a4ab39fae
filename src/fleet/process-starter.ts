// Nodes as processes. Each has a folder of its own with its configuration, its data and what it said
// (`output.log`), and a session of its own, so that Ctrl-C in the terminal reaches the fleet alone,
// which then ends them in order.
//
// No process outlives the fleet, not even after `kill -9` of it: a guard, a shell that reads from a
// pipe, sees the pipe's end and ends whoever is left, frozen ones too. Nodes of ours notice by
// themselves as well, when the channel that they were started with closes.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LinkRule } from '../env/link-faults.ts';
import { FLEET_MARK, linksMessage } from './node-messages.ts';
import {
  type NodeEnd,
  type NodePlan,
  NodeStartError,
  type NodeStarter,
  type StartedNode,
} from './node-starter.ts';

export interface Programs {
  /** The command line of another server than ours, in words. */
  readonly server?: readonly string[];
  readonly sentinel?: readonly string[];
}

/** A node has this long to save and end. */
const STOP_LIMIT_MS = 20_000;
const LAST_LINES = 12;
const TAIL_BYTES = 16 * 1024;
/** A log that has grown beyond this makes room when its node starts. */
const LOG_BYTES = 16 * 1024 * 1024;

/** A folder that goes away with its `remove`. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'understudy-fleet-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

export class ProcessStarter implements NodeStarter {
  readonly #folder: string;
  readonly #programs: Programs;
  #guard: Guard | undefined;

  constructor(folder: string, programs: Programs = {}) {
    this.#folder = folder;
    this.#programs = programs;
  }

  async start(plan: NodePlan): Promise<StartedNode> {
    const folder = join(this.#folder, plan.name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, plan.kind === 'server' ? 'redis.conf' : 'sentinel.conf');
    if (plan.configuration !== undefined) {
      writeFileSync(file, `${plan.configuration.join('\n')}\n`, { mode: 0o600 });
    }
    this.#guard ??= new Guard();
    const { command, args } = this.#commandLine(plan, file);
    const logPath = join(folder, 'output.log');
    const log = openLog(logPath);
    const isOurs = plan.implementation === 'understudy';
    const child = spawn(command, args, {
      cwd: folder,
      detached: true,
      stdio: isOurs ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      env: isOurs ? { ...process.env, [FLEET_MARK]: '1' } : process.env,
    });
    const startBytes = fstatSync(log).size;
    closeSync(log);
    const node = new ProcessNode(child, plan, this.#guard, () => lastLines(logPath, startBytes));
    await node.spawned;
    return node;
  }

  async close(): Promise<void> {
    await this.#guard?.close();
    this.#guard = undefined;
  }

  #commandLine(plan: NodePlan, file: string): { command: string; args: readonly string[] } {
    const words = this.#programs[plan.kind];
    if (plan.implementation === 'understudy' || words === undefined) {
      const program = fileURLToPath(new URL(`../cli/understudy-${plan.kind}.js`, import.meta.url));
      return { command: process.execPath, args: [program, file] };
    }
    // redis-server wants its file before its options.
    const isOption = (word: string): boolean => word === '--sentinel';
    const [command, ...before] = words.filter((word) => !isOption(word));
    return { command, args: [...before, file, ...words.filter(isOption)] };
  }
}

class ProcessNode implements StartedNode {
  readonly port: number;
  readonly ended: Promise<NodeEnd>;
  /** Rejects when there is no such program. */
  readonly spawned: Promise<void>;
  readonly #child: ChildProcess;
  #isFrozen = false;

  constructor(child: ChildProcess, plan: NodePlan, guard: Guard, tail: () => string[]) {
    this.#child = child;
    this.port = plan.port;
    this.ended = new Promise((fulfil) => {
      child.once('exit', (code, signal) => {
        guard.drop(child.pid);
        fulfil({ reason: signal ?? `exit code ${code}`, lastLines: tail() });
      });
    });
    this.spawned = new Promise((fulfil, reject) => {
      child.once('spawn', () => {
        guard.add(child.pid);
        fulfil();
      });
      child.on('error', (error: NodeJS.ErrnoException) => {
        const reason =
          error.code === 'ENOENT' ? `there is no program ${child.spawnfile}` : error.message;
        reject(new NodeStartError(plan.name, reason, []));
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill('SIGTERM');
    this.thaw();
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(force);
  }

  freeze(): void {
    this.#isFrozen = this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    if (this.#isFrozen) this.#child.kill('SIGCONT');
    this.#isFrozen = false;
  }

  setLinks(rules: readonly (readonly [string, LinkRule])[]): void {
    // A process that ends right now has closed its channel; its links do not matter any more.
    if (this.#child.connected) this.#child.send(linksMessage(rules), () => {});
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/**
 * Reads 'add PID' and 'drop PID'. At the end of its input it ends whoever was not dropped: in order
 * first, which saves their data, and the hard way what is left after ten seconds.
 */
const GUARD_SCRIPT = `
trap '' INT HUP TERM
pids=
while read -r verb pid; do
  case $verb in
    add) pids="$pids $pid" ;;
    drop) kept=; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids=$kept ;;
  esac
done
for p in $pids; do kill -TERM "$p"; kill -CONT "$p"; done 2>/dev/null
i=0
while [ $i -lt 100 ]; do
  left=
  for p in $pids; do kill -0 "$p" 2>/dev/null && left="$left $p"; done
  [ -z "$left" ] && exit 0
  sleep 0.1
  i=$((i + 1))
done
for p in $left; do kill -KILL "$p"; done 2>/dev/null
`;

class Guard {
  readonly #child: ChildProcess | undefined;

  constructor() {
    // Where there is no such shell, nodes of ours still notice by themselves.
    if (process.platform === 'win32') return;
    this.#child = spawn('/bin/sh', ['-c', GUARD_SCRIPT], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#child.on('error', () => {});
    this.#child.stdin?.on('error', () => {});
  }

  add(pid: number | undefined): void {
    this.#child?.stdin?.write(`add ${pid}\n`);
  }

  drop(pid: number | undefined): void {
    this.#child?.stdin?.write(`drop ${pid}\n`);
  }

  close(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.pid === undefined) {
      return Promise.resolve();
    }
    return new Promise((fulfil) => {
      child.once('exit', () => fulfil());
      child.stdin?.end();
    });
  }
}

function openLog(path: string): number {
  const log = openSync(path, 'a', 0o600);
  if (fstatSync(log).size < LOG_BYTES) return log;
  closeSync(log);
  renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** The end of what was written after `startBytes`. */
function lastLines(path: string, startBytes: number): string[] {
  try {
    const log = openSync(path, 'r');
    try {
      const { size } = fstatSync(log);
      const start = Math.max(startBytes, size - TAIL_BYTES);
      const tail = Buffer.alloc(Math.max(0, size - start));
      readSync(log, tail, 0, tail.length, start);
      return tail
        .toString('utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(-LAST_LINES);
    } finally {
      closeSync(log);
    }
  } catch {
    return [];
  }
}
