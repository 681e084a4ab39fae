// What a tidy check reports. Every message says what to do, not only what is wrong.

/** One broken rule at one place. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  /** What is wrong and how to mend it. */
  readonly message: string;
}

/** For assertion messages: one line a violation, clickable in most terminals. */
export function describe(violations: readonly Violation[]): string {
  return violations.map(({ path, line, message }) => `${path}:${line}: ${message}`).join('\n');
}
