// A node that is about to be run as a process: a data node or a sentinel.

import type { LogRole } from '../env/log.ts';
import type { Configuration } from '../server/config/load-configuration.ts';
import type { HostedNode, HostProcess } from '../server/host-process.ts';

export interface NodePlan {
  readonly configuration: Configuration;
  readonly mode: 'standalone' | 'sentinel';
  /** The letter of its log lines. */
  readonly role: LogRole;
  /** Once, when the process is as the configuration wants it. */
  create(process: HostProcess): HostedNode;
}
