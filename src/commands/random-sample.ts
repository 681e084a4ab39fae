// Fair draws from collections, with and without repetition, for SRANDMEMBER, HRANDFIELD, ZRANDMEMBER
// and SPOP.

import type { Session } from '../dispatch/session.ts';
import type { Dict } from '../engine/dict.ts';
import { LISTPACK_END, LISTPACK_HEADER, nextEntry } from '../engine/listpack.ts';
import { skipEntries } from '../engine/listpack-edit.ts';
import type { Ref } from '../engine/record.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { RandomSource } from './context.ts';

/**
 * Longest reply of elements drawn with repetition. Its length is the client's word alone, so that
 * without a `client-output-buffer-limit` nothing else would end it: Redis goes on until memory is
 * gone, and serves nobody meanwhile. What would become longer ends with the connection, since the
 * count is sent already. So many draws take some seconds.
 */
const MAX_DRAWS = 2 ** 24;
const MAX_DRAWN_BYTES = 2 ** 28;
/** Draws between two looks at the length. */
const DRAWS_BETWEEN_LOOKS = 1024;

/** Below this many, drawing again on a repetition is cheap; above, a table of those seen is not. */
const MAX_REJECTION_SAMPLE = 1 << 20;

/** Calls `draw` `n` times, or until nobody will read what it writes to `reply`. */
export function repeat(session: Session, reply: ReplyWriter, n: number, draw: () => void): void {
  const { out } = reply;
  for (let i = 0; i < n && !out.discards; i++) {
    draw();
    if (i % DRAWS_BETWEEN_LOOKS !== 0) continue;
    if (i >= MAX_DRAWS || out.length > MAX_DRAWN_BYTES) session.close();
  }
}

/** Calls `visit` with `n` different indexes below `total`, ascending, every subset equally likely. */
export function sampleAscending(
  random: RandomSource,
  total: number,
  n: number,
  visit: (index: number) => void,
): void {
  let left = n;
  for (let i = 0; left > 0; i++) {
    if (random.below(total - i) >= left) continue;
    visit(i);
    left--;
  }
}

/** Where the tuples of `width` entries begin in the listpack at b[start]. */
export function tuplePositions(b: Buffer, start: number, width: number): number[] {
  const positions: number[] = [];
  let p = start + LISTPACK_HEADER;
  while (b[p] !== LISTPACK_END) {
    positions.push(p);
    p = width === 1 ? nextEntry(b, p) : skipEntries(b, p, width);
  }
  return positions;
}

/** `n` different members of a table that has more, in random order. */
export function sampleMembers(dict: Dict, random: RandomSource, n: number): ArrayLike<Ref> {
  const draw = (): number => random.uint32();
  if (n * 3 <= dict.count && n <= MAX_REJECTION_SAMPLE) {
    const seen = new Set<Ref>();
    while (seen.size < n) seen.add(dict.randomRef(draw));
    return [...seen];
  }
  const all = new Int32Array(dict.count);
  let count = 0;
  dict.forEach((ref) => {
    all[count++] = ref;
  });
  // The first n steps of a shuffle.
  for (let i = 0; i < n; i++) {
    const j = i + random.below(count - i);
    const other = all[j];
    all[j] = all[i];
    all[i] = other;
  }
  return all.subarray(0, n);
}
