// The way into a running fleet for other processes of the same user: a port on loopback that takes one
// line of JSON with the secret of the fleet's folder, and answers with one. It is no HTTP: whatever
// else speaks to it, a browser included, says something that is no such line and is cut off.

import type { Environment } from '../env/environment.ts';
import type { Connection, Listener } from '../env/network.ts';
import { type Fleet, FleetError } from './fleet.ts';
import { NodeStartError } from './node-starter.ts';

const LINE_BYTES = 4096;
const LINE_LIMIT_MS = 5000;
const MAX_CONNECTIONS = 32;

export interface ControlRequest {
  readonly token: string;
  readonly command: string;
  readonly args: readonly string[];
}

export type ControlAnswer = { readonly result: unknown } | { readonly error: string };

export interface FleetControl {
  readonly port: number;
  close(): Promise<void>;
}

/** `end` is called for `down`, whose connection closes with the process. */
export async function openFleetControl(
  environment: Environment,
  fleet: Fleet,
  token: string,
  end: () => void,
): Promise<FleetControl> {
  const connections = new Set<Connection>();
  const listener: Listener = await environment.network.listen(
    { host: '127.0.0.1', port: 0 },
    {
      onConnection(connection) {
        if (connections.size >= MAX_CONNECTIONS) {
          connection.handle({ onData: () => {}, onClose: () => {} });
          connection.destroy();
          return;
        }
        connections.add(connection);
        serve(
          environment,
          connection,
          token,
          (request) => perform(fleet, request, end),
          () => connections.delete(connection),
        );
      },
    },
  );
  return {
    port: listener.port,
    close: async () => {
      for (const connection of connections) connection.destroy();
      await listener.close();
    },
  };
}

function serve(
  environment: Environment,
  connection: Connection,
  token: string,
  run: (request: ControlRequest) => Promise<ControlAnswer>,
  closed: () => void,
): void {
  let received = '';
  let isTaken = false;
  const limit = environment.timers.after(LINE_LIMIT_MS, () => connection.destroy());
  connection.handle({
    onData(chunk) {
      if (isTaken) return;
      received += chunk.toString('utf8');
      const end = received.indexOf('\n');
      if (end === -1 && received.length <= LINE_BYTES) return;
      isTaken = true;
      limit.cancel();
      const request = end === -1 ? undefined : readRequest(received.slice(0, end), token);
      if (request === undefined) {
        connection.destroy();
        return;
      }
      void run(request).then((answer) => {
        connection.write(Buffer.from(`${JSON.stringify(answer)}\n`));
        // The end of the process is the answer to `down`.
        if (request.command !== 'down') connection.end();
      });
    },
    onClose() {
      limit.cancel();
      closed();
    },
  });
}

/** Undefined for anything but a request with the right secret. */
function readRequest(line: string, token: string): ControlRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { token: given, command, args } = value as Partial<ControlRequest>;
  if (typeof given !== 'string' || !isSame(given, token)) return undefined;
  if (typeof command !== 'string' || !Array.isArray(args)) return undefined;
  if (!args.every((arg) => typeof arg === 'string')) return undefined;
  return { token: given, command, args };
}

/** In a time that tells nothing about where they differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i % a.length) ^ b.charCodeAt(i);
  return difference === 0;
}

async function perform(
  fleet: Fleet,
  { command, args }: ControlRequest,
  end: () => void,
): Promise<ControlAnswer> {
  try {
    return { result: await act(fleet, command, args, end) };
  } catch (error) {
    if (error instanceof FleetError || error instanceof NodeStartError) {
      return { error: error.message };
    }
    throw error;
  }
}

async function act(
  fleet: Fleet,
  command: string,
  [a, b, c]: readonly string[],
  end: () => void,
): Promise<unknown> {
  const { master } = fleet.view;
  switch (command) {
    case 'status':
      return fleet.refresh();
    case 'kill':
      return fleet.kill(needed(a));
    case 'freeze':
      return fleet.freeze(needed(a));
    case 'thaw':
      return fleet.thaw(needed(a));
    case 'restart':
      return fleet.restart(needed(a));
    case 'cut':
      return fleet.cut(needed(a), needed(b));
    case 'slow':
      return fleet.slow(needed(a), needed(b), { delayMs: Number(needed(c)) });
    case 'heal':
      return fleet.heal(a, b);
    case 'failover':
      await fleet.failover();
      return fleet.until((view) => view.master !== master, { what: 'another master' });
    case 'down':
      return end();
    default:
      throw new FleetError(`the running fleet knows no ${command}`);
  }
}

function needed(arg: string | undefined): string {
  if (arg === undefined) throw new FleetError('the name of a node is missing');
  return arg;
}
