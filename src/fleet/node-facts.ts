// What a node says of itself, read from its answers. A node may be another program or broken: every
// field may be absent, and absent is null.

import type { Reply } from '../protocol/reply-reader.ts';
import type { BacklogView, ServerRole } from './fleet-view.ts';
import { fieldsOf, infoFields, type NodeLink, numberIn } from './node-link.ts';

export interface CommonFacts {
  readonly version: string | null;
  readonly memoryBytes: number | null;
  readonly opsPerSecond: number | null;
  readonly connectedClients: number | null;
}

export interface DownstreamFacts {
  readonly host: string;
  readonly port: number;
  readonly state: string;
  readonly offset: number;
  readonly lagSeconds: number;
}

export interface UpstreamFacts {
  readonly host: string;
  readonly port: number;
  readonly link: 'up' | 'down';
  readonly isSyncing: boolean;
  readonly secondsSinceIo: number | null;
}

export interface ServerFacts extends CommonFacts {
  readonly role: ServerRole | null;
  readonly isLoading: boolean;
  readonly replicationId: string | null;
  readonly offset: number | null;
  readonly backlog: BacklogView | null;
  readonly upstream: UpstreamFacts | null;
  readonly replicas: readonly DownstreamFacts[];
  readonly keys: number | null;
  readonly fullSyncs: number | null;
  readonly partialSyncs: number | null;
  readonly commandsProcessed: number | null;
}

export interface WatchedFacts {
  readonly host: string;
  readonly port: number;
  readonly flags: readonly string[];
  readonly lastPingReplyMs: number | null;
  readonly runId: string | null;
}

export interface SentinelFacts extends CommonFacts {
  readonly id: string | null;
  readonly configEpoch: number | null;
  readonly isTilt: boolean;
  readonly failoverState: string;
  readonly quorum: number | null;
  readonly master: WatchedFacts | null;
  readonly replicas: readonly WatchedFacts[];
  readonly sentinels: readonly WatchedFacts[];
}

/** Rejects when the link ends or the node refuses. */
export async function askServer(link: NodeLink): Promise<ServerFacts> {
  const reply = await link.ask('INFO');
  if (reply.kind === 'error') throw new Error(reply.text);
  return serverFacts(infoFields(reply));
}

export async function askSentinel(link: NodeLink, masterName: string): Promise<SentinelFacts> {
  const [info, myId, master, replicas, sentinels] = await Promise.all([
    link.ask('INFO'),
    link.ask('SENTINEL', 'MYID'),
    link.ask('SENTINEL', 'MASTER', masterName),
    link.ask('SENTINEL', 'REPLICAS', masterName),
    link.ask('SENTINEL', 'SENTINELS', masterName),
  ]);
  if (info.kind === 'error') throw new Error(info.text);
  const fields = infoFields(info);
  const watched = fieldsOf(master);
  return {
    ...commonFacts(fields),
    id: myId.kind === 'bulk' ? myId.bytes.toString('latin1') : null,
    configEpoch: numberIn(watched, 'config-epoch'),
    isTilt: fields.get('sentinel_tilt') === '1',
    failoverState: watched.get('failover-state') ?? 'none',
    quorum: numberIn(watched, 'quorum'),
    master: watchedFacts(watched),
    replicas: listOf(replicas),
    sentinels: listOf(sentinels),
  };
}

export function serverFacts(fields: ReadonlyMap<string, string>): ServerFacts {
  const role = roleOf(fields.get('role'));
  return {
    ...commonFacts(fields),
    role,
    isLoading: fields.get('loading') === '1' || fields.get('async_loading') === '1',
    replicationId: fields.get('master_replid') ?? null,
    offset:
      numberIn(fields, role === 'replica' ? 'slave_repl_offset' : 'master_repl_offset') ??
      numberIn(fields, 'master_repl_offset'),
    backlog: backlogOf(fields),
    upstream: role === 'replica' ? upstreamOf(fields) : null,
    replicas: downstreams(fields),
    keys: keysOf(fields),
    fullSyncs: numberIn(fields, 'sync_full'),
    partialSyncs: numberIn(fields, 'sync_partial_ok'),
    commandsProcessed: numberIn(fields, 'total_commands_processed'),
  };
}

function commonFacts(fields: ReadonlyMap<string, string>): CommonFacts {
  const ours = fields.get('understudy_version');
  const valkey = fields.get('valkey_version');
  const redis = fields.get('redis_version');
  const version =
    (ours !== undefined && `understudy ${ours}`) ||
    (valkey !== undefined && `valkey ${valkey}`) ||
    (redis !== undefined && `redis ${redis}`) ||
    null;
  return {
    version,
    memoryBytes: numberIn(fields, 'used_memory'),
    opsPerSecond: numberIn(fields, 'instantaneous_ops_per_sec'),
    connectedClients: numberIn(fields, 'connected_clients'),
  };
}

function roleOf(word: string | undefined): ServerRole | null {
  if (word === 'master') return 'master';
  return word === 'slave' ? 'replica' : null;
}

function backlogOf(fields: ReadonlyMap<string, string>): BacklogView | null {
  if (fields.get('repl_backlog_active') !== '1') return null;
  const first = numberIn(fields, 'repl_backlog_first_byte_offset');
  const length = numberIn(fields, 'repl_backlog_histlen');
  const size = numberIn(fields, 'repl_backlog_size');
  return first === null || length === null || size === null ? null : { first, length, size };
}

function upstreamOf(fields: ReadonlyMap<string, string>): UpstreamFacts | null {
  const host = fields.get('master_host');
  const port = numberIn(fields, 'master_port');
  if (host === undefined || port === null) return null;
  const silence = numberIn(fields, 'master_last_io_seconds_ago');
  return {
    host,
    port,
    link: fields.get('master_link_status') === 'up' ? 'up' : 'down',
    isSyncing: fields.get('master_sync_in_progress') === '1',
    secondsSinceIo: silence === -1 ? null : silence,
  };
}

/** Lines such as `slave0:ip=127.0.0.1,port=6380,state=online,offset=42,lag=1`. */
function downstreams(fields: ReadonlyMap<string, string>): DownstreamFacts[] {
  const found: DownstreamFacts[] = [];
  for (const [name, value] of fields) {
    if (!/^slave\d+$/.test(name)) continue;
    const parts = new Map(value.split(',').map((part) => keyAndValue(part)));
    const port = numberIn(parts, 'port');
    const host = parts.get('ip');
    if (host === undefined || port === null) continue;
    found.push({
      host,
      port,
      state: parts.get('state') ?? '',
      offset: numberIn(parts, 'offset') ?? 0,
      lagSeconds: numberIn(parts, 'lag') ?? 0,
    });
  }
  return found;
}

function keysOf(fields: ReadonlyMap<string, string>): number | null {
  let sum = 0;
  for (const [name, value] of fields) {
    if (/^db\d+$/.test(name)) sum += Number(/keys=(\d+)/.exec(value)?.[1] ?? 0);
  }
  return fields.size === 0 ? null : sum;
}

function keyAndValue(part: string): [string, string] {
  const at = part.indexOf('=');
  return [part.slice(0, at), part.slice(at + 1)];
}

function listOf(reply: Reply): WatchedFacts[] {
  if (reply.kind !== 'array') return [];
  return reply.items.flatMap((item) => watchedFacts(fieldsOf(item)) ?? []);
}

function watchedFacts(fields: ReadonlyMap<string, string>): WatchedFacts | null {
  const host = fields.get('ip');
  const port = numberIn(fields, 'port');
  if (host === undefined || port === null) return null;
  return {
    host,
    port,
    flags: (fields.get('flags') ?? '').split(',').filter((flag) => flag !== ''),
    lastPingReplyMs: numberIn(fields, 'last-ok-ping-reply'),
    runId: fields.get('runid') || null,
  };
}
