import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_REPLICAS, parseInfo } from './info-reply.ts';

const info = (...lines: string[]) => parseInfo(Buffer.from(`${lines.join('\r\n')}\r\n`));

test('a master with its replicas, in the form of today and that before Redis 2.8', () => {
  const report = info(
    '# Server',
    `run_id:${'a'.repeat(40)}`,
    'role:master',
    'slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0',
    'slave1:10.0.0.3,6380,online',
  );
  assert.equal(report.runId, 'a'.repeat(40));
  assert.equal(report.role, 'master');
  assert.deepEqual(report.replicas, [
    { host: '10.0.0.2', port: 6379 },
    { host: '10.0.0.3', port: 6380 },
  ]);
});

test('a replica', () => {
  const report = info(
    'role:slave',
    'master_host:10.0.0.1',
    'master_port:6379',
    'master_link_status:down',
    'master_link_down_since_seconds:12',
    'slave_priority:7',
    'slave_repl_offset:18446744073709551615',
    'replica_announced:0',
  );
  assert.equal(report.masterHost, '10.0.0.1');
  assert.equal(report.masterPort, 6379);
  assert.equal(report.isMasterLinkUp, false);
  assert.equal(report.masterLinkDownMs, 12_000);
  assert.equal(report.priority, 7);
  assert.equal(report.offset, 2n ** 64n - 1n);
  assert.equal(report.isAnnounced, false);
});

test('numbers that cannot be are held to what can', () => {
  const report = info(
    'role:slave',
    'master_port:-5',
    'master_link_down_since_seconds:-99999999999999999999',
    'slave_priority:99999999999999999999',
    'slave_repl_offset:-3',
    'slave0:ip=10.0.0.2,port=70000',
    'slave1:ip=10.0.0.2,port=-1',
    'slave2:ip=,port=1',
  );
  assert.equal(report.masterPort, 0);
  assert.equal(report.masterLinkDownMs, -1000);
  assert.equal(report.priority, 0x7fffffff);
  assert.equal(report.offset, 0n);
  assert.deepEqual(report.replicas, []);
});

test('ten thousand replicas are read up to the limit', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `slave${i}:ip=10.0.0.1,port=${i + 1}`);
  assert.equal(info('role:master', ...lines).replicas.length, MAX_REPLICAS);
});

test('what is beyond the first mebibyte is not looked at', () => {
  const text = `${'x'.repeat(2_000_000)}\r\nrole:master\r\n`;
  assert.equal(parseInfo(Buffer.from(text)).role, undefined);
});

test('HTTP, noise and lines without an end say nothing', () => {
  const report = parseInfo(Buffer.from('HTTP/1.1 400 Bad Request\r\nserver: x\r\nrole'));
  assert.equal(report.role, undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      parseInfo(Buffer.from(bytes));
    }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^(slave\d|role|run_id|master_port):[ -~]*$/)),
      (lines) => {
        info(...lines);
      },
    ),
  );
});
