// What every log does alike: a message below the level goes nowhere.

import { type Log, type LogLevel, type LogRole, logLevels } from './log.ts';

export abstract class LeveledLog implements Log {
  level: LogLevel = 'notice';
  role: LogRole = 'C';
  file = '';

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

  abstract raw(text: string): void;

  /** A message that passed. */
  protected abstract write(level: LogLevel, text: string): void;

  #add(level: LogLevel, text: string): void {
    if (logLevels[level].rank >= logLevels[this.level].rank) this.write(level, text);
  }
}
