// The memory that records and table segments live in: pages outside the JavaScript heap, cut into
// runs, each run into blocks of one size class. The garbage collector never sees what lies here.
//
// Runs belong to a class only while one of their blocks is in use; an emptied run serves any class
// again, and a page whose runs are all empty is given back. Without that, a workload that moves from
// 100-byte to 200-byte values would need the memory of both.
//
// It knows nothing of keys, values or tables: `record.ts` and `dict.ts` give blocks their meaning.

import { assert } from '../util/assert.ts';

/** Handle of a block: its place in units of 8 bytes, as an int32 bit pattern. 0 is no block. */
export type Ref = number;

const UNIT_SHIFT = 3;
/** 16 MiB a page: committed by the system as it is touched, so an empty server stays small. */
const PAGE_BYTES = 1 << 24;
/**
 * Of page 0; the next ones double. Memory outside the heap that nobody has touched still makes the
 * collector run, which a simulation of many short-lived servers pays for.
 */
const FIRST_PAGE_BYTES = 1 << 20;
export const PAGE_SHIFT = 21;
export const PAGE_MASK: number = (1 << PAGE_SHIFT) - 1;
const MAX_PAGES = 1 << (32 - PAGE_SHIFT);
/** 256 KiB a run: at least four blocks of the largest class. */
const RUN_SHIFT = 15;
const RUN_UNITS = 1 << RUN_SHIFT;
const RUNS_PER_PAGE = 1 << (PAGE_SHIFT - RUN_SHIFT);
const NO_CLASS = 255;
const NONE = -1;

/** Largest block that the arena serves, bytes. Longer values are Buffers of their own. */
export const MAX_BLOCK_BYTES: number = 68 * 1024;

// Every multiple of a unit up to 512 bytes, then eight steps a doubling (at most 11 % lost), and the
// exact sizes of table segments, which would otherwise fall just above a step.
const SEGMENT_UNITS = [66, 130, 258, 322, 386, 450, 514];
const classUnits = buildClasses();
const classOfUnits = buildLookup(classUnits);

function buildClasses(): Int32Array {
  const maxUnits = MAX_BLOCK_BYTES >> UNIT_SHIFT;
  const sizes = new Set<number>(SEGMENT_UNITS);
  for (let units = 1; units <= 64; units++) sizes.add(units);
  for (let base = 64; base < maxUnits; base *= 2) {
    for (let step = 1; step <= 8; step++) sizes.add(Math.min(maxUnits, base + (base * step) / 8));
  }
  return Int32Array.from([...sizes].sort((a, b) => a - b));
}

function buildLookup(units: Int32Array): Uint8Array {
  assert(units.length < NO_CLASS, 'size classes fit in a byte');
  const lookup = new Uint8Array(units[units.length - 1] + 1);
  for (let u = 0, c = 0; u < lookup.length; u++) {
    if (u > units[c]) c++;
    lookup[u] = c;
  }
  return lookup;
}

/** Bytes that a block for `bytes` really takes. */
export function blockBytes(bytes: number): number {
  return classUnits[classOfUnits[(bytes + 7) >>> UNIT_SHIFT]] << UNIT_SHIFT;
}

/** Whether a block made for `oldBytes` would also be the one chosen for `newBytes`. */
export function sameBlock(oldBytes: number, newBytes: number): boolean {
  return (
    classOfUnits[(oldBytes + 7) >>> UNIT_SHIFT] === classOfUnits[(newBytes + 7) >>> UNIT_SHIFT]
  );
}

export class Arena {
  /** Page bytes, for copying; index `ref >>> PAGE_SHIFT`, byte `(ref & PAGE_MASK) << 3`. */
  readonly pages: Buffer[] = [];
  /** The same pages as words; word `(ref & PAGE_MASK) << 1`. */
  readonly words: Int32Array[] = [];
  /** The same pages as doubles; double `ref & PAGE_MASK`. */
  readonly floats: Float64Array[] = [];
  /** Bytes in blocks that are in use. */
  usedBytes = 0;

  // One entry a run.
  #runClass = new Uint8Array(0);
  #runUsed: Int32Array = new Int32Array(0);
  #runBump: Int32Array = new Int32Array(0);
  #runFree: Int32Array = new Int32Array(0);
  #runNext: Int32Array = new Int32Array(0);
  #runPrev: Int32Array = new Int32Array(0);
  /** Runs of a class with room, as doubly linked lists by run number. */
  readonly #partial: Int32Array = new Int32Array(classUnits.length).fill(NONE);
  #emptyRuns: number[] = [];
  readonly #pageUsedRuns: number[] = [];
  readonly #freePages: number[] = [];
  #heldBytes = 0;

  /** Bytes of memory held, used or not. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** A block of at least `bytes`, its content undefined. */
  alloc(bytes: number): Ref {
    const cls = classOfUnits[(bytes + 7) >>> UNIT_SHIFT];
    let run = this.#partial[cls];
    if (run === NONE) run = this.#startRun(cls);
    const units = classUnits[cls];
    let ref = this.#runFree[run];
    if (ref !== 0) {
      this.#runFree[run] = this.words[ref >>> PAGE_SHIFT][(ref & PAGE_MASK) << 1];
    } else {
      const bump = this.#runBump[run];
      ref = ((run << RUN_SHIFT) + bump) | 0;
      this.#runBump[run] = bump + units;
    }
    this.#runUsed[run]++;
    this.usedBytes += units << UNIT_SHIFT;
    if (this.#runFree[run] === 0 && this.#runBump[run] + units > RUN_UNITS) this.#unlink(run, cls);
    return ref;
  }

  free(ref: Ref): void {
    const run = ref >>> RUN_SHIFT;
    const cls = this.#runClass[run];
    const units = classUnits[cls];
    const wasFull = this.#runFree[run] === 0 && this.#runBump[run] + units > RUN_UNITS;
    this.words[ref >>> PAGE_SHIFT][(ref & PAGE_MASK) << 1] = this.#runFree[run];
    this.#runFree[run] = ref;
    this.usedBytes -= units << UNIT_SHIFT;
    if (wasFull) this.#link(run, cls);
    if (--this.#runUsed[run] === 0) this.#releaseRun(run, cls);
  }

  /** Bytes of the block behind `ref`. */
  sizeOf(ref: Ref): number {
    return classUnits[this.#runClass[ref >>> RUN_SHIFT]] << UNIT_SHIFT;
  }

  #link(run: number, cls: number): void {
    const head = this.#partial[cls];
    this.#runNext[run] = head;
    this.#runPrev[run] = NONE;
    if (head !== NONE) this.#runPrev[head] = run;
    this.#partial[cls] = run;
  }

  #unlink(run: number, cls: number): void {
    const next = this.#runNext[run];
    const prev = this.#runPrev[run];
    if (prev === NONE) this.#partial[cls] = next;
    else this.#runNext[prev] = next;
    if (next !== NONE) this.#runPrev[next] = prev;
  }

  #startRun(cls: number): number {
    if (this.#emptyRuns.length === 0) this.#addPage();
    const run = this.#emptyRuns.pop() as number;
    this.#pageUsedRuns[Math.floor(run / RUNS_PER_PAGE)]++;
    this.#runClass[run] = cls;
    this.#runUsed[run] = 0;
    // Ref 0 means none, so the first unit of the first run is never handed out.
    this.#runBump[run] = run === 0 ? 1 : 0;
    this.#runFree[run] = 0;
    this.#link(run, cls);
    return run;
  }

  #releaseRun(run: number, cls: number): void {
    this.#unlink(run, cls);
    this.#runClass[run] = NO_CLASS;
    this.#emptyRuns.push(run);
    const page = Math.floor(run / RUNS_PER_PAGE);
    if (--this.#pageUsedRuns[page] > 0) return;
    // One empty page is kept, so that a workload at the edge does not map and unmap for ever.
    if (this.#emptyRuns.length < 2 * RUNS_PER_PAGE) return;
    this.#emptyRuns = this.#emptyRuns.filter((r) => Math.floor(r / RUNS_PER_PAGE) !== page);
    this.#heldBytes -= this.pages[page].length;
    this.pages[page] = Buffer.alloc(0);
    this.words[page] = new Int32Array(0);
    this.floats[page] = new Float64Array(0);
    this.#freePages.push(page);
  }

  #addPage(): void {
    const page = this.#freePages.pop() ?? this.pages.length;
    assert(page < MAX_PAGES, 'the arena holds at most 32 GiB');
    const pageBytes = Math.min(PAGE_BYTES, FIRST_PAGE_BYTES * 2 ** page);
    const memory = new ArrayBuffer(pageBytes);
    this.#heldBytes += pageBytes;
    this.pages[page] = Buffer.from(memory);
    this.words[page] = new Int32Array(memory);
    this.floats[page] = new Float64Array(memory);
    this.#pageUsedRuns[page] = 0;
    const runs = (page + 1) * RUNS_PER_PAGE;
    if (runs > this.#runClass.length) this.#growRunTables(runs * 2);
    const usable = pageBytes >>> (RUN_SHIFT + UNIT_SHIFT);
    for (let i = usable - 1; i >= 0; i--) this.#emptyRuns.push(page * RUNS_PER_PAGE + i);
  }

  #growRunTables(runs: number): void {
    const grow = (old: Int32Array): Int32Array => {
      const wider = new Int32Array(runs);
      wider.set(old);
      return wider;
    };
    const classes = new Uint8Array(runs).fill(NO_CLASS);
    classes.set(this.#runClass);
    this.#runClass = classes;
    this.#runUsed = grow(this.#runUsed);
    this.#runBump = grow(this.#runBump);
    this.#runFree = grow(this.#runFree);
    this.#runNext = grow(this.#runNext);
    this.#runPrev = grow(this.#runPrev);
  }
}
