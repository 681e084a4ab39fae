// Splits a line into words as Redis does for inline commands and configuration lines (sds.c,
// sdssplitargs): spaces part words, "…" knows \n \r \t \b \a \xHH and escapes any other character,
// '…' knows only \'. A closing quote must be followed by a space or the end.

/** The words of b[start..end), undefined when quotes are unbalanced. */
export function splitArguments(
  b: Uint8Array,
  start = 0,
  end: number = b.length,
): Buffer[] | undefined {
  const words: Buffer[] = [];
  // No word is longer than what is left of the line, so one scratch serves all.
  const word = Buffer.allocUnsafe(end - start);
  let at = start;
  for (;;) {
    while (at < end && isSpace(b[at])) at++;
    if (at === end) return words;
    let length = 0;
    let closed = false;
    while (!closed && at < end && !endsWord(b[at])) {
      const c = b[at++];
      if (c !== DOUBLE_QUOTE && c !== SINGLE_QUOTE) {
        word[length++] = c;
        continue;
      }
      while (at < end && b[at] !== c) {
        at += readQuoted(b, at, end, c);
        word[length++] = unescaped;
      }
      if (at++ === end) return undefined;
      if (at < end && !isSpace(b[at])) return undefined;
      closed = true;
    }
    words.push(Buffer.from(word.subarray(0, length)));
  }
}

const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const BACKSLASH = 92;
/** a, b, n, r, t: the escapes with a meaning of their own. */
const ESCAPES: Readonly<Record<number, number>> = { 97: 7, 98: 8, 110: 10, 114: 13, 116: 9 };

/** The byte that the latest `readQuoted` stands for. */
let unescaped = 0;

/** Reads one possibly escaped byte inside quotes and returns how many bytes it took. */
function readQuoted(b: Uint8Array, at: number, end: number, quote: number): number {
  unescaped = b[at];
  if (unescaped !== BACKSLASH || at + 1 >= end) return 1;
  const next = b[at + 1];
  if (quote === SINGLE_QUOTE) {
    if (next !== SINGLE_QUOTE) return 1;
    unescaped = SINGLE_QUOTE;
    return 2;
  }
  if (next === 120 && at + 3 < end) {
    const high = hexDigit(b[at + 2]);
    const low = hexDigit(b[at + 3]);
    if (high >= 0 && low >= 0) {
      unescaped = high * 16 + low;
      return 4;
    }
  }
  unescaped = ESCAPES[next] ?? next;
  return 2;
}

function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Vertical tab and form feed part words only in front of one, as in Redis. */
function endsWord(c: number): boolean {
  return c === 32 || c === 9 || c === 10 || c === 13;
}

function isSpace(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13);
}
