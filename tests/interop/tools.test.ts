// What programs that look at a server ask of it, request by request: redis_exporter's scrape,
// RedisInsight's and BullMQ's first questions, and the first questions of client libraries that are
// not installed here. The programs themselves are not run.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { render } from '../support/render-reply.ts';
import { type Reply, RespConnection } from '../support/resp-connection.ts';
import { type RunningServer, startServer, subject } from '../support/server-process.ts';

let server: RunningServer;
let connection: RespConnection;

before(async () => {
  server = await startServer(subject);
  connection = await RespConnection.open(server.port);
});

after(async () => {
  connection?.close();
  await server?.stop();
});

async function ask(request: string): Promise<string> {
  return render(await connection.call(...request.split(' ')));
}

function textOf(reply: Reply): string {
  assert.ok(reply.type === 'bulk' || reply.type === 'verbatim', `a reply of type ${reply.type}`);
  return reply.bytes.toString();
}

/** The fields of INFO, its form checked line by line as parsers rely on it. */
async function info(section: string): Promise<ReadonlyMap<string, string>> {
  const text = textOf(await connection.call('INFO', section));
  const fields = new Map<string, string>();
  assert.ok(text.endsWith('\r\n'));
  for (const line of text.slice(0, -2).split('\r\n')) {
    assert.doesNotMatch(line, /[\r\n]/);
    if (line === '') continue;
    if (line.startsWith('#')) {
      assert.match(line, /^# [A-Z][A-Za-z_]*$/);
      continue;
    }
    const colon = line.indexOf(':');
    assert.ok(colon > 0, line);
    assert.ok(!fields.has(line.slice(0, colon)), `${line} comes twice`);
    fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

const integer = /^-?\d+$/;
const natural = /^\d+$/;
const decimal = /^-?\d+\.\d+$/;
const flag = /^[01]$/;
const status = /^(ok|err)$/;

/** The fields that dashboards and alarms are made of. */
const scraped: Readonly<Record<string, RegExp>> = {
  redis_version: /^7\.2\.\d+$/,
  redis_mode: /^standalone$/,
  arch_bits: /^64$/,
  run_id: /^[0-9a-f]{40}$/,
  process_id: natural,
  tcp_port: natural,
  uptime_in_seconds: natural,
  config_file: /^/,
  connected_clients: natural,
  blocked_clients: natural,
  tracking_clients: natural,
  maxclients: natural,
  client_recent_max_input_buffer: natural,
  client_recent_max_output_buffer: natural,
  used_memory: natural,
  used_memory_rss: natural,
  used_memory_peak: natural,
  used_memory_lua: natural,
  used_memory_scripts: natural,
  used_memory_overhead: natural,
  used_memory_startup: natural,
  used_memory_dataset: natural,
  maxmemory: natural,
  maxmemory_policy: /^noeviction$/,
  mem_fragmentation_ratio: decimal,
  mem_fragmentation_bytes: integer,
  mem_clients_normal: natural,
  mem_clients_slaves: natural,
  mem_aof_buffer: natural,
  mem_not_counted_for_evict: natural,
  mem_replication_backlog: natural,
  allocator_active: natural,
  allocator_allocated: natural,
  allocator_resident: natural,
  allocator_frag_ratio: decimal,
  lazyfree_pending_objects: natural,
  lazyfreed_objects: natural,
  active_defrag_running: natural,
  loading: flag,
  rdb_changes_since_last_save: natural,
  rdb_bgsave_in_progress: flag,
  rdb_last_save_time: natural,
  rdb_last_bgsave_status: status,
  rdb_last_bgsave_time_sec: integer,
  rdb_current_bgsave_time_sec: integer,
  rdb_last_cow_size: natural,
  aof_enabled: flag,
  aof_rewrite_in_progress: flag,
  aof_rewrite_scheduled: flag,
  aof_last_rewrite_time_sec: integer,
  aof_current_rewrite_time_sec: integer,
  aof_last_bgrewrite_status: status,
  aof_last_write_status: status,
  aof_last_cow_size: natural,
  total_connections_received: natural,
  total_commands_processed: natural,
  instantaneous_ops_per_sec: natural,
  instantaneous_input_kbps: decimal,
  instantaneous_output_kbps: decimal,
  total_net_input_bytes: natural,
  total_net_output_bytes: natural,
  rejected_connections: natural,
  sync_full: natural,
  sync_partial_ok: natural,
  sync_partial_err: natural,
  expired_keys: natural,
  expired_stale_perc: decimal,
  expired_time_cap_reached_count: natural,
  expire_cycle_cpu_milliseconds: natural,
  evicted_keys: natural,
  evicted_clients: natural,
  keyspace_hits: natural,
  keyspace_misses: natural,
  pubsub_channels: natural,
  pubsub_patterns: natural,
  latest_fork_usec: natural,
  migrate_cached_sockets: natural,
  slave_expires_tracked_keys: natural,
  total_error_replies: natural,
  total_reads_processed: natural,
  total_writes_processed: natural,
  acl_access_denied_auth: natural,
  role: /^master$/,
  connected_slaves: natural,
  master_failover_state: /^no-failover$/,
  master_replid: /^[0-9a-f]{40}$/,
  master_repl_offset: natural,
  second_repl_offset: integer,
  repl_backlog_active: flag,
  repl_backlog_size: natural,
  repl_backlog_first_byte_offset: natural,
  repl_backlog_histlen: natural,
  used_cpu_sys: decimal,
  used_cpu_user: decimal,
  used_cpu_sys_children: decimal,
  used_cpu_user_children: decimal,
  cluster_enabled: /^0$/,
};

describe('redis_exporter', () => {
  test('finds the fields that it maps, each in its form', async () => {
    await ask('SET k v');
    await ask('SET volatile v EX 1000');
    await ask('NOSUCHCOMMAND');
    const fields = await info('ALL');
    for (const [name, form] of Object.entries(scraped)) {
      assert.match(fields.get(name) ?? 'missing', form, name);
    }
    assert.match(fields.get('db0') ?? 'missing', /^keys=2,expires=1,avg_ttl=\d+$/);
    assert.match(
      fields.get('cmdstat_set') ?? 'missing',
      /^calls=2,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=0,failed_calls=0$/,
    );
    assert.match(
      fields.get('latency_percentiles_usec_set') ?? 'missing',
      /^p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d+\.\d{3}$/,
    );
    assert.match(fields.get('errorstat_ERR') ?? 'missing', /^count=\d+$/);
    // Old clients wait for a link to a master as soon as there is a word about one.
    assert.ok(!fields.has('master_link_status'));
  });

  test('gets a usable reply to everything else that it asks', async () => {
    assert.equal(await ask('CLIENT SETNAME redis_exporter'), '+OK');
    const config = await connection.call('CONFIG', 'GET', '*');
    assert.ok(config.type === 'array' && config.items.length >= 2 * 150);
    assert.match(textOf(await connection.call('INFO', 'MODULES')), /^# Modules\r\n/);
    assert.match(await ask('SLOWLOG LEN'), /^\d+$/);
    assert.match(await ask('SLOWLOG GET 1'), /^\[/);
    assert.equal(await ask('LATENCY LATEST'), '[]');
    assert.match(await ask('LATENCY HISTOGRAM'), /^\["/);
    assert.match(await ask('COMMAND INFO COMMANDLOG'), /^\[nil(\[\])?\]$/);
    assert.match(await ask('SENTINEL MASTERS'), /^-ERR unknown command/);
    assert.match(await ask('CLUSTER INFO'), /^-ERR This instance has cluster support disabled/);
    assert.match(await ask('CLIENT LIST'), /name=redis_exporter /);
  });
});

test("RedisInsight's first questions", async () => {
  assert.equal((await info('default')).get('redis_mode'), 'standalone');
  assert.equal(await ask('MODULE LIST'), '[]');
  assert.match(await ask('COMMAND INFO FT.SEARCH JSON.GET TS.GET'), /^\[(nil(, )?){3}\]$/);
  assert.equal(await ask('CONFIG GET databases'), '["databases", "16"]');
  assert.match(await ask('CLIENT LIST'), /^"id=\d+ addr=127\.0\.0\.1:\d+ laddr=/);
  await ask('FLUSHALL');
  await ask('SET k v');
  assert.equal(await ask('DBSIZE'), '1');
  assert.equal(await ask('SCAN 0 MATCH * COUNT 10000'), '["0", ["k"]]');
  assert.equal(await ask('TYPE k'), '+string');
  assert.equal(await ask('TTL k'), '-1');
  assert.match(await ask('MEMORY USAGE k SAMPLES 0'), /^[1-9]\d*$/);
  assert.equal(await ask('CONFIG GET slowlog*'), await ask('CONFIG GET slowlog*'));
  assert.match(await ask('SENTINEL MASTERS'), /^-ERR unknown command/);
  assert.equal(await ask('ACL WHOAMI'), '"default"');
});

test("BullMQ's first questions, and what its workers wait with", async () => {
  const fields = await info('default');
  assert.match(fields.get('redis_version') ?? '', /^[5-9]\.\d+\.\d+$/);
  assert.equal(fields.get('maxmemory_policy'), 'noeviction');
  assert.ok(!fields.has('valkey_version'));
  assert.equal(await ask('CLIENT SETNAME bull:cXVldWU='), '+OK');
  assert.match(await ask('CLIENT LIST'), / name=bull:cXVldWU= /);
  assert.equal(await ask('BZPOPMIN bull:queue:marker 0.001'), 'nil[]');
  assert.equal(await ask('XREAD BLOCK 1 STREAMS bull:queue:events $'), 'nil[]');
});

test('what other libraries send at connect, in one write', async () => {
  const other = await RespConnection.open(server.port);
  const requests = [
    'HELLO 3',
    'CLIENT MAINT_NOTIFICATIONS ON moving-endpoint-type internal-ip',
    'CLIENT SETNAME worker',
    'CLIENT SETINFO LIB-NAME redis-py',
    'CLIENT SETINFO LIB-VER 8.0.0',
    'SELECT 1',
    'READONLY',
    'CLIENT TRACKING ON',
    'PING',
  ];
  for (const request of requests) other.send(request.split(' '));
  const replies: string[] = [];
  for (const request of requests) replies.push(render(await other.next(`the reply to ${request}`)));
  assert.match(replies[0], /^\{"server": "redis", "version": "7\.2\.\d+", "proto": 3, "id": \d+,/);
  assert.match(replies[0], /"mode": "standalone", "role": "master", "modules": \[\]\}$/);
  assert.match(replies[1], /^-ERR unknown subcommand 'MAINT_NOTIFICATIONS'/);
  const ok = '+OK';
  assert.deepEqual(replies.slice(2, 6), [ok, ok, ok, ok]);
  assert.match(replies[6], /^-ERR This instance has cluster support disabled/);
  assert.deepEqual(replies.slice(7), [ok, '+PONG']);
  other.close();
});
