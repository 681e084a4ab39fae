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

const LATER_PERSISTENCE = 'kept and reported; there is no append-only file yet';

export const persistenceDirectives: readonly Directive[] = [
  savePoints,
  string('dbfilename', 'dbfilename', {
    protected: true,
    check: baseName('dbfilename', 'filename'),
  }),
  bool('rdbcompression', 'rdbcompression'),
  bool('rdbchecksum', 'rdbchecksum', { immutable: true }),
  integer('rdb-target-version', 'rdbTargetVersion', 9, 11),
  bool('rdb-del-sync-files', 'rdbDelSyncFiles', { accepted: LATER_PERSISTENCE }),
  bool('rdb-save-incremental-fsync', 'rdbSaveIncrementalFsync', { accepted: LATER_PERSISTENCE }),
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
    { hidden: true, accepted: LATER_PERSISTENCE },
  ),
  bool('appendonly', 'appendonly', { denyLoading: true, accepted: LATER_PERSISTENCE }),
  string('appendfilename', 'appendfilename', {
    immutable: true,
    check: baseName('appendfilename', 'filename', true),
    accepted: LATER_PERSISTENCE,
  }),
  string('appenddirname', 'appenddirname', {
    immutable: true,
    check: baseName('appenddirname', 'dirname', true),
    accepted: LATER_PERSISTENCE,
  }),
  enumeration('appendfsync', 'appendfsync', ['everysec', 'always', 'no'], {
    accepted: LATER_PERSISTENCE,
  }),
  bool('no-appendfsync-on-rewrite', 'noAppendfsyncOnRewrite', { accepted: LATER_PERSISTENCE }),
  integer('auto-aof-rewrite-percentage', 'autoAofRewritePercentage', 0, INT_MAX, {
    accepted: LATER_PERSISTENCE,
  }),
  memory('auto-aof-rewrite-min-size', 'autoAofRewriteMinSize', 0, LONG_MAX, {
    accepted: LATER_PERSISTENCE,
  }),
  bool('aof-load-truncated', 'aofLoadTruncated', { accepted: LATER_PERSISTENCE }),
  bool('aof-use-rdb-preamble', 'aofUseRdbPreamble', { accepted: LATER_PERSISTENCE }),
  bool('aof-timestamp-enabled', 'aofTimestampEnabled', { accepted: LATER_PERSISTENCE }),
  bool('aof-rewrite-incremental-fsync', 'aofRewriteIncrementalFsync', {
    accepted: LATER_PERSISTENCE,
  }),
  bool('aof-disable-auto-gc', 'aofDisableAutoGc', { hidden: true, accepted: LATER_PERSISTENCE }),
];
