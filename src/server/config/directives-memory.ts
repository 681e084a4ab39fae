// Memory limit and eviction, expiry, lazy freeing, encodings of the data types.
// One row a directive; see directive.ts.

import { noDefrag } from './checks.ts';
import type { Directive } from './directive.ts';
import {
  bool,
  enumeration,
  INT_MAX,
  integer,
  LONG_MAX,
  memory,
  ULONG_MAX,
} from './directive-kinds.ts';

const NO_DEFRAG = 'memory pages are compacted by the engine itself; activedefrag yes is refused';

export const memoryDirectives: readonly Directive[] = [
  memory('maxmemory', 'maxmemory', 0, ULONG_MAX, { apply: 'maxmemory' }),
  enumeration(
    'maxmemory-policy',
    'maxmemoryPolicy',
    [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ],
    { apply: 'maxmemoryPolicy' },
  ),
  integer('maxmemory-samples', 'maxmemorySamples', 1, INT_MAX),
  integer('maxmemory-eviction-tenacity', 'maxmemoryEvictionTenacity', 0, 100),
  integer('lfu-log-factor', 'lfuLogFactor', 0, INT_MAX),
  integer('lfu-decay-time', 'lfuDecayTime', 0, INT_MAX),
  integer('active-expire-effort', 'activeExpireEffort', 1, 10),
  bool('lazyfree-lazy-eviction', 'lazyfreeLazyEviction', { debug: true }),
  bool('lazyfree-lazy-expire', 'lazyfreeLazyExpire', { debug: true }),
  bool('lazyfree-lazy-server-del', 'lazyfreeLazyServerDel', { debug: true }),
  bool('lazyfree-lazy-user-del', 'lazyfreeLazyUserDel', { debug: true }),
  bool('lazyfree-lazy-user-flush', 'lazyfreeLazyUserFlush', { debug: true }),
  bool('activedefrag', 'activedefrag', { debug: true, check: noDefrag, accepted: NO_DEFRAG }),
  memory('active-defrag-ignore-bytes', 'activeDefragIgnoreBytes', 1, LONG_MAX, {
    accepted: NO_DEFRAG,
  }),
  integer('active-defrag-threshold-lower', 'activeDefragThresholdLower', 0, 1000, {
    accepted: NO_DEFRAG,
  }),
  integer('active-defrag-threshold-upper', 'activeDefragThresholdUpper', 0, 1000, {
    accepted: NO_DEFRAG,
  }),
  integer('active-defrag-cycle-min', 'activeDefragCycleMin', 1, 99, { accepted: NO_DEFRAG }),
  integer('active-defrag-cycle-max', 'activeDefragCycleMax', 1, 99, { accepted: NO_DEFRAG }),
  integer('active-defrag-max-scan-fields', 'activeDefragMaxScanFields', 1, LONG_MAX, {
    accepted: NO_DEFRAG,
  }),
  integer('hash-max-listpack-entries', 'hashMaxListpackEntries', 0, LONG_MAX, {
    alias: 'hash-max-ziplist-entries',
  }),
  memory('hash-max-listpack-value', 'hashMaxListpackValue', 0, LONG_MAX, {
    alias: 'hash-max-ziplist-value',
  }),
  integer('list-max-listpack-size', 'listMaxListpackSize', -INT_MAX - 1, INT_MAX, {
    alias: 'list-max-ziplist-size',
  }),
  integer('list-compress-depth', 'listCompressDepth', 0, INT_MAX, { debug: true }),
  integer('set-max-intset-entries', 'setMaxIntsetEntries', 0, LONG_MAX),
  integer('set-max-listpack-entries', 'setMaxListpackEntries', 0, LONG_MAX),
  integer('set-max-listpack-value', 'setMaxListpackValue', 0, LONG_MAX),
  integer('zset-max-listpack-entries', 'zsetMaxListpackEntries', 0, LONG_MAX, {
    alias: 'zset-max-ziplist-entries',
  }),
  memory('zset-max-listpack-value', 'zsetMaxListpackValue', 0, LONG_MAX, {
    alias: 'zset-max-ziplist-value',
  }),
  memory('stream-node-max-bytes', 'streamNodeMaxBytes', 0, LONG_MAX),
  integer('stream-node-max-entries', 'streamNodeMaxEntries', 0, LONG_MAX),
  memory('hll-sparse-max-bytes', 'hllSparseMaxBytes', 0, LONG_MAX),
];
