// Server programs as child processes: ours (the built one) and, where installed, the real
// redis-server. Each listens on a free loopback port with a folder of its own, and is ended by its
// process id. "Started" means that it answered a PING.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { projectRoot } from './project.ts';
import { type Reply, RespConnection } from './resp-connection.ts';

/** How a server program is called. */
export interface Program {
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
}

export interface RunningServer {
  readonly label: string;
  readonly port: number;
  readonly folder: string;
  readonly pid: number;
  /** What it wrote to its standard output and error. */
  output(): string;
  /** Ends the process and removes its folder. */
  stop(): Promise<void>;
}

/** The server of this project, as built. */
const understudy: Program = {
  label: 'understudy-server',
  command: process.execPath,
  args: [join(projectRoot, 'build', 'src', 'cli', 'understudy-server.js')],
};

/**
 * The program under test: ours, or the one that UNDERSTUDY_TEST_PROGRAM names. With redis-server in
 * its place a test shows whether it holds for the real thing.
 */
export const subject: Program =
  process.env.UNDERSTUDY_TEST_PROGRAM === undefined
    ? understudy
    : {
        label: process.env.UNDERSTUDY_TEST_PROGRAM,
        command: process.env.UNDERSTUDY_TEST_PROGRAM,
        args: [],
      };

export const realRedis: Program = { label: 'redis-server', command: 'redis-server', args: [] };

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

/**
 * The reason to skip a test that needs a program which is not installed, or false. With CI=true a
 * missing program is a failure and not a reason.
 */
export function missingProgram(...names: readonly string[]): string | false {
  const missing = names.filter((name) => spawnSync(name, ['--version']).error !== undefined);
  if (missing.length === 0) return false;
  const reason = `needs ${missing.join(' and ')}, which is not installed`;
  if (process.env.CI === 'true') throw new Error(`${reason}; with CI=true no test may be left out`);
  return reason;
}

/** Starts a server and waits until it answers. `options` are `name value` pairs of its configuration. */
export async function startServer(
  program: Program,
  options: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const server = launch(program, await freePort(), options);
  if (await answers(server)) return server;
  await server.stop();
  throw new Error(`${program.label} did not start on port ${server.port}:\n${server.output()}`);
}

function launch(
  program: Program,
  port: number,
  options: Readonly<Record<string, string>>,
): RunningServer & { readonly exited: () => boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-test-'));
  const settings = { port: String(port), bind: '127.0.0.1', dir: folder, save: '', ...options };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(program.command, [...program.args, ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  child.on('error', (error) => {
    text += `${error.message}\n`;
  });
  return {
    label: program.label,
    port,
    folder,
    pid: child.pid ?? -1,
    output: () => text,
    exited: () => hasEnded(child),
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(
  server: RunningServer & { readonly exited: () => boolean },
): Promise<boolean> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && !server.exited()) {
    try {
      const connection = await RespConnection.open(server.port);
      const reply = await connection.call('PING');
      connection.close();
      if (reply.type === 'simple' || isPasswordWanted(reply)) return true;
    } catch {
      // Not listening yet.
    }
    await pause(10);
  }
  return false;
}

/** An answer as well: a test may start a server that asks for a password. */
function isPasswordWanted(reply: Reply): boolean {
  return reply.type === 'error' && reply.text.startsWith('NOAUTH ');
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const gone = new Promise<void>((done) => {
    child.once('exit', () => done());
  });
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(force);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
