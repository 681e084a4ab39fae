// Puts a selector that came as several arguments together again: `(+get ~a)` may be typed unquoted.

export interface MergedWords {
  readonly words: string[];
  /** The argument that opens a parenthesis which nothing closes; then `words` means nothing. */
  readonly unmatched: string | undefined;
}

export function mergeSelectorWords(args: readonly string[]): MergedWords {
  const words: string[] = [];
  let open: string[] | undefined;
  for (const arg of args) {
    if (open !== undefined) open.push(arg);
    else if (arg.startsWith('(') && !arg.endsWith(')')) open = [arg];
    else words.push(arg);
    if (open !== undefined && arg.endsWith(')')) {
      words.push(open.join(' '));
      open = undefined;
    }
  }
  return { words, unmatched: open?.[0] };
}
