// How `understudy` ends; docs/fleet.md lists the same.

export const exitCodes = {
  done: 0,
  /** It was tried and did not work; the reason is on standard error. */
  failed: 1,
  /** Wrong command, option or argument. */
  usage: 2,
  /** No fleet runs in the folder. */
  notRunning: 3,
  /** A port or the folder belongs to somebody else. */
  inUse: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the program with a code and one message. */
export class ExitError extends Error {
  readonly code: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.code = code;
  }
}
