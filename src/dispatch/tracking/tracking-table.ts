// Which sessions may hold which keys: one entry a key that a tracking session has read, over all
// databases. It knows nothing of messages. A session that goes away stays in the entries until their
// keys change; ids are never used twice, so nobody is told in its stead.

import type { KeyedHash } from '../../util/hash.ts';
import { ByteMap } from '../byte-map.ts';

/** One reader, as most keys have, or a set of them. */
export type Readers = number | Set<number>;

/** One more reader in a Set. */
const READER_BYTES = 32;

export class TrackingTable {
  readonly #keys: ByteMap<Readers>;
  /** Readers over all keys. */
  #items = 0;

  constructor(hash: KeyedHash) {
    this.#keys = new ByteMap(hash);
  }

  get keys(): number {
    return this.#keys.size;
  }

  get items(): number {
    return this.#items;
  }

  get memoryBytes(): number {
    return this.#keys.memoryBytes + (this.#items - this.#keys.size) * READER_BYTES;
  }

  /** Session `id` has read the key. */
  remember(id: number, b: Buffer, start: number, end: number): void {
    const entry = this.#keys.entry(b, start, end);
    if (entry === undefined) {
      this.#keys.add(id, b, start, end);
      this.#items++;
      return;
    }
    const readers = entry.value;
    if (readers === id) return;
    if (typeof readers === 'number') {
      entry.value = new Set([readers, id]);
      this.#items++;
    } else if (!readers.has(id)) {
      readers.add(id);
      this.#items++;
    }
  }

  /** Forgets the key and returns who had read it; undefined when nobody had. */
  take(b: Buffer, start: number, end: number): Readers | undefined {
    const readers = this.#keys.get(b, start, end);
    if (readers === undefined) return undefined;
    this.#keys.delete(b, start, end);
    this.#items -= typeof readers === 'number' ? 1 : readers.size;
    return readers;
  }

  /** Some key; `random` is a uint32. */
  randomKey(random: number): Buffer | undefined {
    return this.#keys.randomEntry(random)?.keyBytes();
  }

  clear(): void {
    this.#keys.clear();
    this.#items = 0;
  }
}
