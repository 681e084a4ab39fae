// What a sentinel is given: its configuration as the composition root read it, and its process. The
// server's Settings satisfies SentinelSettings by its shape; the two never import each other.

import type { AclFile } from '../dispatch/acl/acl-file.ts';
import type { DispatchSettings } from '../dispatch/dispatch-settings.ts';
import type { LogLevel } from '../env/log.ts';
import type { NetSettings } from '../net/net-settings.ts';
import type { SentinelLine } from './config/sentinel-lines.ts';

export interface SentinelSettings extends NetSettings, DispatchSettings {
  /** Where the sentinel and its scripts run; absolute. */
  readonly dir: string;
  readonly requirepass: string;
  readonly aclfile: string;
  /** The local address of links to others; '' leaves it to the system. */
  readonly bindSourceAddr: string;
  readonly supervised: string;
  loglevel: LogLevel;
}

export interface SentinelConfiguration {
  readonly settings: SentinelSettings;
  /** Absolute; undefined without one: then a state folder is needed. */
  readonly configFile: string | undefined;
  /** Absolute; undefined: the state is kept in the configuration file. */
  readonly stateFolder: string | undefined;
  /** The state lives as long as the sentinel: for tests, since it may then vote twice in an epoch. */
  readonly isForgetful?: boolean;
  readonly sentinelLines: readonly SentinelLine[];
  /** `user` lines after the word. */
  readonly users: readonly (readonly string[])[];
  readonly renames: readonly (readonly [from: string, to: string])[];
  readonly aclFile: AclFile | undefined;
  /** The text of a configuration file with its directives, but for `sentinel`, as they are now. */
  rewrite(old: string, users: readonly string[] | undefined): string;
}

/** What a sentinel may ask of its process. */
export interface SentinelProcess {
  /** The last step of an orderly end, before its last log line. */
  beforeExit(): void;
  /** Nothing of the sentinel runs any more. */
  exit(code: number): void;
  /** A line for the service manager. */
  notify(state: string): void;
}
