// What INFO commandstats, errorstats and latencystats print. Calls are counted one by one; how long
// they took is known later for most of them, see command-clock.ts.

import type { CommandEntry } from './command-table.ts';

/** As later Redis versions limit it: the code is the client's to choose through scripts. */
const MAX_ERROR_CODES = 128;
const OVERFLOW = 'ERRORSTATS_OVERFLOW';

export class Statistics {
  commandsProcessed = 0;
  errorReplies = 0;
  /** What all commands took together, in µs; the entries' `usec` summed up. */
  commandUs = 0;
  /** By code: 'ERR', 'WRONGTYPE' … */
  readonly errors: Map<string, number> = new Map();

  /** Calls whose time is not yet known, and the commands they are of. */
  untimedCalls = 0;
  readonly #pending: CommandEntry[] = [];
  /** How many entries of it count: emptying an array costs more than the call. */
  #pendingCount = 0;

  /** Counts a call whose time `shareTime` will tell. */
  countUntimed(entry: CommandEntry): void {
    entry.calls++;
    if (entry.untimedCalls++ === 0) this.#pending[this.#pendingCount++] = entry;
    this.untimedCalls++;
  }

  /** Counts a call that had a clock of its own. */
  countTimed(entry: CommandEntry, us: number, track: boolean): void {
    entry.calls++;
    entry.usec += us;
    this.commandUs += us;
    if (track) entry.recordLatency(us * 1000, 1);
  }

  /** The calls counted so far took `eachUs` each. */
  shareTime(eachUs: number, track: boolean): void {
    if (this.untimedCalls === 0) return;
    for (let i = 0; i < this.#pendingCount; i++) {
      const entry = this.#pending[i];
      entry.usec += eachUs * entry.untimedCalls;
      if (track) entry.recordLatency(eachUs * 1000, entry.untimedCalls);
      entry.untimedCalls = 0;
    }
    this.commandUs += eachUs * this.untimedCalls;
    this.#pendingCount = 0;
    this.untimedCalls = 0;
  }

  /** Counts an error reply under its code: the first word, if the text has one of a code's shape. */
  countError(text: string): void {
    this.errorReplies++;
    const space = text.indexOf(' ');
    const code = space > 0 && space < 32 ? text.slice(0, space) : 'ERR';
    const count = this.errors.get(code);
    if (count !== undefined) this.errors.set(code, count + 1);
    else if (this.errors.size < MAX_ERROR_CODES) this.errors.set(code, 1);
    else this.errors.set(OVERFLOW, (this.errors.get(OVERFLOW) ?? 0) + 1);
  }

  /** CONFIG RESETSTAT. */
  reset(commands: Iterable<CommandEntry>): void {
    this.commandsProcessed = 0;
    this.errorReplies = 0;
    this.commandUs = 0;
    this.errors.clear();
    for (const entry of commands) entry.resetStatistics();
  }
}

/** Lines of INFO commandstats. */
export function commandStatsLines(commands: Iterable<CommandEntry>): string[] {
  const lines: string[] = [];
  for (const entry of commands) {
    const { calls, rejectedCalls, failedCalls } = entry;
    if (calls === 0 && rejectedCalls === 0 && failedCalls === 0) continue;
    const usec = Math.floor(entry.usec);
    const each = calls === 0 ? 0 : entry.usec / calls;
    lines.push(
      `cmdstat_${entry.fullName}:calls=${calls},usec=${usec},usec_per_call=${each.toFixed(2)}` +
        `,rejected_calls=${rejectedCalls},failed_calls=${failedCalls}`,
    );
  }
  return lines;
}

/** Lines of INFO latencystats. */
export function latencyStatsLines(
  commands: Iterable<CommandEntry>,
  percentiles: readonly number[],
): string[] {
  const lines: string[] = [];
  for (const { fullName, latency } of commands) {
    if (latency === undefined) continue;
    const values = percentiles.map(
      (p) => `p${trimmed(p)}=${(latency.percentileNs(p) / 1000).toFixed(3)}`,
    );
    lines.push(`latency_percentiles_usec_${fullName}:${values.join(',')}`);
  }
  return lines;
}

/** "%f" without trailing zeros. */
function trimmed(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}

/** Lines of INFO errorstats; sorted, as Redis's radix tree has them. */
export function errorStatsLines(statistics: Statistics): string[] {
  const codes = [...statistics.errors].sort(([a], [b]) => (a < b ? -1 : 1));
  return codes.map(([code, count]) => `errorstat_${code.replace(/[#:\n\r]/g, '_')}:count=${count}`);
}
