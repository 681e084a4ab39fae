// Amounts of memory as people write and read them: '64mb' in directives (util.c, memtoull) and
// '1.50M' in INFO (server.c, bytesToHuman).

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/** Bytes; undefined when the text is no amount. Not negative, and no fractions, as in Redis. */
export function parseMemorySize(text: string): number | undefined {
  const parts = /^([0-9]+)([a-z]*)$/i.exec(text);
  if (parts === null) return undefined;
  const unit = parts[2].toLowerCase();
  if (!Object.hasOwn(UNITS, unit)) return undefined;
  return Number(parts[1]) * UNITS[unit];
}

const LETTERS = 'KMGTP';

/** '512B', '1.50K', '2.00G': two places, and the letter of a power of 1024. */
export function formatMemorySize(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let amount = bytes / 1024;
  let i = 0;
  while (amount >= 1024 && i < LETTERS.length - 1) {
    amount /= 1024;
    i++;
  }
  return `${amount.toFixed(2)}${LETTERS[i]}`;
}
