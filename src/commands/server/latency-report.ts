// LATENCY DOCTOR: what the latency monitor saw, in sentences, with what may be done about it. The
// advice is for this server: it does not fork, and it frees large values in slices.

import type { LatencyEvent } from '../../dispatch/latency-monitor.ts';

export interface LatencyReportSettings {
  readonly hz: number;
  /** Microseconds; negative: off. */
  readonly slowlogLogSlowerThan: number;
  /** Milliseconds; 0: off. */
  readonly latencyMonitorThreshold: number;
}

/** The whole text, lines ended. */
export function latencyReport(
  events: readonly LatencyEvent[],
  nowSeconds: number,
  settings: LatencyReportSettings,
): string {
  if (events.length === 0 && settings.latencyMonitorThreshold === 0) {
    return (
      'Latency monitoring is off, so there is nothing to report. ' +
      "'CONFIG SET latency-monitor-threshold <milliseconds>' turns it on.\n"
    );
  }
  if (events.length === 0) return 'No latency spike has been observed since the start.\n';
  const lines = ['These latency spikes were observed:', ''];
  const advice = new Set<string>();
  events.forEach((event, i) => {
    lines.push(`${i + 1}. ${eventLine(event, nowSeconds)}`);
    for (const text of adviceFor(event.name, settings)) advice.add(text);
  });
  lines.push('', ...(advice.size === 0 ? ['There is no standing advice for these.'] : []));
  if (advice.size > 0) lines.push('What may help:', '', ...[...advice].map((text) => `- ${text}`));
  return `${lines.join('\n')}\n`;
}

function eventLine({ name, samples, maxMs }: LatencyEvent, nowSeconds: number): string {
  const count = samples.length;
  const average = samples.reduce((sum, { ms }) => sum + ms, 0) / count;
  const deviation = samples.reduce((sum, { ms }) => sum + Math.abs(ms - average), 0) / count;
  const period = Math.max(1, nowSeconds - samples[0].time);
  return (
    `${name}: ${count} latency spikes (average ${Math.floor(average)}ms, mean deviation ` +
    `${Math.floor(deviation)}ms, period ${(period / count).toFixed(2)} sec). ` +
    `Worst all time event ${maxMs}ms.`
  );
}

function adviceFor(event: string, settings: LatencyReportSettings): string[] {
  const threshold = settings.latencyMonitorThreshold * 1000;
  switch (event) {
    case 'command': {
      const advice = [
        'Commands that visit many elements are slow. SLOWLOG GET shows which ones were; ask for less ' +
          'at a time, or use the SCAN family.',
      ];
      if (settings.slowlogLogSlowerThan < 0 || settings.slowlogLogSlowerThan > threshold) {
        advice.push(
          `The slow log misses some of them. 'CONFIG SET slowlog-log-slower-than ${threshold}' ` +
            'makes it see what the latency monitor sees.',
        );
      }
      return advice;
    }
    case 'fast-command':
      return [
        'Even commands that touch one element were slow: the process did not get the processor. ' +
          "Lower the machine's load, or measure it with 'redis-cli --intrinsic-latency 100'.",
      ];
    case 'expire-cycle':
      return settings.hz < 100
        ? ["Many keys expire at once. 'CONFIG SET hz 100' removes them in smaller portions."]
        : ['Many keys expire at once: spread their times.'];
    case 'eviction-cycle':
    case 'eviction-del':
      return [
        'Memory had to be made in a hurry: maxmemory was lowered, or a command stored much at once.',
      ];
    default:
      return event.startsWith('aof-') || event.startsWith('rdb-')
        ? ['The disk was slow. Use a local one that nothing else writes to.']
        : [];
  }
}
