// A sentinel's state across programs and restarts, in real processes: our file read by Redis's sentinel
// and back, a state folder beside a configuration nobody may write, what is refused at the start, and
// crashes in the middle of a failover.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { projectRoot } from '../support/project.ts';
import { FleetMember, SentinelFleet, until } from '../support/sentinel-fleet.ts';
import { missingProgram } from '../support/server-process.ts';

const program = join(projectRoot, 'build', 'src', 'cli', 'understudy-sentinel.js');
const folder = mkdtempSync(join(tmpdir(), 'understudy-sentinel-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function refused(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 1, stdout + stderr);
  return stdout + stderr;
}

test('what cannot start says why, in redis-sentinel words, and exits with 1', () => {
  assert.match(refused(), /Sentinel needs config file on disk to save state\. Exiting\.\.\./);
  assert.match(
    refused('--sentinel', 'monitor', 'm', '127.0.0.1', '1', '1'),
    /Sentinel needs config file on disk to save state\. Exiting\.\.\./,
  );
  assert.match(refused(join(folder, 'none.conf')), /Fatal error, can't open config file/);
  const conf = join(folder, 'wrong.conf');
  writeFileSync(conf, 'port 0\nsentinel monitor m 127.0.0.1 1 0\n');
  assert.match(
    refused(conf),
    /FATAL CONFIG FILE ERROR.*\nReading the configuration file, at line 2\n>>> 'sentinel monitor m 127\.0\.0\.1 1 0'\nQuorum must be 1 or greater\.\n/,
  );
  writeFileSync(conf, 'port 0\n');
  assert.match(refused(conf, '--state-dir', join(conf, 'state')), /is not writable/);
  assert.match(refused(conf, '--state-dir'), /--state-dir needs a folder/);
});

test('a state folder: the configuration is only read, the state is found again', async () => {
  const port = await freePort();
  const conf = join(folder, 'given.conf');
  const state = join(folder, 'state');
  const text = `port ${port}\nbind 127.0.0.1\nsentinel monitor m 127.0.0.1 1 1\n`;
  writeFileSync(conf, text);
  const member = new FleetMember('sentinel', 'ours', port, folder);
  member.useArguments([conf, '--state-dir', state]);
  await member.start();
  const id = await member.call('SENTINEL', 'MYID');
  assert.equal(await member.call('SENTINEL', 'SET', 'm', 'quorum', '2'), 'OK');
  await member.kill();
  await member.start();
  assert.equal(await member.call('SENTINEL', 'MYID'), id);
  assert.equal((await member.map('SENTINEL', 'MASTER', 'm')).quorum, '2');
  assert.equal(readFileSync(conf, 'utf8'), text);
  await member.end('SIGTERM');
  assert.equal(member.exitCode, 0);
});

describe('with real servers', {
  skip: missingProgram('redis-server', 'redis-sentinel'),
  concurrency: 1,
}, () => {
  test('the file that one program wrote is the other one’s state', async () => {
    const fleet = await SentinelFleet.start({
      servers: ['real', 'real'],
      sentinels: ['ours', 'real', 'ours'],
      quorum: 2,
      sentinelLines: ['# kept by both'],
    });
    try {
      for (const one of fleet.sentinels.slice(0, 2)) {
        const before = await one.call('SENTINEL', 'MYID');
        assert.equal(await one.call('SENTINEL', 'FLUSHCONFIG'), 'OK');
        await one.kill();
        const { config } = one;
        const other = new FleetMember(
          'sentinel',
          one.make === 'ours' ? 'real' : 'ours',
          one.port,
          join(one.folder),
        );
        other.configureAs(config);
        try {
          await other.start();
          assert.equal(await other.call('SENTINEL', 'MYID'), before);
          const master = await other.map('SENTINEL', 'MASTER', 'mymaster');
          assert.deepEqual([master['num-slaves'], master['num-other-sentinels']], ['1', '2']);
          assert.match(other.config, /# kept by both/);
        } finally {
          await other.kill();
        }
      }
    } finally {
      await fleet.stop();
    }
  });

  for (const moment of ['crash-after-election', 'crash-after-promotion']) {
    test(`another sentinel takes over: ${moment}`, async () => {
      const fleet = await SentinelFleet.start({
        servers: ['real', 'real', 'real'],
        sentinels: ['ours', 'ours', 'ours'],
        quorum: 2,
        sentinelLines: ['sentinel failover-timeout mymaster 3000'],
      });
      try {
        for (const one of fleet.sentinels) {
          await one.call('SENTINEL', 'SIMULATE-FAILURE', moment);
        }
        const [master] = fleet.servers;
        await master.kill();
        let crashes = 0;
        await until('those who crashed are back, and one new master is named', async () => {
          for (const one of fleet.sentinels) {
            if (one.exitCode !== 99) continue;
            crashes++;
            await one.start();
          }
          const ports = await Promise.all(fleet.sentinels.map((one) => fleet.toldBy(one)));
          return ports[0] !== master.port && new Set(ports).size === 1;
        });
        assert.ok(crashes > 0);
        const next = await fleet.successor(master);
        assert.equal(await next.call('SET', 'k', 'v'), 'OK');
      } finally {
        await fleet.stop();
      }
    });
  }
});
