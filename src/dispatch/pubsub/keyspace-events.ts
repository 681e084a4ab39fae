// Keyspace notifications: the letters of `notify-keyspace-events`, and the messages themselves.
// https://redis.io/docs/manual/keyspace-notifications. The class bits are those of Redis's server.h,
// which the engine's gate uses as well.

import type { PubSub, Subscriber } from './pubsub.ts';

const KEYSPACE = 1 << 0;
const KEYEVENT = 1 << 1;
const KEY_MISS = 1 << 11;

/** In the order in which they are printed; `A` stands for all of them but `n`. */
const classLetters = [
  ['g', 1 << 2],
  ['$', 1 << 3],
  ['l', 1 << 4],
  ['s', 1 << 5],
  ['h', 1 << 6],
  ['z', 1 << 7],
  ['x', 1 << 8],
  ['e', 1 << 9],
  ['t', 1 << 10],
  ['d', 1 << 13],
  ['n', 1 << 14],
] as const;

const otherLetters = [
  ['K', KEYSPACE],
  ['E', KEYEVENT],
  ['m', KEY_MISS],
] as const;

const ALL = classLetters
  .filter(([letter]) => letter !== 'n')
  .reduce((bits, [, bit]) => bits | bit, 0);

const letterBits: ReadonlyMap<string, number> = new Map<string, number>([
  ['A', ALL],
  ...classLetters,
  ...otherLetters,
]);

/** The bits of `notify-keyspace-events`; undefined when a letter has no meaning. */
export function parseKeyspaceEvents(letters: string): number | undefined {
  let bits = 0;
  for (const letter of letters) {
    const bit = letterBits.get(letter);
    if (bit === undefined) return undefined;
    bits |= bit;
  }
  return bits;
}

/** The letters as CONFIG GET prints them. With `A`, Redis 7.2 leaves a set `n` out, and so does this. */
export function formatKeyspaceEvents(bits: number): string {
  const letters = (table: readonly (readonly [string, number])[]): string =>
    table
      .filter(([, bit]) => bits & bit)
      .map(([letter]) => letter)
      .join('');
  return ((bits & ALL) === ALL ? 'A' : letters(classLetters)) + letters(otherLetters);
}

export interface KeyspaceEventSettings {
  /** As bits, see `parseKeyspaceEvents`. Read live. */
  readonly notifyKeyspaceEvents: number;
}

/** The observer that a data node sets behind its mutation gate. */
export class KeyspaceEvents<S extends Subscriber> {
  readonly #pubsub: PubSub<S>;
  readonly #settings: KeyspaceEventSettings;
  /** Event names and their channels, one database each: a few dozen, made once. */
  readonly #events: Map<string, EventNames>[] = [];
  readonly #keyspacePrefixes: Buffer[] = [];
  readonly #scratch = Buffer.alloc(SCRATCH_BYTES);

  constructor(pubsub: PubSub<S>, settings: KeyspaceEventSettings) {
    this.#pubsub = pubsub;
    this.#settings = settings;
  }

  /** Publishes what the settings ask for. `classBit` is the event's class, b[start..end) the key. */
  notify(
    classBit: number,
    event: string,
    dbIndex: number,
    b: Buffer,
    start: number,
    end: number,
  ): void {
    const wanted = this.#settings.notifyKeyspaceEvents;
    if ((wanted & classBit) === 0 || !this.#pubsub.hasListeners) return;
    const names = this.#namesOf(event, dbIndex);
    if (wanted & KEYSPACE) {
      const channel = this.#keyspaceChannel(dbIndex, b, start, end);
      this.#pubsub.publish(channel, names.event);
    }
    if (wanted & KEYEVENT) this.#pubsub.publish(names.channel, b.subarray(start, end));
  }

  #namesOf(event: string, dbIndex: number): EventNames {
    this.#events[dbIndex] ??= new Map();
    let names = this.#events[dbIndex].get(event);
    if (names === undefined) {
      const channel = Buffer.from(`__keyevent@${dbIndex}__:${event}`, 'latin1');
      names = { event: Buffer.from(event, 'latin1'), channel };
      this.#events[dbIndex].set(event, names);
    }
    return names;
  }

  /** `__keyspace@0__:key`, as a rule in a buffer that the next call uses again. */
  #keyspaceChannel(dbIndex: number, b: Buffer, start: number, end: number): Buffer {
    this.#keyspacePrefixes[dbIndex] ??= Buffer.from(`__keyspace@${dbIndex}__:`, 'latin1');
    const prefix = this.#keyspacePrefixes[dbIndex];
    const length = prefix.length + end - start;
    // A key may be half a gigabyte: only what fits the scratch is built there.
    const to = length <= SCRATCH_BYTES ? this.#scratch : Buffer.allocUnsafeSlow(length);
    prefix.copy(to, 0);
    b.copy(to, prefix.length, start, end);
    return to.subarray(0, length);
  }
}

const SCRATCH_BYTES = 4096;

interface EventNames {
  readonly event: Buffer;
  readonly channel: Buffer;
}
