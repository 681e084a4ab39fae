// Frees large things in slices: objects whose key is gone, and whole tables after a flush. Whoever
// owns the event loop calls `step` between commands until nothing is pending.

interface Freeable {
  free(budget: number): boolean;
}

/** Elements that one slice releases: well under a millisecond. */
const SLICE_ELEMENTS = 4096;

export class LazyFree {
  /** Called when the queue becomes non-empty. */
  onWork: () => void = () => {};
  /** Objects freed by `step` since the start, for INFO lazyfreed_objects. */
  freed = 0;
  #queue: Freeable[] = [];
  #head = 0;

  get pending(): number {
    return this.#queue.length - this.#head;
  }

  add(object: Freeable): void {
    // Most objects are small: freeing them on the spot costs less than queueing them, and is not lazy.
    if (object.free(64)) return;
    this.#queue.push(object);
    if (this.pending === 1) this.onWork();
  }

  /** What waits here goes with the arena that it lies in. */
  forget(): void {
    this.#queue = [];
    this.#head = 0;
  }

  /** Frees one slice; true while there is more. */
  step(): boolean {
    if (this.pending === 0) return false;
    if (this.#queue[this.#head].free(SLICE_ELEMENTS)) {
      this.#head++;
      this.freed++;
      if (this.#head > 1024 || this.#head === this.#queue.length) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
      }
    }
    return this.pending > 0;
  }
}
