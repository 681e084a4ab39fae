// What interop tests ask of running servers: one question on a connection of its own, a field of INFO, a
// fact that is waited for, and whether servers that follow one another hold the same data.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { type Reply, RespConnection } from './resp-connection.ts';
import type { RunningServer } from './server-process.ts';

/** Nothing that is waited for takes this long unless it never comes. */
const LIMIT_MS = 60_000;
const NO_DATA = '0'.repeat(40);

/** The text of a reply that has one; the type of any other, such as `nullBulk`. */
export function textOf(reply: Reply): string {
  if ('text' in reply) return reply.text;
  return 'bytes' in reply ? reply.bytes.toString('latin1') : reply.type;
}

/** One command on a connection of its own. */
export async function ask(
  server: { readonly port: number },
  ...words: readonly string[]
): Promise<string> {
  const connection = await RespConnection.open(server.port);
  try {
    return textOf(await connection.call(...words));
  } finally {
    connection.close();
  }
}

/** A field of INFO, of whatever section; the empty string when there is none of this name. */
export async function info(server: RunningServer, field: string): Promise<string> {
  const text = await ask(server, 'INFO', 'everything');
  return new RegExp(`^${field}:(.*)\r$`, 'm').exec(text)?.[1] ?? '';
}

/** Waits for a fact. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `never: ${what}`);
    await pause(20);
  }
}

export const isUp = async (replica: RunningServer): Promise<boolean> =>
  (await info(replica, 'master_link_status')) === 'up';

/** Makes `replica` follow `master`, and waits until it does. */
export async function follow(replica: RunningServer, master: RunningServer): Promise<void> {
  await ask(replica, 'REPLICAOF', '127.0.0.1', String(master.port));
  await until(`${replica.label} is up`, () => isUp(replica));
}

/**
 * Servers in a chain of replication are at the same offset and hold the same data. The digests count when
 * the offsets stood still around them: a master deletes what has expired when it comes to it.
 */
export async function assertSameData(servers: readonly RunningServer[]): Promise<void> {
  const all = (question: (server: RunningServer) => Promise<string>) =>
    Promise.all(servers.map(question));
  const offsets = () => all((one) => info(one, 'master_repl_offset'));
  const digest = (one: RunningServer) => ask(one, 'DEBUG', 'DIGEST');
  let digests: readonly string[] = [];
  await until('one offset that stands still', async () => {
    const before = await offsets();
    digests = await all(digest);
    const seen = new Set([...before, ...(await offsets())]);
    return seen.size === 1;
  });
  assert.notEqual(digests[0], NO_DATA);
  for (const other of digests) assert.equal(other, digests[0]);
}
