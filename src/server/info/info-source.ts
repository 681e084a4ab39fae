// What INFO reads. The data node satisfies this by its shape; sections see nothing else of it.

import type { MemoryReport } from '../../commands/context.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Clock } from '../../env/clock.ts';
import type { HostFacts } from '../../env/environment.ts';
import type { NetStatistics } from '../../net/net-settings.ts';
import type { AppendOnlyFile } from '../../persistence/append-only-file.ts';
import type { RdbPersistence } from '../../persistence/rdb-persistence.ts';
import type { Background } from '../background.ts';
import type { Settings } from '../config/settings.ts';
import type { MemoryLimit } from '../memory-limit.ts';
import type { NodeDispatcher } from '../node-dispatcher.ts';
import type { NodeReplication } from '../replication/node-replication.ts';

export interface InfoSource {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly dispatcher: NodeDispatcher;
  readonly background: Background;
  readonly persistence: RdbPersistence;
  readonly aof: AppendOnlyFile;
  readonly memoryLimit: MemoryLimit;
  readonly migrations: { readonly linkCount: number };
  readonly network: NetStatistics;
  readonly clock: Clock;
  readonly host: HostFacts;
  readonly pid: number;
  /** 40 hexadecimal digits, new with each start. */
  readonly runId: string;
  readonly replication: NodeReplication;
  readonly startedMs: number;
  /** Absolute; undefined without one. */
  readonly configFile: string | undefined;
  /** The real TCP port; 0 without TCP. */
  readonly port: number;
  /** The Unix socket's path; '' without one. */
  readonly unixPath: string;
  /** Undefined while no shutdown waits; else the time that is left. */
  readonly shutdownInMs: number | undefined;
  memory(): MemoryReport;
}
