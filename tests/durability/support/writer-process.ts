// Writers as a process of their own, so that they can run on a host of their own. The plans are its
// argument; it tells its parent at short intervals how far it is, and everything when it is told to stop.

import type { Write, WriterPlan } from './writer.ts';
import { refusalOf, Writer } from './writer.ts';

export type WriterMessage =
  | {
      readonly kind: 'progress';
      /** So far, by history. */
      readonly acknowledged: Readonly<Record<string, number>>;
      /** So far, by the code of the error and the server. */
      readonly refused: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'journal'; readonly writes: Readonly<Record<string, readonly Write[]>> };

const PROGRESS_MS = 50;

const plans = JSON.parse(process.argv[2]) as readonly WriterPlan[];
const writers = new Map(plans.map((plan) => [plan.name, new Writer(plan)]));
const running = Promise.all([...writers.values()].map((writer) => writer.run()));

const acknowledged: Record<string, number> = {};
const refused: Record<string, number> = {};
const counted = new Map<Writer, number>();

function tell(message: WriterMessage, then: () => void = () => undefined): void {
  process.send?.(message, then);
}

const progress = setInterval(() => {
  for (const writer of writers.values()) {
    for (const { outcome, history, error, server } of writer.writes.slice(
      counted.get(writer) ?? 0,
    )) {
      if (outcome === 'acknowledged') acknowledged[history] = (acknowledged[history] ?? 0) + 1;
      const refusal = refusalOf(error, server);
      if (outcome === 'refused') refused[refusal] = (refused[refusal] ?? 0) + 1;
    }
    counted.set(writer, writer.writes.length);
  }
  tell({ kind: 'progress', acknowledged, refused });
}, PROGRESS_MS);

process.on('message', () => {
  clearInterval(progress);
  for (const writer of writers.values()) writer.stop();
  void running.then(() => {
    const writes = Object.fromEntries([...writers].map(([name, writer]) => [name, writer.writes]));
    tell({ kind: 'journal', writes }, () => process.disconnect());
  });
});
// Nobody is left to tell.
process.on('disconnect', () => process.exit());
