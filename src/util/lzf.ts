// LZF, the light compression of RDB strings and of quicklist nodes (liblzf's format): a control byte
// below 32 starts control+1 literals; any other is a copy of earlier output, its upper three bits
// the length - 2 (7: one more byte is added to it), the rest and the next byte the distance - 1.

const HASH_BITS = 16;
const MAX_LITERALS = 32;
const MAX_DISTANCE = 8192;
const MAX_MATCH = 264;

/**
 * Where each hash of three bytes was last seen, plus `generation`: a table of an earlier call needs
 * no clearing, since all its entries are below. (Clearing 256 KiB would cost more than compressing.)
 */
const seen: Int32Array = new Int32Array(1 << HASH_BITS);
let generation = 1;

/**
 * Compresses input[start..end) into output and returns how many bytes that took; 0 when they do not
 * fit. Pass an output smaller than the input to demand a gain.
 */
export function lzfCompress(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
): number {
  const length = end - start;
  const room = output.length;
  if (length === 0 || room < 2) return 0;
  if (generation + length > 0x7fffffff) {
    seen.fill(0);
    generation = 1;
  }
  const base = generation - start;
  generation += length;
  let from = start;
  // Place of the control byte of the run of literals under way.
  let run = 0;
  let to = 1;
  while (from < end) {
    let found = -1;
    if (from + 2 < end) {
      const three = (input[from] << 16) | (input[from + 1] << 8) | input[from + 2];
      const slot = Math.imul(three, 0x9e3779b1) >>> (32 - HASH_BITS);
      found = seen[slot] - base;
      seen[slot] = from + base;
    }
    if (
      found >= start &&
      from - found <= MAX_DISTANCE &&
      input[found] === input[from] &&
      input[found + 1] === input[from + 1] &&
      input[found + 2] === input[from + 2]
    ) {
      const limit = Math.min(end - from, MAX_MATCH);
      let match = 3;
      while (match < limit && input[found + match] === input[from + match]) match++;
      // An empty run gives its control byte back.
      if (to === run + 1) to = run;
      else output[run] = to - run - 2;
      if (to + 4 > room) return 0;
      const distance = from - found - 1;
      if (match - 2 < 7) output[to++] = (distance >> 8) | ((match - 2) << 5);
      else {
        output[to++] = (distance >> 8) | 0xe0;
        output[to++] = match - 9;
      }
      output[to++] = distance;
      run = to++;
      // Only the last bytes of a match are remembered: a little less gain, far fewer stores.
      const next = from + match;
      for (from = next - 2; from < next && from + 2 < end; from++) {
        const bytes = (input[from] << 16) | (input[from + 1] << 8) | input[from + 2];
        seen[Math.imul(bytes, 0x9e3779b1) >>> (32 - HASH_BITS)] = from + base;
      }
      from = next;
    } else {
      if (to >= room) return 0;
      output[to++] = input[from++];
      if (to - run > MAX_LITERALS) {
        output[run] = MAX_LITERALS - 1;
        run = to++;
      }
    }
  }
  if (to === run + 1) return run;
  output[run] = to - run - 2;
  return to;
}

/**
 * Decompresses input[start..end) into output[0..length). False when the input is damaged or does not
 * give exactly that many bytes; it never reads or writes outside its ranges.
 */
export function lzfDecompress(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  length: number = output.length,
): boolean {
  let from = start;
  let to = 0;
  while (from < end) {
    const control = input[from++];
    if (control < 32) {
      const count = control + 1;
      if (from + count > end || to + count > length) return false;
      for (let i = 0; i < count; i++) output[to++] = input[from++];
      continue;
    }
    let count = control >> 5;
    if (count === 7) {
      if (from >= end) return false;
      count += input[from++];
    }
    count += 2;
    if (from >= end) return false;
    let copy = to - ((control & 31) << 8) - input[from++] - 1;
    if (copy < 0 || to + count > length) return false;
    // Byte by byte, since source and target overlap where a pattern repeats.
    for (let i = 0; i < count; i++) output[to++] = output[copy++];
  }
  return to === length;
}
