import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LagMeter } from './lag-meter.ts';
import { serverFacts } from './node-facts.ts';
import { fieldsOf, infoFields, numberIn } from './node-link.ts';
import { Timeline } from './timeline.ts';

function info(...lines: readonly string[]): ReadonlyMap<string, string> {
  return infoFields({ kind: 'bulk', bytes: Buffer.from(lines.join('\r\n')) });
}

test('a master says who follows it and what it keeps', () => {
  const facts = serverFacts(
    info(
      '# Replication',
      'role:master',
      'redis_version:7.2.4',
      'understudy_version:0.1.0',
      'slave0:ip=127.0.0.1,port=6380,state=online,offset=41,lag=1',
      'slave1:garbage',
      'master_repl_offset:42',
      'repl_backlog_active:1',
      'repl_backlog_size:1048576',
      'repl_backlog_first_byte_offset:1',
      'repl_backlog_histlen:42',
      'db0:keys=3,expires=0',
      'db9:keys=4,expires=0',
    ),
  );
  assert.equal(facts.role, 'master');
  assert.equal(facts.version, 'understudy 0.1.0');
  assert.deepEqual(facts.replicas, [
    { host: '127.0.0.1', port: 6380, state: 'online', offset: 41, lagSeconds: 1 },
  ]);
  assert.deepEqual(facts.backlog, { first: 1, length: 42, size: 1048576 });
  assert.deepEqual([facts.offset, facts.keys, facts.upstream], [42, 7, null]);
});

test('a replica says whom it follows', () => {
  const facts = serverFacts(
    info(
      'role:slave',
      'redis_version:7.0.15',
      'master_host:127.0.0.1',
      'master_port:6379',
      'master_link_status:down',
      'master_last_io_seconds_ago:-1',
      'master_sync_in_progress:1',
      'slave_repl_offset:7',
      'master_repl_offset:5',
    ),
  );
  assert.deepEqual(facts.upstream, {
    host: '127.0.0.1',
    port: 6379,
    link: 'down',
    isSyncing: true,
    secondsSinceIo: null,
  });
  assert.deepEqual([facts.role, facts.offset, facts.version], ['replica', 7, 'redis 7.0.15']);
});

test('what is absent or no number is null', () => {
  const facts = serverFacts(info('used_memory:many', 'role:actor'));
  assert.deepEqual(
    [facts.memoryBytes, facts.role, facts.offset, facts.backlog, facts.version],
    [null, null, null, null, null],
  );
  assert.equal(numberIn(new Map([['a', '']]), 'a'), null);
  assert.equal(fieldsOf({ kind: 'error', text: 'ERR' }).size, 0);
});

test('lag in time is the age of the first byte that is missing', () => {
  const meter = new LagMeter();
  assert.equal(meter.lagMs('m', 0, 0), null);
  meter.saw('m', 100, 1000);
  meter.saw('m', 200, 1500);
  meter.saw('m', 300, 2000);
  assert.equal(meter.lagMs('m', 300, 2500), 0);
  assert.equal(meter.lagMs('m', 150, 2500), 1000);
  assert.equal(meter.lagMs('m', 0, 2500), 1500);
  // Another history begins.
  meter.saw('m', 10, 3000);
  assert.equal(meter.lagMs('m', 5, 3100), 100);
});

test('the time line keeps a thousand events, numbered, and cuts long texts', () => {
  const timeline = new Timeline();
  for (let i = 0; i < 1500; i++) {
    timeline.add({
      ...{ atMs: i, node: 'fleet', kind: 'action', name: 'x', subject: null },
      text: 'y'.repeat(10_000),
    });
  }
  const { recent } = timeline;
  assert.equal(recent.length, 1000);
  assert.equal(recent.at(-1)?.id, 1500);
  assert.equal(recent[0].text.length, 500);
  assert.equal(timeline.recent, recent);
});
