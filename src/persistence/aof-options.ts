// What the append-only file is told and asks for: directives, read live, and the node around it.

import type { SaveOptions } from '../rdb/rdb-save.ts';
import type { AofFolderSettings } from './aof-folder.ts';
import type { AofExecutor } from './aof-loading.ts';
import type { AofWriterSettings } from './aof-writer.ts';
import type { LoadingOptions } from './rdb-loading.ts';
import type { ReplicationFacts } from './replication-facts.ts';

/** The directives that the append-only file reads, live. */
export interface AofSettings extends AofFolderSettings, AofWriterSettings {
  readonly appendonly: boolean;
  readonly autoAofRewritePercentage: number;
  readonly autoAofRewriteMinSize: number;
  readonly aofLoadTruncated: boolean;
  readonly aofUseRdbPreamble: boolean;
  readonly aofRewriteIncrementalFsync: boolean;
  readonly rdbchecksum: boolean;
  readonly rdbKeySaveDelay: number;
  readonly keyLoadDelay: number;
  readonly sanitizeDumpPayload: 'no' | 'yes' | 'clients';
}

export interface AofOptions extends Omit<LoadingOptions, 'keyDelayUs'> {
  readonly settings: AofSettings;
  readonly pid: number;
  readonly facts: ReplicationFacts;
  readonly executor: AofExecutor;
  /** How a base in RDB is written, with the facts that stand in it. */
  saveOptions(): SaveOptions;
  /** Some snapshot is being written that is not this file's. */
  isSaving(): boolean;
  /** Effects that wait in propagation go to its sinks. */
  drain(): void;
  /** Effects shall come to `writer`, or no longer. */
  listen(on: boolean): void;
  latency(event: string, us: number): void;
  sleepBeforeWrite(): void;
  /** `loading` or `failure` may have changed. */
  onChange(): void;
  /** `fsyncedOffset` changed. */
  onDurable(): void;
  /** Nothing that clients were told may be believed any more: the process must end, now. */
  fatal(): void;
}
