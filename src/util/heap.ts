// A binary heap whose items can be taken out before their turn: timers and deadlines are cancelled
// far more often than they come up.

/** What `push` returns and `remove` takes. */
export interface HeapHandle<T> {
  readonly value: T;
  /** Place in the heap, -1 once it has left. */
  index: number;
}

export class Heap<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #items: HeapHandle<T>[] = [];

  /** `compare` is negative when `a` comes before `b`. Equal items come in no certain order. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  push(value: T): HeapHandle<T> {
    const handle: HeapHandle<T> = { value, index: this.#items.length };
    this.#items.push(handle);
    this.#up(handle);
    return handle;
  }

  /** The first item, which stays. */
  peek(): T | undefined {
    return this.#items[0]?.value;
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first === undefined) return undefined;
    this.remove(first);
    return first.value;
  }

  /** Takes an item out; false when it has left already. */
  remove(handle: HeapHandle<T>): boolean {
    const { index } = handle;
    if (index < 0) return false;
    handle.index = -1;
    const last = this.#items.pop();
    if (last === undefined || last === handle) return true;
    last.index = index;
    this.#items[index] = last;
    this.#up(last);
    this.#down(last);
    return true;
  }

  clear(): void {
    for (const handle of this.#items) handle.index = -1;
    this.#items.length = 0;
  }

  #up(handle: HeapHandle<T>): void {
    const items = this.#items;
    let { index } = handle;
    while (index > 0) {
      const parent = items[(index - 1) >> 1];
      if (this.#compare(handle.value, parent.value) >= 0) break;
      items[index] = parent;
      [parent.index, index] = [index, parent.index];
    }
    items[index] = handle;
    handle.index = index;
  }

  #down(handle: HeapHandle<T>): void {
    const items = this.#items;
    let { index } = handle;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= items.length) break;
      const right = left + 1;
      const rightFirst =
        right < items.length && this.#compare(items[right].value, items[left].value) < 0;
      const child = items[rightFirst ? right : left];
      if (this.#compare(child.value, handle.value) >= 0) break;
      items[index] = child;
      [child.index, index] = [index, child.index];
    }
    items[index] = handle;
    handle.index = index;
  }
}
