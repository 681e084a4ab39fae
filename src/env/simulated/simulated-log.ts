// A log in memory, for tests and for the simulator's transcript.

import { type Log, type LogLevel, type LogRole, logLevels } from '../log.ts';

export interface LogEntry {
  readonly level: LogLevel;
  readonly role: LogRole;
  readonly text: string;
}

export class SimulatedLog implements Log {
  level: LogLevel = 'debug';
  role: LogRole = 'C';
  file = '';
  /** Off, `entries` stays empty: for long runs. */
  keeps = true;
  readonly entries: LogEntry[] = [];
  /** Called with every entry, as it is written. */
  onEntry: ((entry: LogEntry) => void) | undefined = undefined;

  /** The texts alone. */
  get texts(): string[] {
    return this.entries.map((entry) => entry.text);
  }

  debug(text: string): void {
    this.#add('debug', text);
  }

  verbose(text: string): void {
    this.#add('verbose', text);
  }

  notice(text: string): void {
    this.#add('notice', text);
  }

  warning(text: string): void {
    this.#add('warning', text);
  }

  raw(text: string): void {
    this.#add('warning', text);
  }

  #add(level: LogLevel, text: string): void {
    if (logLevels[level].rank < logLevels[this.level].rank) return;
    const entry = { level, role: this.role, text };
    if (this.keeps) this.entries.push(entry);
    this.onEntry?.(entry);
  }
}
