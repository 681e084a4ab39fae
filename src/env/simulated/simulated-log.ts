// A log in memory, for tests and for the simulator's transcript.

import { LeveledLog } from '../leveled-log.ts';
import type { LogLevel, LogRole } from '../log.ts';

export interface LogEntry {
  readonly level: LogLevel;
  readonly role: LogRole;
  readonly text: string;
}

export class SimulatedLog extends LeveledLog {
  override level: LogLevel = 'debug';
  /** Off, `entries` stays empty: for long runs. */
  keeps = true;
  readonly entries: LogEntry[] = [];
  /** Called with every entry, as it is written. */
  onEntry: ((entry: LogEntry) => void) | undefined = undefined;

  /** The texts alone. */
  get texts(): string[] {
    return this.entries.map((entry) => entry.text);
  }

  override raw(text: string): void {
    this.warning(text);
  }

  protected override write(level: LogLevel, text: string): void {
    const entry = { level, role: this.role, text };
    if (this.keeps) this.entries.push(entry);
    this.onEntry?.(entry);
  }
}
