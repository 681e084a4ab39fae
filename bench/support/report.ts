// The arguments of the benchmarks that compare two servers, and the few lines of statistics they share.

import { type MeasuredServer, startServer } from './measured-server.ts';

/** `--name value` pairs of the command line over defaults. */
export function readOptions<T extends Readonly<Record<string, string | number>>>(defaults: T): T {
  const options: Record<string, string | number> = { ...defaults };
  const argv = process.argv.slice(2);
  for (let i = 0; i < argv.length; i += 2) {
    const name = argv[i].replace(/^--/, '');
    const value = argv[i + 1];
    if (!(name in defaults) || value === undefined) {
      console.error(`unknown or incomplete option ${argv[i]}; there are:`);
      for (const [key, initial] of Object.entries(defaults)) console.error(`  --${key} ${initial}`);
      process.exit(1);
    }
    options[name] = typeof defaults[name] === 'number' ? Number(value) : value;
  }
  return options as T;
}

export const COMMANDS = {
  a: 'redis-server',
  b: 'node build/src/cli/understudy-server.js',
} as const;

/** Runs `measure` on a fresh server of each command in turn; an empty command is left out. */
export async function eachServer(
  commands: { readonly a: string; readonly b: string },
  extra: readonly string[],
  measure: (server: MeasuredServer) => Promise<void>,
): Promise<void> {
  for (const name of ['a', 'b'] as const) {
    if (commands[name] === '') continue;
    const server = await startServer(name, commands[name], extra);
    try {
      await measure(server);
    } finally {
      await server.stop();
    }
  }
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Rows of a table, the first column to the left and the others to the right. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => `${row[column]}`.length)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? `${cell}`.padEnd(widths[0]) : `${cell}`.padStart(widths[column]),
    );
    console.log(cells.join('  '));
  }
}
