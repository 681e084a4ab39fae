// Redis's glob patterns over bytes (util.c, stringmatchlen): '*', '?', '[abc]', '[^a-z]' and '\'.
// Same answers, other algorithm: an element of a pattern always takes exactly one byte, so only the
// last '*' ever needs to be tried again, and no pattern takes more than |pattern| * |text| steps.
// (Redis recurses at every '*' and needs a guard against patterns that never end.)
//
// Redis's oddities are kept, because KEYS and ACL rules show them: nothing but the empty pattern
// matches the empty text, an unclosed class ends with the pattern, bytes in ranges are signed, and
// an escaped byte in a class is compared with its case even when case is ignored.

const STAR = 42;
const QUESTION = 63;
const LEFT_BRACKET = 91;
const BACKSLASH = 92;
const RIGHT_BRACKET = 93;
const CARET = 94;
const MINUS = 45;

/** Whether the whole text matches. Where a pattern is used often, keep a `Glob`. */
export function globMatches(pattern: Uint8Array, text: Uint8Array, ignoreCase = false): boolean {
  return new Glob(pattern, ignoreCase).matches(text);
}

/**
 * A pattern that is tried on many texts. It keeps a copy: patterns come from requests. It is not
 * compiled into tables: a hostile pattern of a megabyte of classes would become many megabytes.
 */
export class Glob {
  readonly #pattern: Uint8Array;
  readonly #ignoreCase: boolean;
  /** Where the class ends that was tried last. */
  #classEnd = 0;

  constructor(pattern: Uint8Array, ignoreCase = false) {
    this.#pattern = Uint8Array.from(pattern);
    this.#ignoreCase = ignoreCase;
  }

  /** The pattern is a single '*'; commands take that as "all", the empty text included. */
  get isStar(): boolean {
    return this.#pattern.length === 1 && this.#pattern[0] === STAR;
  }

  /** Whether text[start..end) matches as a whole. */
  matches(text: Uint8Array, start = 0, end: number = text.length): boolean {
    const pattern = this.#pattern;
    const patternEnd = pattern.length;
    if (start === end) return patternEnd === 0;
    let p = 0;
    let t = start;
    // Behind the last '*', and the first byte that it has not taken.
    let retryPattern = -1;
    let retryText = 0;
    while (t < end) {
      if (p < patternEnd && pattern[p] === STAR) {
        p++;
        if (p === patternEnd) return true;
        retryPattern = p;
        retryText = t;
        continue;
      }
      const next = p < patternEnd ? this.#step(p, text[t]) : -1;
      if (next >= 0) {
        p = next;
        t++;
      } else {
        if (retryPattern < 0) return false;
        p = retryPattern;
        t = ++retryText;
      }
    }
    while (p < patternEnd && pattern[p] === STAR) p++;
    return p === patternEnd;
  }

  /** Where the pattern goes on when its element at `p` takes the byte, -1 when it does not. */
  #step(p: number, byte: number): number {
    const pattern = this.#pattern;
    let at = p;
    let c = pattern[at];
    if (c === QUESTION) return at + 1;
    if (c === LEFT_BRACKET) return this.#classTakes(at + 1, byte) ? this.#classEnd : -1;
    if (c === BACKSLASH && at + 1 < pattern.length) c = pattern[++at];
    if (c === byte || (this.#ignoreCase && lower(c) === lower(byte))) return at + 1;
    return -1;
  }

  /** `from` is behind the '['. Sets where the class ends. */
  #classTakes(from: number, byte: number): boolean {
    const pattern = this.#pattern;
    const end = pattern.length;
    let at = from;
    const negated = pattern[at] === CARET;
    if (negated) at++;
    let found = false;
    while (at < end) {
      const c = pattern[at];
      if (c === BACKSLASH && at + 1 < end) {
        if (pattern[at + 1] === byte) found = true;
        at += 2;
      } else if (c === RIGHT_BRACKET) {
        at++;
        break;
      } else if (at + 2 < end && pattern[at + 1] === MINUS) {
        if (this.#inRange(c, pattern[at + 2], byte)) found = true;
        at += 3;
      } else {
        if (c === byte || (this.#ignoreCase && lower(c) === lower(byte))) found = true;
        at++;
      }
    }
    this.#classEnd = at;
    return found !== negated;
  }

  #inRange(one: number, other: number, byte: number): boolean {
    let low = (one << 24) >> 24;
    let high = (other << 24) >> 24;
    let c = (byte << 24) >> 24;
    if (low > high) [low, high] = [high, low];
    if (this.#ignoreCase) {
      low = lower(low);
      high = lower(high);
      c = lower(c);
    }
    return c >= low && c <= high;
  }
}

function lower(c: number): number {
  return c >= 65 && c <= 90 ? c + 32 : c;
}
