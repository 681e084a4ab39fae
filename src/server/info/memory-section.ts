// INFO memory. What only Redis has, the Lua engine and links of a cluster, is 0.

import type { InfoLine } from '../../commands/shared/info/info-lines.ts';
import { formatMemorySize } from '../../util/memory-size.ts';
import type { InfoSource } from './info-source.ts';

export function memorySection(source: InfoSource): readonly InfoLine[] {
  const report = source.memory();
  const { settings, engine, host } = source;
  const { used, peak, startup, resident, allocatorAllocated, allocatorActive } = report;
  const { allocatorResident } = report;
  const net = Math.max(1, used - startup);
  return [
    ...withHuman('used_memory', used),
    ...withHuman('used_memory_rss', resident),
    ...withHuman('used_memory_peak', peak),
    ['used_memory_peak_perc', `${((used * 100) / Math.max(1, peak)).toFixed(2)}%`],
    ['used_memory_overhead', report.overhead],
    ['used_memory_startup', startup],
    ['used_memory_dataset', report.dataset],
    ['used_memory_dataset_perc', `${Math.min(100, (report.dataset * 100) / net).toFixed(2)}%`],
    ['allocator_allocated', allocatorAllocated],
    ['allocator_active', allocatorActive],
    ['allocator_resident', allocatorResident],
    ...withHuman('total_system_memory', host.totalMemoryBytes),
    ...scriptLines(),
    ...withHuman('maxmemory', settings.maxmemory),
    ['maxmemory_policy', settings.maxmemoryPolicy],
    ['allocator_frag_ratio', ratio(allocatorActive, allocatorAllocated)],
    ['allocator_frag_bytes', allocatorActive - allocatorAllocated],
    ['allocator_rss_ratio', ratio(allocatorResident, allocatorActive)],
    ['allocator_rss_bytes', allocatorResident - allocatorActive],
    ['rss_overhead_ratio', ratio(resident, allocatorResident)],
    ['rss_overhead_bytes', resident - allocatorResident],
    ['mem_fragmentation_ratio', ratio(resident, used)],
    ['mem_fragmentation_bytes', resident - used],
    [
      'mem_not_counted_for_evict',
      source.aof.writer.bufferedBytes + source.replication.slowReplicasBytes,
    ],
    ...streamLines(source),
    ['mem_clients_normal', report.clientsNormal],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', source.aof.isOn ? source.aof.writer.capacityBytes : 0],
    ['mem_allocator', 'understudy-arena'],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', engine.lazyFree.pending],
    ['lazyfreed_objects', engine.lazyFree.freed],
  ];
}

/** The backlog and what waits for replicas are one buffer; beyond the backlog's size it is theirs. */
function streamLines({ replication }: InfoSource): readonly InfoLine[] {
  const { memoryBytes, limitBytes } = replication.backlog;
  const hasReplicas = replication.master.replicas.length > 0;
  const excess = hasReplicas ? Math.max(0, memoryBytes - limitBytes) : 0;
  return [
    ['mem_replication_backlog', memoryBytes - excess],
    ['mem_total_replication_buffers', memoryBytes],
    ['mem_clients_slaves', excess],
  ];
}

function scriptLines(): readonly InfoLine[] {
  return [
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', formatMemorySize(0)],
    ['used_memory_scripts_eval', 0],
    ['number_of_cached_scripts', 0],
    ['number_of_functions', 0],
    ['number_of_libraries', 0],
    ['used_memory_vm_functions', 0],
    ['used_memory_vm_total', 0],
    ['used_memory_vm_total_human', formatMemorySize(0)],
    ['used_memory_functions', 0],
    ['used_memory_scripts', 0],
    ['used_memory_scripts_human', formatMemorySize(0)],
  ];
}

function withHuman(name: string, bytes: number): readonly InfoLine[] {
  return [
    [name, bytes],
    [`${name}_human`, formatMemorySize(bytes)],
  ];
}

function ratio(a: number, b: number): string {
  return (a / Math.max(1, b)).toFixed(2);
}
