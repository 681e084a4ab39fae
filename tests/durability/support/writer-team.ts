// A process of writers at one place, and what the servers hold of their writes.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Place } from '../../support/place.ts';
import { type FleetMember, fields } from '../../support/sentinel-fleet.ts';
import { keyOf, refusalOf, type Write, type WriterPlan } from './writer.ts';
import type { WriterMessage } from './writer-process.ts';

const program = fileURLToPath(new URL('./writer-process.js', import.meta.url));

export class WriterTeam {
  readonly #child: ChildProcess;
  readonly #journal: Promise<ReadonlyMap<string, readonly Write[]>>;
  #acknowledged: Readonly<Record<string, number>> = {};
  #refused: Readonly<Record<string, number>> = {};

  constructor(place: Place, plans: readonly WriterPlan[]) {
    const words = [...place.enter, process.execPath, program, JSON.stringify(plans)];
    this.#child = spawn(words[0], words.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#journal = new Promise((done, fail) => {
      this.#child.on('message', (message: WriterMessage) => {
        if (message.kind === 'journal') done(new Map(Object.entries(message.writes)));
        else {
          this.#acknowledged = message.acknowledged;
          this.#refused = message.refused;
        }
      });
      this.#child.once('error', fail);
      this.#child.once('close', () => fail(new Error('the writers ended by themselves')));
    });
    // Whoever stops the team is told; until then nobody listens.
    this.#journal.catch(() => undefined);
  }

  /** The histories that it has written to. */
  get histories(): readonly string[] {
    return Object.keys(this.#acknowledged);
  }

  /** How many writes were acknowledged in such histories, as told last. */
  acknowledged(isOf: (history: string) => boolean): number {
    return Object.entries(this.#acknowledged).reduce(
      (sum, [history, count]) => (isOf(history) ? sum + count : sum),
      0,
    );
  }

  /** How many errors of this code this server has given. */
  refused(code: string, server: string): number {
    return this.#refused[refusalOf(code, server)] ?? 0;
  }

  /** Ends the writing; all writes, by writer. */
  stop(): Promise<ReadonlyMap<string, readonly Write[]>> {
    this.#child.send('stop');
    return this.#journal;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** How often each number is at a server. */
export async function countsOf(
  server: FleetMember,
  writes: ReadonlyMap<string, readonly Write[]>,
): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const counts = new Map<string, ReadonlyMap<number, number>>();
  for (const [writer, list] of writes) {
    const keys = new Set(list.map(({ number }) => keyOf(writer, number)));
    const numbers = new Map<number, number>();
    for (const key of keys) {
      const hash = fields(await server.call('HGETALL', key));
      for (const [number, times] of Object.entries(hash))
        numbers.set(Number(number), Number(times));
    }
    counts.set(writer, numbers);
  }
  return counts;
}
