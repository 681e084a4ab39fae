// The times that a node loads its append-only file: at the start, while clients are told to wait, and by
// DEBUG LOADAOF, at once. What a load itself is: aof-loading.ts.

import { AofLoading, type AofOutcome } from './aof-loading.ts';
import type { AofOptions } from './aof-options.ts';
import type { AofParts } from './aof-parts.ts';
import type { LoadedFacts } from './replication-facts.ts';

export class AofLoads {
  current: AofLoading | undefined;
  /** Of the last load. */
  facts: LoadedFacts | undefined;
  totalBytes = 0;
  baseBytes = 0;
  readonly #options: AofOptions;
  readonly #parts: AofParts;

  constructor(options: AofOptions, parts: AofParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Reads the manifest, and the data if the file is on. `failed`: the reason is in the log. */
  async atStart(): Promise<AofOutcome> {
    const { settings, clock, log } = this.#options;
    const startUs = clock.monotonicUs();
    if (!this.#parts.load()) return 'failed';
    if (!settings.appendonly) return 'absent';
    if (!this.#parts.upgrade()) return 'failed';
    const loading = this.#begin();
    const outcome = await loading.run();
    this.#end(loading);
    if (outcome === 'loaded' || outcome === 'empty') {
      const seconds = (clock.monotonicUs() - startUs) / 1_000_000;
      log.notice(`DB loaded from append only file: ${seconds.toFixed(3)} seconds`);
    }
    return outcome;
  }

  /** The data, which must be gone, are what the files say; false, with the reason in the log. */
  now(): boolean {
    if (!this.#parts.load()) return false;
    this.#parts.removeHistory();
    const loading = this.#begin();
    const outcome = loading.runNow();
    this.#end(loading);
    if (outcome !== 'loaded' && outcome !== 'empty') return false;
    this.#options.log.notice('Append Only File loaded by DEBUG LOADAOF');
    return true;
  }

  #begin(): AofLoading {
    const { settings, onChange } = this.#options;
    const { folder, manifest } = this.#parts;
    const keyDelayUs = (): number => settings.keyLoadDelay;
    this.current = new AofLoading({ ...this.#options, keyDelayUs, folder }, manifest);
    onChange();
    return this.current;
  }

  #end(loading: AofLoading): void {
    this.current = undefined;
    this.facts = loading.facts;
    this.totalBytes = loading.totalBytes;
    this.baseBytes = loading.baseBytes;
    this.#options.onChange();
  }
}
