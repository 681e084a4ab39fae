// A series as rows of characters, its labels written downwards beneath: LATENCY GRAPH's picture, in the
// shape that people know from Redis (four rows of three steps each).

const ROWS = 4;
const STEPS = '_o#';
const FULL = '|';

/** One column a value; after `columns` of them the picture goes on below. */
export function sparkline(
  values: readonly number[],
  labels: readonly string[],
  columns: number,
): string {
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const heights = values.map((value) =>
    Math.min(ROWS * STEPS.length - 1, Math.floor(((value - low) * ROWS * STEPS.length) / range)),
  );
  const blocks: string[] = [];
  for (let from = 0; from < values.length; from += columns) {
    const to = from + columns;
    blocks.push(
      [...bars(heights.slice(from, to)), '', ...downwards(labels.slice(from, to))].join('\n'),
    );
  }
  return `${blocks.join('\n\n')}\n`;
}

function bars(heights: readonly number[]): string[] {
  const rows: string[] = [];
  for (let row = ROWS - 1; row >= 0; row--) {
    rows.push(heights.map((height) => cell(height - row * STEPS.length)).join(''));
  }
  return rows;
}

/** What a row shows of a bar that rises `above` steps beyond the row's foot. */
function cell(above: number): string {
  if (above < 0) return ' ';
  return above < STEPS.length ? STEPS[above] : FULL;
}

function downwards(labels: readonly string[]): string[] {
  const longest = Math.max(...labels.map((label) => label.length));
  return Array.from({ length: longest }, (_, i) => labels.map((label) => label[i] ?? ' ').join(''));
}
