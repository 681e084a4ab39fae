// `understudy` as a process: one that runs a fleet in the foreground, and calls that end by themselves.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FleetView } from '../../src/fleet/fleet-view.ts';

const program = fileURLToPath(new URL('../../src/cli/understudy.js', import.meta.url));
const LIMIT_MS = 60_000;

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What `understudy up --json` says when the fleet is complete. */
export interface Ready {
  readonly pid: number;
  readonly master: string;
  readonly nodes: Readonly<Record<string, { host: string; port: number; pid: number }>>;
  readonly page: string | null;
  readonly folder: string;
}

/** Runs `understudy` to its end. */
export function understudy(...args: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  return outcome(child);
}

/** A fleet in the foreground. */
export class FleetProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  #out = '';

  constructor(...args: readonly string[]) {
    const words = [program, 'up', '--no-page', '--json', ...args];
    this.child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#out += chunk.toString();
    });
    this.ended = outcome(this.child);
  }

  /** The JSON lines so far. */
  get lines(): readonly { readonly event: string; readonly name?: string }[] {
    const whole = this.#out.slice(0, this.#out.lastIndexOf('\n') + 1);
    return whole.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line)));
  }

  async ready(): Promise<Ready> {
    let end: Outcome | undefined;
    void this.ended.then((outcome) => {
      end = outcome;
    });
    await until(() => end !== undefined || this.#ready !== undefined, 'the fleet is ready');
    assert.ok(this.#ready, end?.err);
    return this.#ready;
  }

  get #ready(): Ready | undefined {
    const line: unknown = this.lines.find(({ event }) => event === 'ready');
    return line as Ready | undefined;
  }
}

export async function statusOf(dir: string): Promise<FleetView> {
  const { code, out, err } = await understudy('status', '--json', '--dir', dir);
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

/** Asks again until `test` holds for the fleet in `dir`. */
export async function untilStatus(
  dir: string,
  test: (view: FleetView) => boolean,
  what: string,
): Promise<FleetView> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const view = await statusOf(dir);
    if (test(view)) return view;
    assert.ok(performance.now() < deadline, what);
  }
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!condition()) {
    assert.ok(performance.now() < deadline, what);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

/** Whether a process of that id is there and no zombie of ours. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function outcome(child: ChildProcess): Promise<Outcome> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((fulfil, reject) => {
    child.once('error', reject);
    child.once('close', (code) => fulfil({ code, out, err }));
  });
}
