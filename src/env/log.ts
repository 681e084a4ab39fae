// The log as Redis writes it: one line a message,
//   PID:ROLE DD Mon YYYY HH:MM:SS.mmm LEVEL message
// Operators' tools and Redis's own test-suite read these lines, so the shape is part of the wire.

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing';

/** M master, S replica, X sentinel, C child or a process that is not yet serving. */
export type LogRole = 'M' | 'S' | 'X' | 'C';

export interface Log {
  /** Messages below this level are dropped; CONFIG SET loglevel assigns it. */
  level: LogLevel;
  /** The letter after the process id. */
  role: LogRole;
  /** Where lines go: a path, or '' for standard output. Assigning changes it from the next line on. */
  file: string;
  debug(text: string): void;
  verbose(text: string): void;
  notice(text: string): void;
  warning(text: string): void;
  /** Text as it is, without the head of a line (the logo, bug reports). Not subject to the level. */
  raw(text: string): void;
}

/** Rank and mark of each level. */
export const logLevels: Readonly<Record<LogLevel, { rank: number; mark: string }>> = {
  debug: { rank: 0, mark: '.' },
  verbose: { rank: 1, mark: '-' },
  notice: { rank: 2, mark: '*' },
  warning: { rank: 3, mark: '#' },
  nothing: { rank: 4, mark: ' ' },
};

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The head of a line for a wall time given in local terms (`offsetMinutes` east of Greenwich). */
export function logLineHead(
  pid: number,
  role: LogRole,
  wallMs: number,
  offsetMinutes: number,
  level: LogLevel,
): string {
  const date = new Date(wallMs + offsetMinutes * 60_000);
  const day = String(date.getUTCDate()).padStart(2, '0');
  const time = date.toISOString().slice(11, 23);
  const when = `${day} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${time}`;
  return `${pid}:${role} ${when} ${logLevels[level].mark} `;
}
