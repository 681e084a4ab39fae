// Our sentinels and Redis's in one quorum: whoever of them finds the master gone, one new master is named
// by all, the other replica follows it, and the old one comes back as its replica.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type FleetMember,
  type FleetPlan,
  fields,
  type Make,
  SentinelFleet,
  until,
} from '../support/sentinel-fleet.ts';
import { missingProgram } from '../support/server-process.ts';

const skip = missingProgram('redis-server', 'redis-sentinel');

const quorums: readonly (readonly Make[])[] = [
  ['ours', 'ours', 'ours'],
  ['ours', 'real', 'real'],
  ['ours', 'ours', 'real'],
];
const servers: readonly Make[] = ['real', 'real', 'real'];

async function withFleet(
  plan: FleetPlan,
  run: (fleet: SentinelFleet) => Promise<void>,
): Promise<void> {
  const fleet = await SentinelFleet.start(plan);
  try {
    await run(fleet);
  } catch (error) {
    const logs = fleet.sentinels.map((one) => `--- ${one.make} ${one.port}\n${one.log}`);
    throw new Error(`${String(error)}\n${logs.join('\n')}`, { cause: error });
  } finally {
    await fleet.stop();
  }
}

/** All sentinels have the same version of the master's address. */
async function agree(fleet: SentinelFleet): Promise<void> {
  await until('all sentinels have one configuration epoch', async () => {
    const views = await Promise.all(
      fleet.sentinels.map((one) => one.map('SENTINEL', 'MASTER', 'mymaster')),
    );
    return new Set(views.map((view) => `${view['config-epoch']} ${view.port}`)).size === 1;
  });
}

async function failOver(fleet: SentinelFleet, fault: 'killed' | 'frozen'): Promise<void> {
  const [master] = fleet.servers;
  if (fault === 'killed') await master.kill();
  else master.freeze();
  await fleet.successor(master);
  const next = await fleet.settled(fleet.servers.filter((one) => one !== master));
  assert.equal(await next.call('SET', 'after', fault), 'OK');
  if (fault === 'killed') await master.start();
  else master.thaw();
  await fleet.settled();
  await until('the write is everywhere', async () => {
    const values = await Promise.all(fleet.servers.map((one) => one.call('GET', 'after')));
    return values.every((value) => value === fault);
  });
  await agree(fleet);
}

describe('failover', { skip, concurrency: 1 }, () => {
  for (const sentinels of quorums) {
    for (const fault of ['killed', 'frozen'] as const) {
      test(`sentinels ${sentinels.join(', ')}: the master is ${fault}`, async () => {
        await withFleet({ servers, sentinels, quorum: 2 }, (fleet) => failOver(fleet, fault));
      });
    }
  }

  for (const [ours, sentinels] of [
    [
      ['ours', 'ours', 'ours'],
      ['ours', 'ours', 'ours'],
    ],
    [
      ['ours', 'ours', 'ours'],
      ['real', 'real', 'real'],
    ],
    [
      ['ours', 'real', 'ours'],
      ['ours', 'real', 'ours'],
    ],
  ] as const) {
    test(`servers ${ours.join(', ')}, sentinels ${sentinels.join(', ')}`, async () => {
      await withFleet({ servers: ours, sentinels, quorum: 2 }, (fleet) =>
        failOver(fleet, 'killed'),
      );
    });
  }

  test('whoever leads, the others follow: each kind fails over by hand', async () => {
    await withFleet({ servers, sentinels: ['ours', 'real', 'ours'], quorum: 2 }, async (fleet) => {
      let [master] = fleet.servers;
      for (const leader of [fleet.sentinels[1], fleet.sentinels[0]]) {
        assert.equal(await leader.call('SENTINEL', 'FAILOVER', 'mymaster'), 'OK');
        const next = await fleet.successor(master);
        for (const one of fleet.servers) if (one !== next) await fleet.follows(one, next);
        await agree(fleet);
        await fleet.knowsAll();
        master = next;
      }
    });
  });

  test('a sentinel of each kind that was away learns what happened', async () => {
    await withFleet(
      { servers, sentinels: ['ours', 'real', 'ours', 'real', 'ours'], quorum: 2 },
      async (fleet) => {
        const [ours, real, ...rest] = fleet.sentinels;
        await Promise.all([ours.kill(), real.kill()]);
        const [master] = fleet.servers;
        await master.kill();
        const next = await fleet.successor(master, rest);
        await Promise.all([ours.start(), real.start()]);
        assert.equal(await fleet.successor(master), next);
        await agree(fleet);
      },
    );
  });

  test('without a majority nobody is promoted', async () => {
    await withFleet({ servers, sentinels: ['ours', 'ours', 'real'], quorum: 1 }, async (fleet) => {
      const [ours, second, real] = fleet.sentinels;
      const [master, ...replicas] = fleet.servers;
      await Promise.all([second.kill(), real.kill()]);
      await until('the dead sentinels are noticed', async () => {
        return String(await ours.call('SENTINEL', 'CKQUORUM', 'mymaster')).startsWith(
          'NOQUORUM 1 ',
        );
      });
      await master.kill();
      await until('an election was tried in vain', async () =>
        ours.log.includes('-failover-abort-not-elected'),
      );
      for (const replica of replicas) {
        const role = await replica.call('ROLE');
        assert.equal(Array.isArray(role) && role[0], 'slave');
      }
    });
  });

  test('masters, replicas and sentinels look to clients as they do at a real sentinel', async () => {
    await withFleet({ servers, sentinels: ['ours', 'real', 'real'], quorum: 2 }, async (fleet) => {
      const [ours, real] = fleet.sentinels;
      const names = async (one: FleetMember, ...args: string[]): Promise<readonly string[][]> => {
        const reply = await one.call('SENTINEL', ...args);
        assert.ok(Array.isArray(reply));
        const maps = Array.isArray(reply[0]) ? reply : [reply];
        return maps.map((map) => Object.keys(fields(map)));
      };
      for (const args of [
        ['MASTERS'],
        ['MASTER', 'mymaster'],
        ['REPLICAS', 'mymaster'],
        ['SENTINELS', 'mymaster'],
      ]) {
        assert.deepEqual(await names(ours, ...args), await names(real, ...args), args.join(' '));
      }
      for (const args of [
        ['CKQUORUM', 'mymaster'],
        ['CKQUORUM', 'nobody'],
        ['GET-MASTER-ADDR-BY-NAME', 'mymaster'],
        ['GET-MASTER-ADDR-BY-NAME', 'nobody'],
        ['IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', String(fleet.servers[0].port), '0', '*'],
        ['IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', '1', '0', '*'],
        ['IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', 'x', '0', '*'],
        ['FAILOVER', 'nobody'],
        ['MONITOR', 'mymaster', '127.0.0.1', '1', '2'],
        ['MONITOR', 'new', 'no.such.name', '1', '2'],
        ['MONITOR', 'new', '127.0.0.1', '1', '0'],
        ['MONITOR', 'new', '127.0.0.1', 'x', '1'],
        ['SET', 'mymaster', 'quorum', 'x'],
        ['SET', 'mymaster', 'nonsense', '1'],
        ['SET', 'mymaster', 'notification-script', '/none'],
        ['SET', 'nobody', 'quorum', '1'],
        ['CONFIG', 'GET', 'announce-*'],
        ['CONFIG', 'SET', 'announce-port', 'x'],
        ['REMOVE', 'nobody'],
        ['RESET', 'nobody'],
        ['SIMULATE-FAILURE', 'nonsense'],
        ['SIMULATE-FAILURE', 'HELP'],
        ['PENDING-SCRIPTS'],
        ['NONSENSE'],
        ['MASTER'],
      ]) {
        const wanted = await real.call('SENTINEL', ...args);
        assert.deepEqual(await ours.call('SENTINEL', ...args), wanted, args.join(' '));
      }
      assert.deepEqual(await ours.call('ROLE'), await real.call('ROLE'));
      assert.deepEqual(await ours.call('SET', 'k', 'v'), await real.call('SET', 'k', 'v'));
      assert.deepEqual(await ours.call('PUBLISH', 'c', 'm'), await real.call('PUBLISH', 'c', 'm'));
    });
  });
});
