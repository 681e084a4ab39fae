// The real redis-server 7.0 as a replica of ours: full and partial synchronisation, both ways of a
// snapshot, authentication, and data that are equal afterwards. Scores are whole numbers here, since that
// version prints others differently and DEBUG DIGEST is made of what is printed.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, assertSameData, follow, info, textOf, until } from '../support/questions.ts';
import { RespConnection } from '../support/resp-connection.ts';
import {
  missingProgram,
  type RunningServer,
  realRedis,
  startServer,
  subject,
} from '../support/server-process.ts';

const skip = missingProgram('redis-server');
const DEBUG = { 'enable-debug-command': 'yes' };

/** A repeatable choice below n. */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * n);
  };
}

/** Commands of every family that writes, some with effects of their own making. */
function randomCommand(roll: (n: number) => number): string[] {
  const key = (kind: string): string => `${kind}:${roll(20)}`;
  const word = (): string => `w${roll(50)}`;
  const commands: readonly (() => string[])[] = [
    () => ['SET', key('s'), 'x'.repeat(roll(300))],
    () => ['SET', key('s'), word(), 'EX', '1000'],
    () => ['SET', key('s'), word(), 'PX', String(1 + roll(30))],
    () => ['SETEX', key('s'), '500', word()],
    () => ['GETEX', key('s'), 'PERSIST'],
    () => ['GETDEL', key('s')],
    () => ['APPEND', key('s'), word()],
    () => ['SETRANGE', key('s'), String(roll(100)), word()],
    () => ['INCRBY', key('n'), String(roll(1000))],
    () => ['INCRBYFLOAT', key('n'), '2'],
    () => ['MSET', key('s'), word(), key('s'), word()],
    () => ['SETBIT', key('b'), String(roll(500)), '1'],
    () => ['BITOP', 'XOR', key('b'), key('b'), key('b')],
    () => ['LPUSH', key('l'), word(), word()],
    () => ['RPUSH', key('l'), word()],
    () => ['LPOP', key('l'), '2'],
    () => ['LMOVE', key('l'), key('l'), 'LEFT', 'RIGHT'],
    () => ['LREM', key('l'), '0', word()],
    () => ['LTRIM', key('l'), '0', '40'],
    () => ['SADD', key('t'), word(), word(), String(roll(100))],
    () => ['SPOP', key('t'), '2'],
    () => ['SMOVE', key('t'), key('t'), word()],
    () => ['SUNIONSTORE', key('t'), key('t'), key('t')],
    () => ['ZADD', key('z'), String(roll(100)), word()],
    () => ['ZINCRBY', key('z'), '3', word()],
    () => ['ZPOPMIN', key('z')],
    () => ['ZRANGESTORE', key('z'), key('z'), '0', '5'],
    () => ['HSET', key('h'), word(), word()],
    () => ['HINCRBY', key('h'), 'count', '7'],
    () => ['HDEL', key('h'), word()],
    () => ['XADD', key('x'), 'MAXLEN', '~', '100', '*', word(), word()],
    () => ['PFADD', key('p'), word()],
    () => ['GEOADD', key('g'), '13.3', '52.5', word()],
    () => ['EXPIRE', key('l'), '900'],
    () => ['PEXPIRE', key('t'), String(1 + roll(40))],
    () => ['PERSIST', key('l')],
    () => ['DEL', key('h')],
    () => ['UNLINK', key('z')],
    () => ['RENAME', key('s'), key('s')],
    () => ['COPY', key('l'), key('l'), 'REPLACE'],
    () => ['SORT', key('t'), 'ALPHA', 'STORE', key('l')],
    () => ['SELECT', String(roll(3))],
    () => ['SWAPDB', '1', '2'],
    () => ['FLUSHDB'],
  ];
  // Emptying is rare, or there would be nothing to compare.
  const chosen = roll(400) === 0 ? commands.length - 1 : roll(commands.length - 1);
  return commands[chosen]();
}

async function work(server: RunningServer, seed: number, count: number): Promise<void> {
  const roll = dice(seed);
  const connection = await RespConnection.open(server.port);
  for (let i = 0; i < count; i++) {
    if (roll(50) === 0) {
      await connection.call('MULTI');
      for (let j = 0; j < 4; j++) await connection.call(...randomCommand(roll));
      await connection.call('EXEC');
    } else await connection.call(...randomCommand(roll));
  }
  connection.close();
}

/** Two servers, of which the second follows the first. */
async function withPair(
  options: Readonly<Record<string, string>>,
  replicaOptions: Readonly<Record<string, string>>,
  run: (master: RunningServer, replica: RunningServer) => Promise<void>,
): Promise<void> {
  const master = await startServer(subject, {
    ...DEBUG,
    'repl-diskless-sync-delay': '0',
    ...options,
  });
  const replica = await startServer(realRedis, { ...DEBUG, ...replicaOptions });
  try {
    await run(master, replica);
  } finally {
    await replica.stop();
    await master.stop();
  }
}

describe('a real replica of our master', { skip }, () => {
  for (const diskless of ['yes', 'no']) {
    for (const load of ['disabled', 'swapdb']) {
      test(`full synchronisation, diskless ${diskless}, load ${load}`, async () => {
        const theirs = { 'repl-diskless-load': load };
        await withPair({ 'repl-diskless-sync': diskless }, theirs, async (master, replica) => {
          await work(master, 1, 2000);
          await follow(replica, master);
          await work(master, 2, 500);
          await assertSameData([master, replica]);
          assert.equal(await info(master, 'sync_full'), '1');
        });
      });
    }
  }

  test('every write command of a random workload, and what expires in it', async () => {
    await withPair({}, {}, async (master, replica) => {
      await follow(replica, master);
      await Promise.all([11, 12, 13].map((seed) => work(master, seed, 3000)));
      await assertSameData([master, replica]);
    });
  });

  test('cut links resume from the backlog, whatever was under way', async () => {
    await withPair({}, {}, async (master, replica) => {
      await follow(replica, master);
      let isDone = false;
      const writing = work(master, 21, 6000).finally(() => {
        isDone = true;
      });
      let cuts = 0;
      while (!isDone) {
        await ask(master, 'CLIENT', 'KILL', 'TYPE', 'replica');
        cuts++;
        await until('the next link', async () =>
          (await info(master, 'slave0')).includes('state=online'),
        );
      }
      await writing;
      await assertSameData([master, replica]);
      assert.equal(await info(master, 'sync_full'), '1');
      assert.ok(Number(await info(master, 'sync_partial_ok')) >= cuts);
    });
  });

  test('with a password and a user', async () => {
    const password = { requirepass: 'sesame', masterauth: 'sesame' };
    const master = await startServer(subject, {
      ...DEBUG,
      ...password,
      'repl-diskless-sync-delay': '0',
    });
    const options = { masterauth: 'sesame', replicaof: `127.0.0.1 ${master.port}` };
    const replica = await startServer(realRedis, options);
    try {
      await until('the link', async () => (await info(replica, 'master_link_status')) === 'up');
      await ask(replica, 'CONFIG', 'SET', 'masterauth', 'wrong');
      const connection = await RespConnection.open(master.port);
      await connection.call('AUTH', 'sesame');
      await connection.call('CLIENT', 'KILL', 'TYPE', 'replica');
      connection.close();
      await until('the refusal', async () => replica.output().includes('Unable to AUTH to MASTER'));
    } finally {
      await replica.stop();
      await master.stop();
    }
  });

  test('a client waits for its writes, and min-replicas-to-write for replicas', async () => {
    await withPair({ 'min-replicas-to-write': '1' }, {}, async (master, replica) => {
      assert.equal(
        await ask(master, 'SET', 'a', '1'),
        'NOREPLICAS Not enough good replicas to write.',
      );
      await follow(replica, master);
      await until('a good replica', async () => (await ask(master, 'SET', 'a', '1')) === 'OK');
      const connection = await RespConnection.open(master.port);
      await connection.call('INCR', 'n');
      assert.equal(textOf(await connection.call('WAIT', '1', '0')), '1');
      connection.close();
      assert.equal(await ask(replica, 'GET', 'n'), '1');
    });
  });
});
