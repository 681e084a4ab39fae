// Where everything of a drawing stands. Sentinels on top, looking down; the master below them, its
// replicas below it, rows centred and broken where they do not fit. In units of 1/16 rem, so that
// text has the same proportion on a phone and on a wall.

import type { Drawing, DrawnNode } from './drawing.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
}

interface CardSize {
  readonly least: number;
  readonly most: number;
  readonly height: number;
}

const sentinelCard: CardSize = { least: 96, most: 176, height: 62 };
const serverCard: CardSize = { least: 148, most: 216, height: 86 };
const GAP = 14;
const WIDE_GAP = 56;
/** Between the rows of one level: a label stands there. */
const ROW_GAP = 40;
/** Room for the lines between two levels, with a label on them. */
const LEVEL_GAP = 68;
const MARGIN = 6;

export function layOut(drawing: Drawing, width: number): Layout {
  const boxes = new Map<string, Box>();
  const levels = [...new Set(drawing.nodes.map(({ level }) => level))].sort((a, b) => a - b);
  let y = MARGIN;
  for (const level of levels) {
    const nodes = drawing.nodes.filter((node) => node.level === level).sort(byName);
    y = placeLevel(nodes, level < 0 ? sentinelCard : serverCard, width, y, boxes) + LEVEL_GAP;
  }
  return { width, height: Math.max(0, y - LEVEL_GAP + MARGIN), boxes };
}

/** A curve from one box to another: from border to border, leaving and arriving upright. */
export function linkPath(from: Box, to: Box): string {
  const [x1, x2] = [centre(from), centre(to)];
  if (from.y === to.y) return archPath(from, to);
  const isDown = from.y < to.y;
  const y1 = isDown ? from.y + from.height : from.y;
  const y2 = isDown ? to.y : to.y + to.height;
  const bend = (y2 - y1) / 2;
  return `M ${x1} ${y1} C ${x1} ${y1 + bend}, ${x2} ${y2 - bend}, ${x2} ${y2}`;
}

/**
 * Where the label of that curve stands: just above its lower end, because there the curves of one
 * master have parted. `lift` makes room for two labels over one card.
 */
export function labelPoint(
  from: Box,
  to: Box,
  lift = 0,
): { readonly x: number; readonly y: number } {
  if (from.y === to.y) {
    const x = (centre(from) + centre(to)) / 2;
    return { x, y: from.y + from.height + ARCH_DEPTH * 0.75 };
  }
  const [upper, lower] = from.y < to.y ? [from, to] : [to, from];
  const t = lower.y - upper.y - upper.height > LEVEL_GAP ? 0.92 : 0.72;
  const across = 3 * t ** 2 - 2 * t ** 3;
  return {
    x: centre(upper) + (centre(lower) - centre(upper)) * across,
    y: lower.y - LABEL_HEIGHT - lift,
  };
}

/** With a little room around it. */
const LABEL_HEIGHT = 22;

/** Cards narrower than this have room for the short form of a text only. */
export const WIDE_CARD = 190;

const ARCH_DEPTH = 34;

/** Between two of one row: a bow below them. */
function archPath(from: Box, to: Box): string {
  const y = from.y + from.height;
  const below = y + ARCH_DEPTH;
  const [x1, x2] = [centre(from), centre(to)];
  return `M ${x1} ${y} C ${x1} ${below}, ${x2} ${below}, ${x2} ${y}`;
}

function centre(box: Box): number {
  return box.x + box.width / 2;
}

/** Returns the lower edge of the last row. */
function placeLevel(
  nodes: readonly DrawnNode[],
  card: CardSize,
  width: number,
  top: number,
  boxes: Map<string, Box>,
): number {
  const room = width - 2 * MARGIN;
  const perRow = Math.max(1, Math.floor((room + GAP) / (card.least + GAP)));
  const rows = Math.ceil(nodes.length / perRow);
  // Rows of equal length: five in two rows are three and two, not four and one.
  const inRow = Math.ceil(nodes.length / Math.max(1, rows));
  const size = Math.min(card.most, (room - (inRow - 1) * GAP) / inRow);
  let y = top;
  for (let row = 0; row < rows; row++) {
    const members = nodes.slice(row * inRow, (row + 1) * inRow);
    const spare = room - members.length * size;
    const gap = Math.min(WIDE_GAP, members.length > 1 ? spare / (members.length - 1) : 0);
    let x = (width - members.length * size - (members.length - 1) * gap) / 2;
    for (const { name } of members) {
      boxes.set(name, { x, y, width: size, height: card.height });
      x += size + gap;
    }
    y += card.height + (row < rows - 1 ? ROW_GAP : 0);
  }
  return y;
}

function byName(a: DrawnNode, b: DrawnNode): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true });
}
