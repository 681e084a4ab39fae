// What became of every write, from what clients kept and what the servers hold in the end: the loss by its
// cause, and what no asynchronous replication excuses. It knows nothing of processes; the words for the
// causes are those of the simulator as far as clients can tell them apart.

import type { Write } from './writer.ts';

export interface Observation {
  /** What each writer did, in order. */
  readonly writes: ReadonlyMap<string, readonly Write[]>;
  /** How often each number of a writer is there, by server. The first is the master's. */
  readonly found: readonly ReadonlyMap<string, ReadonlyMap<number, number>>[];
  /** `master_replid` of the master in the end. */
  readonly finalHistory: string;
  readonly faultMs: number;
  /** How many replicas there were before the fault. */
  readonly replicas: number;
}

export type Cause =
  /** Acknowledged before the fault; the next master had not read it. */
  | 'not-replicated'
  /** Acknowledged by a master that was cut off or frozen, while it was the only one. */
  | 'isolated'
  /** Acknowledged by a master that had been replaced and did not know. */
  | 'replaced-master';

export interface LostWrite {
  readonly writer: string;
  readonly write: Write;
  readonly cause: Cause;
}

export interface Account {
  readonly acknowledged: number;
  readonly unconfirmed: number;
  readonly refused: number;
  readonly unknown: number;
  /** Of those without an answer, how many are there. */
  readonly unknownFound: number;
  readonly lost: readonly LostWrite[];
  /** The longest time in which nothing was acknowledged that is there. */
  readonly gapMs: number;
  /** From the fault to the answer of the last lost write. */
  readonly lastLostMs: number;
  /** Broken promises, whatever the fault was. */
  readonly violations: readonly string[];
}

/** What is compared with the servers: a write with the number of times that it is there. */
interface Counted {
  readonly writer: string;
  readonly write: Write;
  readonly times: number;
}

export function account(observation: Observation): Account {
  const { writes, found, faultMs } = observation;
  const all: readonly Counted[] = [...writes].flatMap(([writer, list]) =>
    list.map((write) => ({ writer, write, times: found[0].get(writer)?.get(write.number) ?? 0 })),
  );
  const of = (outcome: Write['outcome']): readonly Counted[] =>
    all.filter(({ write }) => write.outcome === outcome);
  const acknowledged = of('acknowledged');
  const takeoverMs = acknowledged
    .filter(({ write }) => write.history === observation.finalHistory)
    .reduce((first, { write }) => Math.min(first, write.answeredMs), Number.POSITIVE_INFINITY);
  const lost = acknowledged
    .filter(({ times }) => times === 0)
    .map(({ writer, write }) => ({ writer, write, cause: causeOf(write, faultMs, takeoverMs) }));
  const refused = of('refused');
  return {
    acknowledged: acknowledged.length,
    unconfirmed: of('unconfirmed').length,
    refused: refused.length,
    unknown: of('unknown').length,
    unknownFound: of('unknown').filter(({ times }) => times > 0).length,
    lost,
    gapMs: longestGap(acknowledged.filter(({ times }) => times > 0)),
    lastLostMs: lost.reduce((last, { write }) => Math.max(last, write.answeredMs - faultMs), 0),
    violations: [
      ...duplicates(found),
      ...refused
        .filter(({ times }) => times > 0)
        .map((one) => `${nameOf(one)} was refused (${one.write.error}) and is there`),
      ...lost
        .filter(({ write }) => write.history === observation.finalHistory)
        .map((one) => `${nameOf(one)} is lost, although its master still leads`),
      ...lost
        .filter(({ write }) => write.replicas >= observation.replicas)
        .map((one) => `${nameOf(one)} is lost, although WAIT counted all replicas`),
      ...holes(acknowledged),
      ...differences(found),
    ],
  };
}

function nameOf({ writer, write }: { readonly writer: string; readonly write: Write }): string {
  return `${writer}:${write.number} (${write.server}, ${write.history.slice(0, 8)})`;
}

function causeOf({ answeredMs }: Write, faultMs: number, takeoverMs: number): Cause {
  if (answeredMs <= faultMs) return 'not-replicated';
  return answeredMs <= takeoverMs ? 'isolated' : 'replaced-master';
}

/** Times without an acknowledgement that held. */
function longestGap(kept: readonly Counted[]): number {
  const times = kept.map(({ write }) => write.answeredMs).sort((a, b) => a - b);
  let longest = 0;
  for (let i = 1; i < times.length; i++) longest = Math.max(longest, times[i] - times[i - 1]);
  return longest;
}

function duplicates(found: Observation['found']): readonly string[] {
  return [...found[0]].flatMap(([writer, numbers]) =>
    [...numbers]
      .filter(([, times]) => times > 1)
      .map(([number, times]) => `${writer}:${number} was done ${times} times`),
  );
}

/**
 * Replicas read a history from its beginning on: what they lack of it is its end. So nothing is lost that was
 * acknowledged before something of the same history was sent that is there.
 */
function holes(acknowledged: readonly Counted[]): readonly string[] {
  const lastKept = new Map<string, number>();
  for (const { write, times } of acknowledged) {
    if (times === 0) continue;
    lastKept.set(write.history, Math.max(lastKept.get(write.history) ?? 0, write.sentMs));
  }
  return acknowledged
    .filter(
      ({ write, times }) => times === 0 && write.answeredMs < (lastKept.get(write.history) ?? 0),
    )
    .map((one) => `${nameOf(one)} is lost, and a later write of the same history is there`);
}

/** All servers hold what the master holds. */
function differences(found: Observation['found']): readonly string[] {
  const [master, ...replicas] = found.map(textOf);
  return replicas.flatMap((text, i) =>
    text === master ? [] : [`replica ${i + 1} holds other writes than its master`],
  );
}

function textOf(server: Observation['found'][number]): string {
  return [...server]
    .flatMap(([writer, numbers]) => [...numbers].map((entry) => `${writer}:${entry.join('=')}`))
    .sort()
    .join(' ');
}
