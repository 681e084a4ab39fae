// RDB and AOF.
// One row a directive; see directive.ts.

import { baseName } from './checks.ts';
import type { Directive } from './directive.ts';
import {
  bool,
  enumeration,
  INT_MAX,
  integer,
  LONG_MAX,
  memory,
  string,
} from './directive-kinds.ts';
import { savePoints } from './directive-specials.ts';

export const persistenceDirectives: readonly Directive[] = [
  savePoints,
  string('dbfilename', 'dbfilename', {
    protected: true,
    check: baseName('dbfilename', 'filename'),
  }),
  bool('rdbcompression', 'rdbcompression'),
  bool('rdbchecksum', 'rdbchecksum', { immutable: true }),
  integer('rdb-target-version', 'rdbTargetVersion', 9, 11),
  bool('rdb-del-sync-files', 'rdbDelSyncFiles'),
  bool('rdb-save-incremental-fsync', 'rdbSaveIncrementalFsync'),
  integer('rdb-key-save-delay', 'rdbKeySaveDelay', -INT_MAX - 1, INT_MAX, {
    hidden: true,
  }),
  integer('key-load-delay', 'keyLoadDelay', -INT_MAX - 1, INT_MAX, {
    hidden: true,
  }),
  enumeration('sanitize-dump-payload', 'sanitizeDumpPayload', ['no', 'yes', 'clients'], {
    debug: true,
  }),
  bool('stop-writes-on-bgsave-error', 'stopWritesOnBgsaveError', { apply: 'persistence' }),
  integer(
    'loading-process-events-interval-bytes',
    'loadingProcessEventsIntervalBytes',
    1024,
    INT_MAX,
    { hidden: true },
  ),
  bool('appendonly', 'appendonly', { denyLoading: true, apply: 'appendonly' }),
  string('appendfilename', 'appendfilename', {
    immutable: true,
    check: baseName('appendfilename', 'filename', true),
  }),
  string('appenddirname', 'appenddirname', {
    immutable: true,
    check: baseName('appenddirname', 'dirname', true),
  }),
  enumeration('appendfsync', 'appendfsync', ['everysec', 'always', 'no']),
  bool('no-appendfsync-on-rewrite', 'noAppendfsyncOnRewrite'),
  integer('auto-aof-rewrite-percentage', 'autoAofRewritePercentage', 0, INT_MAX),
  memory('auto-aof-rewrite-min-size', 'autoAofRewriteMinSize', 0, LONG_MAX),
  bool('aof-load-truncated', 'aofLoadTruncated'),
  bool('aof-use-rdb-preamble', 'aofUseRdbPreamble'),
  bool('aof-timestamp-enabled', 'aofTimestampEnabled'),
  bool('aof-rewrite-incremental-fsync', 'aofRewriteIncrementalFsync'),
  bool('aof-disable-auto-gc', 'aofDisableAutoGc', { hidden: true, apply: 'aofHistory' }),
];
