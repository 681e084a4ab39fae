// A value as configuration lines spell it: what `splitArguments` reads back, byte for byte.

/** A value in quotes, so that splitting the line gives the same bytes again (latin1). */
export function quoted(value: string): string {
  let out = '"';
  for (const char of value) {
    const code = char.charCodeAt(0);
    if (char === '"' || char === '\\') out += `\\${char}`;
    else if (code >= 0x20 && code < 0x7f) out += char;
    else out += ESCAPES.get(code) ?? `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return `${out}"`;
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x07, '\\a'],
  [0x08, '\\b'],
]);

/** The value as it is where a line allows that, which people prefer to read; else in quotes. */
export function quotedIfNeeded(value: string): string {
  return /^[!-~]+$/.test(value) && !/["'\\#]/.test(value) ? value : quoted(value);
}
