// What the log says when an invariant broke. Its first and last line are redis-server's: the outside
// suite and people's monitoring look for them.

import type { Environment } from '../env/environment.ts';
import { REDIS_VERSION, UNDERSTUDY_VERSION } from '../server/version.ts';

export function writeBugReport(environment: Environment, reason: unknown): void {
  const { log } = environment;
  const isError = reason instanceof Error;
  log.raw('\n\n=== REDIS BUG REPORT START: Cut & paste starting from here ===\n');
  if (isError && reason.name === 'AssertionError') log.warning('=== ASSERTION FAILED ===');
  log.warning(
    `Understudy ${UNDERSTUDY_VERSION} (Redis ${REDIS_VERSION}) crashed: ${isError ? reason.message : String(reason)}`,
  );
  log.raw(`\n------ STACK TRACE ------\n${isError ? reason.stack : new Error().stack}\n`);
  log.raw(`\n------ PROCESS ------\n${facts(environment)}\n`);
  log.raw(
    '\n=== REDIS BUG REPORT END. Make sure to include from START to END. ===\n\n' +
      '       Please report the crash by opening an issue in the project of Understudy,\n' +
      '       with this report from START to END.\n',
  );
}

function facts({ host, pid }: Environment): string {
  const memory = host.memoryUsage();
  const cpu = host.cpuUsage();
  return [
    `pid:${pid}`,
    `os:${host.operatingSystem}`,
    `runtime:${host.runtime}`,
    `resident_bytes:${memory.residentBytes}`,
    `heap_used_bytes:${memory.heapUsedBytes}`,
    `external_bytes:${memory.externalBytes}`,
    `cpu_user_us:${cpu.userUs}`,
    `cpu_system_us:${cpu.systemUs}`,
  ].join('\n');
}
