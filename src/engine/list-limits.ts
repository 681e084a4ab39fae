// How large a listpack a list may be, or a node of a quicklist, by `list-max-listpack-size`: a positive
// value counts elements, a negative one names a class of bytes. As in Redis 7.2.

/** `list-max-listpack-size` below zero: bytes a node. */
const SIZE_CLASSES = [4096, 8192, 16384, 32768, 65536];
/** Bytes of a node of several elements that is limited by number only. */
const SAFE_NODE_BYTES = 8192;
const FILL_MAX = 32767;

/** The largest listpack that a list may be, by `list-max-listpack-size`. */
export function listpackSizeLimit(fill: number): number {
  return fill >= 0
    ? Number.POSITIVE_INFINITY
    : SIZE_CLASSES[Math.min(-fill, SIZE_CLASSES.length) - 1];
}

export function listpackCountLimit(fill: number): number {
  return fill >= 0 ? Math.max(fill, 1) : Number.POSITIVE_INFINITY;
}

/** Whether a listpack of `bytes` and `count` is more than `fill` allows. */
export function exceedsFill(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes > listpackSizeLimit(fill);
  return bytes > SAFE_NODE_BYTES || count > listpackCountLimit(fill);
}

/** A value of the directive as a list remembers it. */
export function clampFill(fill: number): number {
  return Math.max(-SIZE_CLASSES.length, Math.min(FILL_MAX, fill));
}
