// Positions as scores: longitude and latitude in 26 bits each, interleaved to 52 bits, which a double
// holds exactly. A cell is such a position with fewer bits, and covers an interval of scores. Ranges,
// formulas and constants are Redis's (geohash.c, geohash_helper.c): results must agree to the digit.

const LONGITUDE_LIMIT = 180;
/** Beyond it Mercator's square ends. */
const LATITUDE_LIMIT = 85.05112878;
/** Bits a coordinate in a score. */
const FULL_STEP = 26;
const EARTH_RADIUS_M = 6372797.560856;
const MERCATOR_MAX = 20037726.37;
const RADIANS = Math.PI / 180;

export interface Position {
  readonly longitude: number;
  readonly latitude: number;
}

/** The square with index (x, y) of 2^step by 2^step. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly step: number;
}

export interface Area {
  readonly minLongitude: number;
  readonly maxLongitude: number;
  readonly minLatitude: number;
  readonly maxLatitude: number;
}

/** A search: a circle of `width` as radius, or a box, in metres. */
export interface Shape {
  readonly kind: 'circle' | 'box';
  readonly center: Position;
  readonly width: number;
  readonly height: number;
}

export function isPosition({ longitude, latitude }: Position): boolean {
  return Math.abs(longitude) <= LONGITUDE_LIMIT && Math.abs(latitude) <= LATITUDE_LIMIT;
}

function cellOf({ longitude, latitude }: Position, step: number): Cell {
  return cellIn(longitude, latitude, LATITUDE_LIMIT, step);
}

/** The same in a world whose latitudes end at `latitudeLimit`. */
function cellIn(longitude: number, latitude: number, latitudeLimit: number, step: number): Cell {
  const x = (longitude + LONGITUDE_LIMIT) / (2 * LONGITUDE_LIMIT);
  const y = (latitude + latitudeLimit) / (2 * latitudeLimit);
  return { x: Math.floor(x * 2 ** step), y: Math.floor(y * 2 ** step), step };
}

/** The lower 16 bits of `v` at the even bits of the result. */
function spread(v: number): number {
  let bits = v & 0xffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

/** The even bits of `v` moved together. */
function gather(v: number): number {
  let bits = v & 0x55555555;
  bits = (bits | (bits >>> 1)) & 0x33333333;
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff00ff;
  return (bits | (bits >>> 8)) & 0xffff;
}

/** The bits of x and y in turn, y's lowest first. */
function interleave(x: number, y: number): number {
  const low = (spread(y) | (spread(x) << 1)) >>> 0;
  const high = (spread(y >>> 16) | (spread(x >>> 16) << 1)) >>> 0;
  return high * 2 ** 32 + low;
}

export function scoreOfPosition(position: Position): number {
  const { x, y } = cellOf(position, FULL_STEP);
  return interleave(x, y);
}

/** Scores [min, max) of the positions in a cell. */
export function scoresOfCell({ x, y, step }: Cell): { min: number; max: number } {
  const bits = interleave(x, y);
  const unit = 4 ** (FULL_STEP - step);
  return { min: bits * unit, max: (bits + 1) * unit };
}

/** The cell that the 64 bits of a score name, given in halves. */
function cellOfBits(high: number, low: number): Cell {
  return {
    x: gather(high >>> 1) * 2 ** 16 + gather(low >>> 1),
    y: gather(high) * 2 ** 16 + gather(low),
    step: FULL_STEP,
  };
}

/**
 * Scores that only ZADD can have given, as Redis on x86 casts them to unsigned 64-bit integers. They
 * lie in the far north-east and beyond, where all is brought back to the last position.
 */
function foreignCell(score: number): Cell {
  let bits = 0n;
  if (score < -(2 ** 63)) bits = 1n << 63n;
  else if (score < 2 ** 64) bits = BigInt.asUintN(64, BigInt(Math.trunc(score)));
  return cellOfBits(Number(bits >> 32n), Number(bits & 0xffff_ffffn));
}

/** The middle of the cell that a score names. */
export function positionOfScore(score: number): Position {
  const isPlain = score >= 0 && score < 2 ** 53;
  const area = areaOf(isPlain ? cellOfBits(score / 2 ** 32, score) : foreignCell(score));
  return {
    longitude: clamp((area.minLongitude + area.maxLongitude) / 2, LONGITUDE_LIMIT),
    latitude: clamp((area.minLatitude + area.maxLatitude) / 2, LATITUDE_LIMIT),
  };
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

function areaOf({ x, y, step }: Cell): Area {
  const cells = 2 ** step;
  const longitude = (i: number): number => -LONGITUDE_LIMIT + (i / cells) * (2 * LONGITUDE_LIMIT);
  const latitude = (i: number): number => -LATITUDE_LIMIT + (i / cells) * (2 * LATITUDE_LIMIT);
  return {
    minLongitude: longitude(x),
    maxLongitude: longitude(x + 1),
    minLatitude: latitude(y),
    maxLatitude: latitude(y + 1),
  };
}

/** The 11 letters of the usual geohash, which knows latitudes up to 90 and has 5 bits a letter. */
export function geohashText({ longitude, latitude }: Position): string {
  const letters = '0123456789bcdefghjkmnpqrstuvwxyz';
  const { x, y } = cellIn(longitude, latitude, 90, FULL_STEP);
  const bits = interleave(x, y);
  let text = '';
  for (let i = 1; i <= 10; i++) text += letters[Math.floor(bits / 2 ** (52 - i * 5)) % 32];
  // 52 bits end within the eleventh letter, which is therefore always this one.
  return `${text}0`;
}

/** Great-circle distance in metres. */
export function distance(a: Position, b: Position): number {
  const v = Math.sin((b.longitude * RADIANS - a.longitude * RADIANS) / 2);
  if (v === 0) return latitudeDistance(a.latitude, b.latitude);
  const from = a.latitude * RADIANS;
  const to = b.latitude * RADIANS;
  const u = Math.sin((to - from) / 2);
  const h = u * u + Math.cos(from) * Math.cos(to) * v * v;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(h));
}

function latitudeDistance(a: number, b: number): number {
  return EARTH_RADIUS_M * Math.abs(b * RADIANS - a * RADIANS);
}

/** Metres from the centre, or undefined outside of the shape. */
export function distanceWithin(shape: Shape, position: Position): number | undefined {
  const { center, width, height } = shape;
  if (shape.kind === 'circle') {
    const metres = distance(center, position);
    return metres > width ? undefined : metres;
  }
  if (latitudeDistance(position.latitude, center.latitude) > height / 2) return undefined;
  const sameLatitude = { longitude: center.longitude, latitude: position.latitude };
  if (distance(position, sameLatitude) > width / 2) return undefined;
  return distance(center, position);
}

/** Cells that together cover the shape: the one of its centre and those around it that it reaches. */
export function coveringCells(shape: Shape): Cell[] {
  const bounds = boundingBox(shape);
  const isCircle = shape.kind === 'circle';
  const reach = isCircle ? shape.width : Math.hypot(shape.width / 2, shape.height / 2);
  let step = stepFor(reach, shape.center.latitude);
  let middle = cellOf(shape.center, step);
  if (step > 1 && !neighboursCover(middle, bounds)) {
    step--;
    middle = cellOf(shape.center, step);
  }
  const area = areaOf(middle);
  // With few bits a cell is its own neighbour on both sides, and nothing can be left out.
  const canSkip = step >= 2;
  const west = !canSkip || area.minLongitude >= bounds.minLongitude;
  const east = !canSkip || area.maxLongitude <= bounds.maxLongitude;
  const south = !canSkip || area.minLatitude >= bounds.minLatitude;
  const north = !canSkip || area.maxLatitude <= bounds.maxLatitude;
  const order: readonly (readonly [dx: number, dy: number])[] = [
    [0, 0],
    [0, 1],
    [0, -1],
    [1, 0],
    [-1, 0],
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
  ];
  const cells: Cell[] = [];
  for (const [dx, dy] of order) {
    if ((dx < 0 && !west) || (dx > 0 && !east) || (dy < 0 && !south) || (dy > 0 && !north))
      continue;
    const cell = neighbour(middle, dx, dy);
    if (!cells.some((c) => c.x === cell.x && c.y === cell.y)) cells.push(cell);
  }
  return cells;
}

/**
 * The world is round in both directions here; what comes from the far side is not in the shape. The
 * easternmost longitude and the northernmost latitude lie in a cell of their own behind the last.
 */
function neighbour({ x, y, step }: Cell, dx: number, dy: number): Cell {
  const mask = 2 ** step - 1;
  return { x: dx === 0 ? x : (x + dx) & mask, y: dy === 0 ? y : (y + dy) & mask, step };
}

function neighboursCover(middle: Cell, bounds: Area): boolean {
  return (
    areaOf(neighbour(middle, 0, 1)).maxLatitude >= bounds.maxLatitude &&
    areaOf(neighbour(middle, 0, -1)).minLatitude <= bounds.minLatitude &&
    areaOf(neighbour(middle, 1, 0)).maxLongitude >= bounds.maxLongitude &&
    areaOf(neighbour(middle, -1, 0)).minLongitude <= bounds.minLongitude
  );
}

function boundingBox({ kind, center, width, height }: Shape): Area {
  const halfWidth = kind === 'circle' ? width : width / 2;
  const halfHeight = kind === 'circle' ? width : height / 2;
  const up = halfHeight / EARTH_RADIUS_M / RADIANS;
  // Meridians draw together towards the pole: the side nearer to it is the wider in degrees.
  const edge = center.latitude < 0 ? center.latitude - up : center.latitude + up;
  const aside = halfWidth / EARTH_RADIUS_M / Math.cos(edge * RADIANS) / RADIANS;
  return {
    minLongitude: center.longitude - aside,
    maxLongitude: center.longitude + aside,
    minLatitude: center.latitude - up,
    maxLatitude: center.latitude + up,
  };
}

/** Bits with which nine cells are likely to cover a circle of `metres`. */
function stepFor(metres: number, latitude: number): number {
  if (metres === 0) return FULL_STEP;
  let step = 1;
  for (let range = metres; range < MERCATOR_MAX; range *= 2) step++;
  step -= 2;
  if (Math.abs(latitude) > 66) step--;
  if (Math.abs(latitude) > 80) step--;
  return Math.max(1, Math.min(FULL_STEP, step));
}
