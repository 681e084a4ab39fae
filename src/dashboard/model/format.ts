// Figures as people read them: few digits, a unit, a narrow space between thousands so that digits of
// equal width stand under each other.

const NARROW_SPACE = '\u202f';
const NOTHING = '–';

export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE);
}

/** Units of 1000: '0 B', '999 B', '12.3 kB'. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return NOTHING;
  let value = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (Math.abs(value) < 999.5) return `${shortNumber(value, unit === 'B')}${NARROW_SPACE}${unit}`;
    value /= 1000;
  }
  return `${shortNumber(value, false)}${NARROW_SPACE}TB`;
}

/** '84 ms', '1.32 s', '2 min 05 s', '3 h 20 min', '2 days'. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NOTHING;
  const unit = (text: string, name: string): string => `${text}${NARROW_SPACE}${name}`;
  if (ms < 999.5) return unit(String(Math.max(0, Math.round(ms))), 'ms');
  if (ms < 9_995) return unit((ms / 1000).toFixed(2), 's');
  if (ms < 59_950) return unit((ms / 1000).toFixed(1), 's');
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${unit(String(minutes), 'min')} ${unit(pad(seconds % 60), 's')}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${unit(String(hours), 'h')} ${unit(pad(minutes % 60), 'min')}`;
  return unit(String(Math.floor(hours / 24)), 'days');
}

/** The time of day where the reader is: '14:03:07', with `.123` where it matters. */
export function formatClock(atMs: number, withMs = false): string {
  const date = new Date(atMs);
  const text = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':');
  return withMs ? `${text}.${String(date.getMilliseconds()).padStart(3, '0')}` : text;
}

/** 'server1', 'server1 and server2', 'a, b and c'. */
export function formatList(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function shortNumber(value: number, isWhole: boolean): string {
  if (isWhole) return String(Math.round(value));
  const size = Math.abs(value);
  if (size < 9.995) return value.toFixed(2);
  return size < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
