// MEMORY: what a key takes, and how the process's memory is divided.

import { type Command, keyAt } from '../../dispatch/command.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { DataCommand, DataSession, MemoryReport } from '../context.ts';
import { helpCommand } from './help.ts';
import { memoryAdvice } from './memory-advice.ts';
import { memoryUsage } from './memory-usage.ts';

const toAllShards = [
  'nondeterministic_output',
  'request_policy:all_shards',
  'response_policy:special',
] as const;

const doctor: DataCommand = {
  name: 'doctor',
  summary: 'Returns a report on memory for people.',
  since: '4.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: 2,
  flags: [],
  tips: toAllShards,
  run(session, _request, reply) {
    reply.verbatim('txt', memoryAdvice(session.server.host.memory()));
  },
};

const mallocStats: DataCommand = {
  name: 'malloc-stats',
  summary: 'Says that there is no allocator to ask.',
  since: '4.0.0',
  group: 'server',
  complexity: 'Depends on how much memory is allocated, could be slow',
  arity: 2,
  flags: [],
  tips: toAllShards,
  run(_session, _request, reply) {
    reply.text('Stats not supported for the current allocator');
  },
};

const purge: DataCommand = {
  name: 'purge',
  summary: 'Does nothing: memory that is held for nothing goes back by itself.',
  since: '4.0.0',
  group: 'server',
  complexity: 'Depends on how much memory is allocated, could be slow',
  arity: 2,
  flags: [],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  run(_session, _request, reply) {
    reply.ok();
  },
};

const stats: DataCommand = {
  name: 'stats',
  summary: 'Returns how memory is used.',
  since: '4.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: 2,
  flags: [],
  tips: toAllShards,
  run(session, _request, reply) {
    const { host } = session.server;
    const { isOpen, capacityBytes } = host.aof.writer;
    replyStats(host.memory(), isOpen ? capacityBytes : 0, reply);
  },
};

/** Fields beside those of the databases. */
const STATS_FIELDS = 27;

function replyStats(report: MemoryReport, aofBytes: number, reply: ReplyWriter): void {
  const count = (name: string, value: number): void => {
    reply.text(name);
    reply.integer(Math.round(value));
  };
  const ratio = (name: string, value: number): void => {
    reply.text(name);
    reply.double(value);
  };
  const { used, startup, allocatorAllocated, allocatorActive, allocatorResident } = report;
  const net = Math.max(1, used - startup);
  reply.map(STATS_FIELDS + report.databases.length);
  count('peak.allocated', report.peak);
  count('total.allocated', used);
  count('startup.allocated', startup);
  count('replication.backlog', 0);
  count('clients.slaves', 0);
  count('clients.normal', report.clientsNormal);
  count('cluster.links', 0);
  count('aof.buffer', aofBytes);
  count('lua.caches', 0);
  count('functions.caches', 0);
  for (const { index, tableBytes } of report.databases) {
    reply.text(`db.${index}`);
    reply.map(3);
    count('overhead.hashtable.main', tableBytes);
    // The expiry is in the key's record.
    count('overhead.hashtable.expires', 0);
    count('overhead.hashtable.slot-to-keys', 0);
  }
  count('overhead.total', report.overhead);
  count('keys.count', report.keys);
  count('keys.bytes-per-key', report.keys === 0 ? 0 : Math.floor(net / report.keys));
  count('dataset.bytes', report.dataset);
  ratio('dataset.percentage', Math.min(100, (report.dataset * 100) / net));
  ratio('peak.percentage', (used * 100) / Math.max(1, report.peak));
  count('allocator.allocated', allocatorAllocated);
  count('allocator.active', allocatorActive);
  count('allocator.resident', allocatorResident);
  ratio('allocator-fragmentation.ratio', allocatorActive / Math.max(1, allocatorAllocated));
  count('allocator-fragmentation.bytes', allocatorActive - allocatorAllocated);
  ratio('allocator-rss.ratio', allocatorResident / Math.max(1, allocatorActive));
  count('allocator-rss.bytes', allocatorResident - allocatorActive);
  ratio('rss-overhead.ratio', report.resident / Math.max(1, allocatorResident));
  count('rss-overhead.bytes', report.resident - allocatorResident);
  ratio('fragmentation', report.resident / Math.max(1, used));
  count('fragmentation.bytes', report.resident - used);
}

const DEFAULT_SAMPLES = 5;

const usage: Command<DataSession> = {
  name: 'usage',
  summary: 'Returns the bytes that a key and its value take.',
  since: '4.0.0',
  group: 'server',
  complexity: 'O(N) where N is the number of samples.',
  arity: -3,
  flags: ['readonly'],
  keys: [keyAt(2, 'RO')],
  syntax: 'key [SAMPLES count:integer]',
  run(session, request, reply) {
    let samples = DEFAULT_SAMPLES;
    for (let i = 3; i < request.count; i += 2) {
      if (!request.is(i, 'SAMPLES') || i + 1 === request.count) return reply.error(errors.syntax);
      samples = request.integer(i + 1);
      if (Number.isNaN(samples)) return reply.error(errors.notInteger);
      if (samples < 0) return reply.error(errors.syntax);
    }
    const { db } = session;
    const ref = db.lookupRaw(request.buffer, request.starts[2], request.ends[2]);
    if (ref === 0) reply.null();
    else reply.integer(memoryUsage(db, ref, samples));
  },
};

export const memory: DataCommand = {
  name: 'memory',
  summary: 'A container for memory diagnostics commands.',
  since: '4.0.0',
  group: 'server',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [
    doctor,
    helpCommand('4.0.0', [
      'DOCTOR',
      '    A report on memory for people.',
      'MALLOC-STATS',
      '    What the allocator tells: nothing here.',
      'PURGE',
      '    Does nothing: pages that are empty go back to the system by themselves.',
      'STATS',
      '    How memory is used.',
      'USAGE <key> [SAMPLES <count>]',
      '    The bytes that a key and its value take. Of a large value <count> members are looked',
      '    at (5 unless told, 0: all).',
    ]),
    mallocStats,
    purge,
    stats,
    usage,
  ],
};
