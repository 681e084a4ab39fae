// One configuration directive: its name, what may be done with it, and how its value is parsed,
// printed and written back. The value itself lives in a field of Settings; nothing is kept here.
// What a changed value sets in motion (a listener moved, clients evicted) is only named here, by
// `apply`: the composition root does it.

import { Settings } from './settings.ts';

/** Work that a changed value calls for, done once after all values of one CONFIG SET are in place. */
export type ApplyStep =
  | 'listen'
  | 'bind'
  | 'maxclients'
  | 'maxmemory'
  | 'maxmemoryPolicy'
  | 'maxmemoryClients'
  | 'hz'
  | 'requirepass'
  | 'loglevel'
  | 'persistence'
  | 'appendonly'
  | 'aofHistory'
  | 'replication'
  | 'procTitle'
  | 'keyspaceEvents';

/** `obeyed`: the value does what Redis's documentation says. Otherwise why it is only kept. */
export type Effect = 'obeyed' | { readonly accepted: string };

export interface Traits {
  readonly alias?: string;
  /** Only a file or the command line sets it. */
  readonly immutable?: boolean;
  /** CONFIG SET needs enable-protected-configs. */
  readonly protected?: boolean;
  /** Its value never shows in SLOWLOG or MONITOR. */
  readonly sensitive?: boolean;
  /** CONFIG GET shows it only under its whole name. */
  readonly hidden?: boolean;
  /** Part of the configuration that a bug report prints. */
  readonly debug?: boolean;
  /** Refused while the data set is loading. */
  readonly denyLoading?: boolean;
  /** Takes several arguments in a file; in CONFIG SET they are one value split at spaces. */
  readonly multipleArguments?: boolean;
  readonly apply?: ApplyStep;
  readonly effect: Effect;
}

/** What setting a value may need beyond the value. */
export interface SetContext {
  /** True while a configuration file is read: there, repeated `save` lines add up. */
  readonly fromFile: boolean;
  saveSeen: boolean;
  /** The absolute form of a folder that can be entered, or the system's refusal. */
  enterDirectory(path: string): { readonly path: string } | { readonly error: string };
  warn(text: string): void;
}

export type SetOutcome = 'changed' | 'unchanged' | { readonly error: string };

/** A line for CONFIG REWRITE; `force`: written even when the old file lacks the directive. */
export interface RewriteLine {
  readonly text: string;
  readonly force: boolean;
}

export interface Directive extends Traits {
  readonly name: string;
  readonly field: keyof Settings;
  /** Parses `args` (latin1) into the field; nothing changes when it answers an error. */
  set(settings: Settings, args: readonly string[], context: SetContext): SetOutcome;
  /** The value as CONFIG GET prints it. */
  get(settings: Settings): string;
  /** No lines: those of the old file are dropped. */
  rewrite(settings: Settings): readonly RewriteLine[];
  /** Remembers the value; the answer puts it back. */
  backup(settings: Settings): () => void;
}

/** Names of those fields of Settings that hold a `T`. */
export type FieldOf<T> = {
  [K in keyof Settings]-?: [Settings[K]] extends [T]
    ? [T] extends [Settings[K]]
      ? K
      : never
    : never;
}[keyof Settings];

/** The values a node starts with: CONFIG REWRITE leaves out what equals them. */
export const DEFAULTS: Readonly<Settings> = Object.freeze(new Settings());
