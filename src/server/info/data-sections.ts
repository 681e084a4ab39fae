// INFO's sections about the data: persistence and keyspace.

import type { InfoLine } from '../../commands/shared/info/info-lines.ts';
import type { InfoSource } from './info-source.ts';

export function persistenceSection(source: InfoSource): readonly InfoLine[] {
  const { persistence } = source;
  const { aof } = source;
  const keysToSave = persistence.keysToSave + aof.keysToRewrite;
  const keysSaved = persistence.keysSaved + aof.keysRewritten;
  const share = keysToSave === 0 ? 0 : Math.min(100, (100 * keysSaved) / keysToSave);
  return [
    ['loading', persistence.loading?.isAsync === false ? 1 : 0],
    ['async_loading', persistence.loading?.isAsync === true ? 1 : 0],
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
    ['aof_enabled', aof.isOn ? 1 : 0],
    ['aof_rewrite_in_progress', aof.isRewriting ? 1 : 0],
    ['aof_rewrite_scheduled', aof.isRewriteScheduled ? 1 : 0],
    ['aof_last_rewrite_time_sec', aof.lastRewriteSeconds],
    ['aof_current_rewrite_time_sec', aof.rewriteSeconds],
    ['aof_last_bgrewrite_status', aof.lastRewriteOk ? 'ok' : 'err'],
    ['aof_rewrites', aof.rewrites],
    ['aof_rewrites_consecutive_failures', aof.limit.consecutiveFailures],
    ['aof_last_write_status', aof.failure === undefined ? 'ok' : 'err'],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ...aofLines(source),
    ...loadingLines(source),
  ];
}

function aofLines({ aof, settings }: InfoSource): readonly InfoLine[] {
  if (!settings.appendonly) return [];
  return [
    ['aof_current_size', aof.currentSize],
    ['aof_base_size', aof.baseSize],
    ['aof_pending_rewrite', aof.isRewriteScheduled ? 1 : 0],
    ['aof_buffer_length', aof.writer.bufferedBytes],
    ['aof_pending_bio_fsync', aof.writer.isSyncing ? 1 : 0],
    ['aof_delayed_fsync', aof.writer.delayedSyncs],
  ];
}

/** How far the loading is, while it is. */
function loadingLines({ persistence, clock }: InfoSource): readonly InfoLine[] {
  const { loading } = persistence;
  if (loading === undefined) return [];
  const { loadedBytes, startedMs } = loading;
  // A stream without a length is judged by what its writer took, as Redis does.
  const totalBytes = loading.totalBytes || loading.usedMemory;
  const elapsed = Math.floor((clock.wallMs() - startedMs) / 1000);
  const rest = totalBytes - loadedBytes;
  const eta = loadedBytes === 0 || elapsed === 0 ? 1 : Math.floor((elapsed * rest) / loadedBytes);
  return [
    ['loading_start_time', Math.floor(startedMs / 1000)],
    ['loading_total_bytes', totalBytes],
    ['loading_rdb_used_mem', loading.usedMemory],
    ['loading_loaded_bytes', loadedBytes],
    ['loading_loaded_perc', ((100 * loadedBytes) / Math.max(1, totalBytes)).toFixed(2)],
    ['loading_eta_seconds', eta],
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
