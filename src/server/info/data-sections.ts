// INFO's sections about the data: persistence, replication, keyspace. What an AOF and replication would
// bring is printed as Redis prints it of a master that has neither.

import type { InfoLine, InfoSource } from './info-source.ts';

export function persistenceSection(source: InfoSource): readonly InfoLine[] {
  const { persistence } = source;
  const { keysToSave, keysSaved } = persistence;
  const share = keysToSave === 0 ? 0 : Math.min(100, (100 * keysSaved) / keysToSave);
  return [
    ['loading', persistence.loading === undefined ? 0 : 1],
    ['async_loading', 0],
    ['current_cow_peak', 0],
    ['current_cow_size', 0],
    ['current_cow_size_age', 0],
    ['current_fork_perc', share.toFixed(2)],
    ['current_save_keys_processed', keysSaved],
    ['current_save_keys_total', keysToSave],
    ['rdb_changes_since_last_save', persistence.changesSinceSave],
    ['rdb_bgsave_in_progress', persistence.isSaving ? 1 : 0],
    ['rdb_last_save_time', persistence.lastSaveSeconds],
    ['rdb_last_bgsave_status', persistence.lastSaveOk ? 'ok' : 'err'],
    ['rdb_last_bgsave_time_sec', persistence.lastBackgroundSeconds],
    ['rdb_current_bgsave_time_sec', persistence.currentSeconds],
    ['rdb_saves', persistence.saves],
    ['rdb_last_cow_size', 0],
    ['rdb_last_load_keys_expired', persistence.lastKeysExpired],
    ['rdb_last_load_keys_loaded', persistence.lastKeysLoaded],
    ['aof_enabled', 0],
    ['aof_rewrite_in_progress', 0],
    ['aof_rewrite_scheduled', 0],
    ['aof_last_rewrite_time_sec', -1],
    ['aof_current_rewrite_time_sec', -1],
    ['aof_last_bgrewrite_status', 'ok'],
    ['aof_rewrites', 0],
    ['aof_rewrites_consecutive_failures', 0],
    ['aof_last_write_status', 'ok'],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ...loadingLines(source),
  ];
}

/** How far the loading is, while it is. */
function loadingLines({ persistence, clock }: InfoSource): readonly InfoLine[] {
  const { loading } = persistence;
  if (loading === undefined) return [];
  const { totalBytes, loadedBytes, startedMs } = loading;
  const elapsed = Math.floor((clock.wallMs() - startedMs) / 1000);
  const rest = totalBytes - loadedBytes;
  const eta = loadedBytes === 0 || elapsed === 0 ? 1 : Math.floor((elapsed * rest) / loadedBytes);
  return [
    ['loading_start_time', Math.floor(startedMs / 1000)],
    ['loading_total_bytes', totalBytes],
    ['loading_rdb_used_mem', Number(loading.loader.facts.get('used-mem') ?? 0)],
    ['loading_loaded_bytes', loadedBytes],
    ['loading_loaded_perc', ((100 * loadedBytes) / Math.max(1, totalBytes)).toFixed(2)],
    ['loading_eta_seconds', eta],
  ];
}

export function replicationSection(source: InfoSource): readonly InfoLine[] {
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
    ['master_replid', source.replication.id],
    ['master_replid2', '0'.repeat(40)],
    ['master_repl_offset', source.replication.offset],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', source.settings.replBacklogSize],
    ['repl_backlog_first_byte_offset', 0],
    ['repl_backlog_histlen', 0],
  ];
}

export function keyspaceSection({ engine }: InfoSource): readonly InfoLine[] {
  return engine.databases
    .filter((db) => db.keyCount > 0)
    .map((db) => [
      `db${db.index}`,
      `keys=${db.keyCount},expires=${db.expiryCount},avg_ttl=${Math.floor(db.averageTtlMs)}`,
    ]);
}
