// What INFO says alike on a data node and on a sentinel: the frame of a section, and what is known of
// the process.

import { REDIS_VERSION, UNDERSTUDY_VERSION } from '../../../util/version.ts';

/** A field and its value, as printed. */
export type InfoLine = readonly [name: string, value: string | number];

export function infoSection(heading: string, lines: readonly InfoLine[]): string {
  let text = `# ${heading}\r\n`;
  for (const [name, value] of lines) text += `${name}:${value}\r\n`;
  return text;
}

/** The machine and the process, as its environment knows them. */
interface HostFacts {
  readonly operatingSystem: string;
  readonly archBits: number;
  readonly runtime: string;
  readonly executable: string;
  /** Microseconds since the start. */
  cpuUsage(): { readonly userUs: number; readonly systemUs: number };
}

export interface ProcessFacts {
  readonly mode: 'standalone' | 'sentinel';
  readonly host: HostFacts;
  readonly pid: number;
  readonly isSupervised: boolean;
  readonly runId: string;
  readonly port: number;
  readonly wallUs: number;
  readonly startedMs: number;
  readonly hz: number;
  readonly configuredHz: number;
  readonly configFile: string;
}

/** The lines of `# Server` before those of the listeners. */
export function processLines(facts: ProcessFacts): readonly InfoLine[] {
  const { host, wallUs } = facts;
  const seconds = Math.floor(wallUs / 1_000_000);
  const uptime = Math.max(0, seconds - Math.floor(facts.startedMs / 1000));
  return [
    ['redis_version', REDIS_VERSION],
    ['understudy_version', UNDERSTUDY_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', 0],
    ['redis_mode', facts.mode],
    ['os', host.operatingSystem],
    ['arch_bits', host.archBits],
    ['monotonic_clock', 'POSIX clock_gettime'],
    ['multiplexing_api', 'libuv'],
    ['atomicvar_api', 'none'],
    ['gcc_version', '0.0.0'],
    ['understudy_runtime', host.runtime],
    ['process_id', facts.pid],
    ['process_supervised', facts.isSupervised ? 'systemd' : 'no'],
    ['run_id', facts.runId],
    ['tcp_port', facts.port],
    ['server_time_usec', wallUs],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / 86400)],
    ['hz', facts.hz],
    ['configured_hz', facts.configuredHz],
    ['lru_clock', seconds & 0xffffff],
    ['executable', host.executable],
    ['config_file', facts.configFile],
    ['io_threads_active', 0],
  ];
}

/** A listener on TCP, the first one. */
export function tcpListenerLine(bind: readonly string[], port: number): InfoLine {
  const addresses = bind.map((address) => `,bind=${address}`).join('');
  return ['listener0', `name=tcp${addresses},port=${port}`];
}

export function cpuLines(host: HostFacts): readonly InfoLine[] {
  const { userUs, systemUs } = host.cpuUsage();
  const user = secondsText(userUs);
  const system = secondsText(systemUs);
  return [
    ['used_cpu_sys', system],
    ['used_cpu_user', user],
    // There are no children, and the runtime tells of the whole process only.
    ['used_cpu_sys_children', secondsText(0)],
    ['used_cpu_user_children', secondsText(0)],
    ['used_cpu_sys_main_thread', system],
    ['used_cpu_user_main_thread', user],
  ];
}

function secondsText(us: number): string {
  return `${Math.floor(us / 1_000_000)}.${String(Math.floor(us % 1_000_000)).padStart(6, '0')}`;
}
