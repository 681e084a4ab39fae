// The commands that act on a running fleet from another process: they find it by its folder and ask
// it through its control port.

import { connect } from 'node:net';
import { resolve } from 'node:path';
import type { ControlAnswer } from '../fleet/fleet-control.ts';
import type { FleetView } from '../fleet/fleet-view.ts';
import { ExitError, exitCodes } from './exit-codes.ts';
import { FleetFolder, type RunningFacts } from './fleet-folder.ts';
import { paintFor } from './paint.ts';
import { failoverText, statusText } from './status-text.ts';

export interface CommandOptions {
  readonly dir: string;
  readonly json: boolean;
}

export async function status(options: CommandOptions): Promise<void> {
  const facts = findRunning(options.dir);
  const view = (await ask(facts, 'status')) as FleetView;
  if (options.json) print(JSON.stringify({ ...view, page: facts.page }));
  else process.stdout.write(statusText(view, facts.page, paintFor(process.stdout, process.env)));
}

/** Asks for something that is done when the answer comes. */
export async function act(
  options: CommandOptions,
  command: string,
  args: readonly string[],
): Promise<void> {
  const facts = findRunning(options.dir);
  const result = await ask(facts, command, args);
  if (options.json) print(JSON.stringify({ done: command, args }));
  else if (command === 'failover') print(failoverDone(result as FleetView));
  else print(`${[command, ...args].join(' ')}: done`);
}

/** Returns when the fleet's process has ended. */
export async function down(options: CommandOptions): Promise<void> {
  const facts = findRunning(options.dir);
  await ask(facts, 'down');
  print(options.json ? JSON.stringify({ done: 'down', args: [] }) : 'down: all nodes have ended');
}

function failoverDone(view: FleetView): string {
  const last = view.failovers.at(-1);
  return last === undefined ? `${view.master} leads now` : failoverText(last);
}

function findRunning(dir: string): RunningFacts {
  const path = resolve(dir);
  const facts = new FleetFolder(path).readRunning();
  if (facts !== undefined) return facts;
  throw new ExitError(
    exitCodes.notRunning,
    `no fleet runs in ${path}; start one with \`understudy up\`, or name its folder with --dir`,
  );
}

function ask(facts: RunningFacts, command: string, args: readonly string[] = []): Promise<unknown> {
  return new Promise((fulfil, reject) => {
    let received = '';
    const socket = connect(facts.controlPort, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('error', (error) => {
      // The end of `down` may come as a reset.
      if (received === '') reject(new ExitError(exitCodes.notRunning, error.message));
    });
    socket.on('close', () => {
      const answer = readAnswer(received);
      if ('error' in answer) reject(new ExitError(exitCodes.failed, answer.error));
      else fulfil(answer.result);
    });
    socket.write(`${JSON.stringify({ token: facts.token, command, args })}\n`);
  });
}

function readAnswer(text: string): ControlAnswer {
  try {
    return JSON.parse(text) as ControlAnswer;
  } catch {
    return { error: 'the fleet gave no answer: it may be ending' };
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
