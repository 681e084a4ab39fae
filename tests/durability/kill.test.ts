// Real processes, killed with SIGKILL amid writes, rewrites and saves: whatever was answered is there after
// the next start, nothing is there twice, and no transaction in part. Every chain is one folder that is
// started, written to and killed again and again. Power failures, and the moment of the kill down to the
// single operation, are src/server/crash.test.ts's on simulated disks.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RespConnection } from '../support/resp-connection.ts';
import { type RunningServer, startServer, subject } from '../support/server-process.ts';

const KILLS_A_CHAIN = 10;
/** Transactions in flight: what a kill may or may not take with it. */
const IN_FLIGHT = 20;
const MOST_WRITES = 300;

interface Chain {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  /** Sent along with some of the transactions. */
  readonly also: readonly string[];
}

const chains: readonly Chain[] = [
  { name: 'always', options: { appendfsync: 'always' }, also: ['PING'] },
  { name: 'always, rewritten', options: { appendfsync: 'always' }, also: ['BGREWRITEAOF'] },
  { name: 'everysec, rewritten', options: {}, also: ['BGREWRITEAOF'] },
  {
    name: 'no, rewritten as commands',
    options: { appendfsync: 'no', 'aof-use-rdb-preamble': 'no' },
    also: ['BGREWRITEAOF'],
  },
  { name: 'everysec, saved', options: { 'aof-timestamp-enabled': 'yes' }, also: ['BGSAVE'] },
];

async function number(connection: RespConnection, ...words: string[]): Promise<number> {
  const reply = await connection.call(...words);
  if (reply.type === 'nullBulk') return 0;
  return Number(reply.type === 'bulk' ? reply.bytes.toString() : 'text' in reply && reply.text);
}

/** Writes until it has had `writes` answers, then kills; how many transactions it sent in all. */
async function writeAndKill(
  server: RunningServer,
  first: number,
  writes: number,
  also: readonly string[],
): Promise<{ readonly answered: number; readonly sent: number }> {
  const connection = await RespConnection.open(server.port);
  let sent = first - 1;
  let answered = first - 1;
  let others = 0;
  while (answered < first - 1 + writes) {
    while (sent < answered + IN_FLIGHT) {
      sent++;
      for (const words of [['MULTI'], ['INCR', 'c'], ['RPUSH', 'l', String(sent)], ['EXEC']]) {
        connection.send(words);
      }
    }
    for (let frames = 0; frames < 4; frames++) await connection.next();
    answered++;
    if (answered % 50 !== 25) continue;
    connection.send(also);
    // Its answer comes behind those of the transactions in flight.
    while (answered < sent) {
      for (let frames = 0; frames < 4; frames++) await connection.next();
      answered++;
    }
    await connection.next();
    others++;
  }
  process.kill(server.pid, 'SIGKILL');
  connection.close();
  assert.ok(others >= 0);
  return { answered, sent };
}

async function check(
  server: RunningServer,
  { answered, sent }: { readonly answered: number; readonly sent: number },
): Promise<number> {
  const connection = await RespConnection.open(server.port);
  const count = await number(connection, 'GET', 'c');
  assert.ok(
    count >= answered && count <= sent,
    `${count} of ${sent} transactions are there, ${answered} were answered:\n${server.output()}`,
  );
  assert.equal(await number(connection, 'LLEN', 'l'), count);
  assert.equal(await number(connection, 'LINDEX', 'l', '-1'), count);
  connection.close();
  return count;
}

test('what was answered survives SIGKILL', { timeout: 240_000 }, async (t) => {
  await Promise.all(
    chains.map(({ name, options, also }, chain) =>
      t.test(name, async () => {
        const dir = mkdtempSync(join(tmpdir(), 'understudy-kill-'));
        let past = { answered: 0, sent: 0 };
        for (let kill = 0; kill <= KILLS_A_CHAIN; kill++) {
          const server = await startServer(subject, { appendonly: 'yes', dir, ...options });
          const count = await check(server, past);
          // Spread over the phases of a rewrite, and different in every chain.
          const writes = 1 + ((kill * 97 + chain * 31) % MOST_WRITES);
          if (kill < KILLS_A_CHAIN) past = await writeAndKill(server, count + 1, writes, also);
          await server.stop();
        }
        rmSync(dir, { recursive: true, force: true });
      }),
    ),
  );
});
