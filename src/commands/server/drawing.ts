// LOLWUT's picture: a stage seen from the gallery. Every figure in the wings stands as the lead in the
// middle does, a little later and a little less exactly, the farther away it is.

import type { RandomSource } from '../context.ts';

const ROWS = 12;
const POSES = ['o  ', '/|\\', '/ \\', ' o ', '\\|/', '/ \\', '  o', '<|>', '/ \\'];
const FIGURE_ROWS = 3;

/** Latin1 lines of `width` columns, each ended. */
export function drawing(random: RandomSource, width: number): string {
  const canvas = Array.from({ length: ROWS }, () => new Array<string>(width).fill(' '));
  const places = Math.max(1, Math.floor(width / 6));
  const lead = Math.floor(places / 2);
  const pose = random.below(3);
  for (let place = 0; place < places; place++) {
    const distance = Math.abs(place - lead);
    // Far from the lead the pose is guessed, near it it is copied.
    const copies = random.below(lead + 1) >= distance;
    const row = Math.max(0, ROWS - 1 - FIGURE_ROWS - Math.floor(distance / 2) - random.below(2));
    draw(canvas, row, place * 6 + 1, copies ? pose : random.below(3));
  }
  canvas[ROWS - 1].fill('_');
  return canvas.map((line) => `${line.join('').trimEnd()}\n`).join('');
}

function draw(canvas: string[][], row: number, column: number, pose: number): void {
  for (let i = 0; i < FIGURE_ROWS; i++) {
    const text = POSES[pose * FIGURE_ROWS + i];
    for (let j = 0; j < text.length && column + j < canvas[0].length; j++) {
      canvas[row + i][column + j] = text[j];
    }
  }
}
