// A set of the hashes of keys: uniform 32-bit numbers. In 256 parts by their leading byte, each of which
// grows alone, so that no addition ever moves more than a small share of millions.

const PARTS = 256;
const FIRST_SLOTS = 16;

/** Open addressing; an empty slot is 0, and whether 0 is in it is told apart. */
class Part {
  count = 0;
  slots: Int32Array = new Int32Array(FIRST_SLOTS);
  hasZero = false;
}

export class HashSet {
  size = 0;
  readonly #parts: (Part | undefined)[] = new Array(PARTS).fill(undefined);

  has(hash: number): boolean {
    const part = this.#parts[hash >>> 24];
    if (part === undefined) return false;
    return hash === 0 ? part.hasZero : part.slots[placeOf(part.slots, hash)] === hash;
  }

  /** False when it is there already. */
  add(hash: number): boolean {
    this.#parts[hash >>> 24] ??= new Part();
    const part = this.#parts[hash >>> 24] as Part;
    if (hash === 0) {
      if (part.hasZero) return false;
      part.hasZero = true;
    } else {
      const at = placeOf(part.slots, hash);
      if (part.slots[at] === hash) return false;
      part.slots[at] = hash;
      part.count++;
      if (part.count * 2 > part.slots.length) grow(part);
    }
    this.size++;
    return true;
  }
}

/** Where the hash is, or would be put. */
function placeOf(slots: Int32Array, hash: number): number {
  const mask = slots.length - 1;
  let at = hash & mask;
  while (slots[at] !== 0 && slots[at] !== hash) at = (at + 1) & mask;
  return at;
}

function grow(part: Part): void {
  const wider = new Int32Array(part.slots.length * 2);
  for (const hash of part.slots) if (hash !== 0) wider[placeOf(wider, hash)] = hash;
  part.slots = wider;
}
