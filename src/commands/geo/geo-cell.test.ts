import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  coveringCells,
  distance,
  distanceWithin,
  geohashText,
  isPosition,
  type Position,
  positionOfScore,
  type Shape,
  scoreOfPosition,
  scoresOfCell,
} from './geo-cell.ts';

const EDGE = 85.05112878;
const positions: fc.Arbitrary<Position> = fc.record({
  longitude: fc.oneof(
    fc.double({ min: -180, max: 180, noNaN: true }),
    fc.constantFrom(-180, 180, 0, 179.999999, -179.999999),
  ),
  latitude: fc.oneof(
    fc.double({ min: -EDGE, max: EDGE, noNaN: true }),
    fc.constantFrom(-EDGE, EDGE, 0, 85, -85),
  ),
});

/** Half a cell of 26 bits in either direction, and what rounding adds. */
const CELL_DEGREES = 360 / 2 ** 26;

test('a position comes back from its score within a cell', () => {
  fc.assert(
    fc.property(positions, (position) => {
      const score = scoreOfPosition(position);
      assert.ok(Number.isInteger(score) && score >= 0);
      const back = positionOfScore(score);
      assert.ok(isPosition(back));
      assert.ok(Math.abs(back.longitude - position.longitude) <= CELL_DEGREES);
      assert.ok(Math.abs(back.latitude - position.latitude) <= CELL_DEGREES);
      // On the easternmost meridian a score has 54 bits, and a double one less.
      if (position.longitude < 180) assert.equal(scoreOfPosition(back), score);
    }),
  );
});

test('scores that no position has still name one', () => {
  for (const score of [1.5, 2 ** 53, 2 ** 64, 1e300, -1e300, Infinity, -Infinity]) {
    assert.ok(isPosition(positionOfScore(score)), String(score));
  }
  const northEast = { longitude: 180, latitude: EDGE };
  for (const score of [-1, -2, 1e17]) assert.deepEqual(positionOfScore(score), northEast);
});

test('known places: scores, geohashes and distances as in the documentation of Redis', () => {
  const palermo = { longitude: 13.361389, latitude: 38.115556 };
  const catania = { longitude: 15.087269, latitude: 37.502669 };
  assert.equal(scoreOfPosition(palermo), 3479099956230698);
  assert.equal(scoreOfPosition(catania), 3479447370796909);
  const [a, b] = [palermo, catania].map((place) => positionOfScore(scoreOfPosition(place)));
  assert.equal(geohashText(a), 'sqc8b49rny0');
  assert.equal(geohashText(b), 'sqdtr74hyu0');
  assert.equal(distance(a, b).toFixed(4), '166274.1516');
  assert.equal(distance(a, a), 0);
});

const shapes: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom('circle' as const, 'box' as const),
  center: fc.record({
    longitude: fc.double({ min: -170, max: 170, noNaN: true }),
    latitude: fc.double({ min: -70, max: 70, noNaN: true }),
  }),
  width: fc.double({ min: 0, max: 900_000, noNaN: true }),
  height: fc.double({ min: 0, max: 900_000, noNaN: true }),
});

test('the cells around a shape cover all that lies in it, each score once', () => {
  // Offsets in degrees, so that most of the positions are near the centre.
  const offsets = fc.array(
    fc.tuple(
      fc.double({ min: -9, max: 9, noNaN: true }),
      fc.double({ min: -9, max: 9, noNaN: true }),
    ),
    { minLength: 40, maxLength: 80 },
  );
  let within = 0;
  fc.assert(
    fc.property(shapes, offsets, (shape, around) => {
      const cells = coveringCells(shape).map(scoresOfCell);
      for (const [x, y] of around) {
        const score = scoreOfPosition({
          longitude: shape.center.longitude + x,
          latitude: shape.center.latitude + y,
        });
        const times = cells.filter(({ min, max }) => score >= min && score < max).length;
        assert.ok(times <= 1, 'a score in two cells would be found twice');
        if (distanceWithin(shape, positionOfScore(score)) === undefined) continue;
        within++;
        assert.equal(times, 1);
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(within > 500, `only ${within} positions lay within their shape`);
});

test('a shape ends where its distance does', () => {
  fc.assert(
    fc.property(shapes, positions, (shape, position) => {
      const metres = distance(shape.center, position);
      const found = distanceWithin(shape, position);
      if (found !== undefined) assert.equal(found, metres);
      if (shape.kind === 'circle') assert.equal(found !== undefined, metres <= shape.width);
      else if (found !== undefined) assert.ok(metres <= Math.hypot(shape.width, shape.height));
    }),
  );
});
