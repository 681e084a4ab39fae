// INFO's sections about the process: server, cpu, modules, cluster.

import { REDIS_VERSION, UNDERSTUDY_VERSION } from '../../util/version.ts';
import type { InfoLine, InfoSource } from './info-source.ts';

export function serverSection(source: InfoSource): readonly InfoLine[] {
  const { settings, host, background } = source;
  const wallUs = source.clock.wallUs();
  const uptime = Math.max(0, Math.floor(wallUs / 1_000_000) - Math.floor(source.startedMs / 1000));
  const { shutdownInMs } = source;
  return [
    ['redis_version', REDIS_VERSION],
    ['understudy_version', UNDERSTUDY_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', 0],
    ['redis_mode', 'standalone'],
    ['os', host.operatingSystem],
    ['arch_bits', host.archBits],
    ['monotonic_clock', 'POSIX clock_gettime'],
    ['multiplexing_api', 'libuv'],
    ['atomicvar_api', 'none'],
    ['gcc_version', '0.0.0'],
    ['understudy_runtime', host.runtime],
    ['process_id', source.pid],
    ['process_supervised', settings.supervised === 'systemd' ? 'systemd' : 'no'],
    ['run_id', source.runId],
    ['tcp_port', source.port],
    ['server_time_usec', wallUs],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / 86400)],
    ['hz', background.hz],
    ['configured_hz', settings.hz],
    ['lru_clock', Math.floor(wallUs / 1_000_000) & 0xffffff],
    ['executable', host.executable],
    ['config_file', source.configFile ?? ''],
    ['io_threads_active', 0],
    ...(shutdownInMs === undefined ? [] : [['shutdown_in_milliseconds', shutdownInMs] as const]),
    ...listenerLines(source),
  ];
}

function listenerLines(source: InfoSource): readonly InfoLine[] {
  const lines: InfoLine[] = [];
  if (source.port !== 0) {
    const addresses = source.settings.bind.map((address) => `,bind=${address}`).join('');
    lines.push([`listener${lines.length}`, `name=tcp${addresses},port=${source.port}`]);
  }
  if (source.unixPath !== '') {
    lines.push([`listener${lines.length}`, `name=unix,bind=${source.unixPath}`]);
  }
  return lines;
}

export function cpuSection(source: InfoSource): readonly InfoLine[] {
  const { userUs, systemUs } = source.host.cpuUsage();
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

export function modulesSection(): readonly InfoLine[] {
  return [];
}

export function clusterSection(): readonly InfoLine[] {
  return [['cluster_enabled', 0]];
}
