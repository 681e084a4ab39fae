// INFO's sections about the process: server, cpu, modules, cluster.

import {
  cpuLines,
  type InfoLine,
  processLines,
  tcpListenerLine,
} from '../../commands/shared/info/info-lines.ts';
import type { InfoSource } from './info-source.ts';

export function serverSection(source: InfoSource): readonly InfoLine[] {
  const { settings, background, shutdownInMs } = source;
  return [
    ...processLines({
      mode: 'standalone',
      host: source.host,
      pid: source.pid,
      isSupervised: settings.supervised === 'systemd',
      runId: source.runId,
      port: source.port,
      wallUs: source.clock.wallUs(),
      startedMs: source.startedMs,
      hz: background.hz,
      configuredHz: settings.hz,
      configFile: source.configFile ?? '',
    }),
    ...(shutdownInMs === undefined ? [] : [['shutdown_in_milliseconds', shutdownInMs] as const]),
    ...listenerLines(source),
  ];
}

function listenerLines(source: InfoSource): readonly InfoLine[] {
  const lines: InfoLine[] = [];
  if (source.port !== 0) lines.push(tcpListenerLine(source.settings.bind, source.port));
  if (source.unixPath !== '') {
    lines.push([`listener${lines.length}`, `name=unix,bind=${source.unixPath}`]);
  }
  return lines;
}

export function cpuSection({ host }: InfoSource): readonly InfoLine[] {
  return cpuLines(host);
}

export function modulesSection(): readonly InfoLine[] {
  return [];
}

export function clusterSection(): readonly InfoLine[] {
  return [['cluster_enabled', 0]];
}
