import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeView } from '../fleet/fleet-view.ts';
import {
  finishedFailover,
  masterServer,
  replicaServer,
  sentinelView,
  steadyView,
  watchedNode,
} from './fleet-fixture.ts';
import { Metrics } from './metrics.ts';

const downstream = {
  node: 'server2',
  host: '127.0.0.1',
  port: 6380,
  state: 'online',
  offset: 900,
  lagSeconds: 0,
};

async function scrape(view = steadyView()): Promise<readonly string[]> {
  return (await new Metrics().text(view)).split('\n');
}

test("figures have redis_exporter's names and labels", async () => {
  const master = masterServer('server1', { replicas: [downstream] });
  const lines = await scrape(steadyView({ servers: [master, replicaServer('server2')] }));
  const one = 'node="server1",addr="127.0.0.1:6379"';
  const two = 'node="server2",addr="127.0.0.1:6380"';
  const upstream = `${two},master_host="127.0.0.1",master_port="6379"`;
  for (const line of [
    `redis_up{${one}} 1`,
    `redis_memory_used_bytes{${one}} 1500000`,
    `redis_commands_processed_total{${one}} 500`,
    `redis_master_repl_offset{${one}} 1000`,
    `redis_connected_slaves{${one}} 1`,
    `redis_replication_backlog_bytes{${one}} 1048576`,
    `redis_connected_slave_offset_bytes{${one},slave_ip="127.0.0.1",slave_port="6380",slave_state="online"} 900`,
    `redis_master_link_up{${upstream}} 1`,
    `redis_slave_repl_offset{${upstream}} 900`,
    `understudy_replica_lag_bytes{${two}} 100`,
    `understudy_replica_lag_milliseconds{${two}} 12`,
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(!lines.some((line) => line.startsWith(`redis_master_repl_offset{${two}`)));
});

test('each sentinel says what it finds', async () => {
  const doubting = sentinelView('sentinel1', {
    master: watchedNode('server1', { isSubjectivelyDown: true }),
    replicas: [watchedNode('server2'), watchedNode('server3', { isSubjectivelyDown: true })],
  });
  const lines = await scrape(steadyView({ sentinels: [doubting] }));
  const labels =
    'node="sentinel1",addr="127.0.0.1:26379",master_name="mymaster",master_address="127.0.0.1:6379"';
  for (const line of [
    `redis_sentinel_master_status{${labels},master_status="sdown"} 0`,
    `redis_sentinel_master_slaves{${labels}} 2`,
    `redis_sentinel_master_ok_slaves{${labels}} 1`,
    `redis_sentinel_master_sentinels{${labels}} 3`,
    `redis_sentinel_master_ok_sentinels{${labels}} 3`,
    'redis_sentinel_tilt{node="sentinel1",addr="127.0.0.1:26379"} 0',
  ]) {
    assert.ok(lines.includes(line), line);
  }
});

test('a node that is down has only that figure', async () => {
  const dead = masterServer('server1', { state: 'down' });
  const lines = (await scrape(steadyView({ servers: [dead], sentinels: [] }))).filter((line) =>
    line.includes('node="server1"'),
  );
  assert.deepEqual(lines, [
    'redis_up{node="server1",addr="127.0.0.1:6379"} 0',
    'understudy_node_state{node="server1",addr="127.0.0.1:6379",state="down"} 1',
  ]);
});

test('figures of before are gone when they are not true any more', async () => {
  const metrics = new Metrics();
  await metrics.text(steadyView());
  const text = await metrics.text(steadyView({ servers: [masterServer('server2')] }));
  assert.ok(!text.includes('node="server1"'));
});

test('each failover is counted once, and only when it has ended', async () => {
  const metrics = new Metrics();
  const done = finishedFailover(1);
  const running = finishedFailover(2, { outcome: 'running', durationMs: null, endedMs: null });
  metrics.observe(steadyView({ failovers: [done] }));
  metrics.observe(steadyView({ failovers: [done, running] }));
  const aborted = finishedFailover(2, { outcome: 'aborted', durationMs: null });
  metrics.observe(steadyView({ failovers: [done, aborted] }));
  const text = await metrics.text(steadyView({ failovers: [aborted] }));
  assert.match(text, /understudy_failovers_total\{outcome="done"\} 1/);
  assert.match(text, /understudy_failovers_total\{outcome="aborted"\} 1/);
  assert.match(text, /understudy_failover_duration_seconds_sum 1\.4/);
  assert.match(text, /understudy_failover_duration_seconds_bucket\{le="1\.5"\} 1/);
  assert.match(text, /understudy_last_failover_phase_seconds\{phase="election"\} 0\.3/);
});

test("the probe's figures are there when it was started", async () => {
  const probe: ProbeView = {
    isRunning: true,
    startedMs: 0,
    target: 'server1',
    attempted: 10,
    acknowledged: 8,
    failed: 2,
    lost: 1,
    duplicated: 0,
    longestGapMs: 90,
    latencyP99Ms: 2,
    seconds: [],
  };
  const lines = await scrape(steadyView({ probe }));
  for (const line of [
    'understudy_probe_acknowledged_total 8',
    'understudy_probe_failed_total 2',
    'understudy_probe_lost_writes 1',
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(!(await scrape()).some((line) => line.startsWith('understudy_probe')));
});
