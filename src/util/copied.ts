// Copies of short stretches of bytes: most of what links and simulations pass on are a few dozen.

/** Below this a loop is faster than a call out of JavaScript. */
const SHORT = 64;

/** The bytes `start` to `end` of `from` in memory of their own. */
export function copied(from: Uint8Array, start = 0, end: number = from.length): Buffer {
  const length = end - start;
  const copy = Buffer.allocUnsafe(length);
  if (length > SHORT)
    copy.set(start === 0 && end === from.length ? from : from.subarray(start, end));
  else for (let i = 0; i < length; i++) copy[i] = from[start + i];
  return copy;
}
