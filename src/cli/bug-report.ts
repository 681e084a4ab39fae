// What the log says when an invariant broke. Its first and last line are redis-server's: the outside
// suite and people's monitoring look for them.

import type { Log } from '../env/log.ts';
import { REDIS_VERSION, UNDERSTUDY_VERSION } from '../util/version.ts';

/** `describe` gives the node's own account; a node too broken for that must not hide the reason. */
export function writeBugReport(
  log: Log,
  reason: unknown,
  describe: (() => string) | undefined,
): void {
  const isError = reason instanceof Error;
  log.raw('\n\n=== REDIS BUG REPORT START: Cut & paste starting from here ===\n');
  if (isError && reason.name === 'AssertionError') log.warning('=== ASSERTION FAILED ===');
  log.warning(
    `Understudy ${UNDERSTUDY_VERSION} (Redis ${REDIS_VERSION}) crashed: ${isError ? reason.message : String(reason)}`,
  );
  log.raw(`\n------ STACK TRACE ------\n${isError ? reason.stack : new Error().stack}\n`);
  log.raw(`\n------ INFO OUTPUT ------\n${account(describe)}\n`);
  log.raw(
    '\n=== REDIS BUG REPORT END. Make sure to include from START to END. ===\n\n' +
      '       Please report the crash by opening an issue in the project of Understudy,\n' +
      '       with this report from START to END.\n',
  );
}

function account(describe: (() => string) | undefined): string {
  if (describe === undefined) return 'the node had not started';
  try {
    return describe();
  } catch (error) {
    return `the node cannot describe itself: ${String(error)}`;
  }
}
