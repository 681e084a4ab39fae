import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CommandFixture, type PlainReply } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { zsetCommands } from '../zset/zset-commands.ts';
import { distance, distanceWithin, positionOfScore, scoreOfPosition } from './geo-cell.ts';
import { geoCommands } from './geo-commands.ts';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const SYNTAX = '-ERR syntax error';
const NOT_FLOAT = '-ERR value is not a valid float';
const SICILY = 'geoadd g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania';
const all = [...geoCommands, ...zsetCommands, ...keysCommands, ...stringCommands];

function expect(f: CommandFixture, lines: readonly (readonly [string, PlainReply])[]): void {
  for (const [line, reply] of lines) assert.deepEqual(f.line(line), reply, line);
}

test('GEOADD is a ZADD of scores', () => {
  const f = new CommandFixture(all);
  assert.equal(f.line(SICILY), 2);
  assert.deepEqual([f.events, f.dirty], [['zadd g'], 2]);
  assert.deepEqual(f.propagated, [
    ['ZADD', 'g', '3479099956230698', 'Palermo', '3479447370796909', 'Catania'],
  ]);
  assert.equal(f.line('geoadd g nx ch 0 0 Palermo 1 1 New'), 1);
  assert.deepEqual(f.propagated?.[0].slice(0, 4), ['ZADD', 'g', 'nx', 'ch']);
  assert.equal(f.line(SICILY), 0);
  assert.deepEqual([f.events, f.propagated], [[], undefined]);
  expect(f, [
    ['geoadd g xx ch 2 2 New 3 3 Nothing', 1],
    ['zcard g', 3],
    ['geohash g Palermo x', ['sqc8b49rny0', null]],
    ['geodist g Palermo Catania', '166274.1516'],
    ['geodist g Palermo Catania km', '166.2742'],
    ['geodist g Palermo Catania MI', '103.3182'],
    ['geodist g Palermo x', null],
    ['geopos g x', [null]],
    ['geopos none a b', [null, null]],
    ['geopos g', []],
  ]);
  const [[longitude, latitude]] = f.line('geopos g Palermo') as [string, string][];
  assert.deepEqual([longitude, latitude], ['13.36138933897018433', '38.11555639549629859']);
});

test('positions out of range, and other refusals, before anything changes', () => {
  const f = new CommandFixture(all);
  f.line('set s v');
  expect(f, [
    ['geoadd g 180.000001 0 a', '-ERR invalid longitude,latitude pair 180.000001,0.000000'],
    ['geoadd g 0 85.06 a', '-ERR invalid longitude,latitude pair 0.000000,85.060000'],
    ['geoadd g 1 1 a -inf 0 b', '-ERR invalid longitude,latitude pair -inf,0.000000'],
    ['geoadd g nan 0 a', NOT_FLOAT],
    ['geoadd g 0 abc a', NOT_FLOAT],
    ['geoadd g nx xx 0 0 a', SYNTAX],
    ['geoadd g 0 0 a 1', SYNTAX],
    ['exists g', 0],
    ['geoadd g 180 85.05112878 a -180 -85.05112878 b', 2],
    ['geoadd s 0 0 a', WRONG_TYPE],
    ['geopos s a', WRONG_TYPE],
    ['geodist g a b parsec', '-ERR unsupported unit provided. please use M, KM, FT, MI'],
    ['geodist g a b m 1', SYNTAX],
  ]);
});

test('GEOSEARCH: what it says of what it finds', () => {
  const f = new CommandFixture(all);
  f.line(SICILY);
  f.line('geoadd g 12.758489 38.788135 edge1 17.241510 38.788135 edge2');
  const around = 'geosearch g fromlonlat 15 37';
  expect(f, [
    [`${around} byradius 200 km asc`, ['Catania', 'Palermo']],
    [`${around} byradius 200 km desc count 1`, ['Palermo']],
    [`${around} byradius 200 km count 1`, ['Catania']],
    [`${around} bybox 400 400 km asc`, ['Catania', 'Palermo', 'edge2', 'edge1']],
    [`${around} byradius 0 m`, []],
    ['geosearch g frommember Palermo byradius 0 m', ['Palermo']],
    [`${around} bybox 200 200 km withdist withhash`, [['Catania', '56.4413', 3479447370796909]]],
    [
      'georadius g 15 37 200 km withdist asc',
      [
        ['Catania', '56.4413'],
        ['Palermo', '190.4424'],
      ],
    ],
    ['georadiusbymember_ro g Palermo 10 km', ['Palermo']],
  ]);
  assert.equal((f.line(`${around} byradius 9000 km count 2 any`) as string[]).length, 2);
});

test('the easternmost meridian is found from itself', () => {
  const f = new CommandFixture(all);
  f.line('geoadd g 180 -13.21 a 0 85.05112878 b');
  expect(f, [
    ['georadiusbymember g a 100 km', ['a']],
    ['geosearch g fromlonlat 180 -13.21 byradius 10 km', ['a']],
    ['georadiusbymember g b 100 km', ['b']],
  ]);
});

test('what searches refuse', () => {
  const f = new CommandFixture(all);
  f.line(SICILY);
  f.line('set s v');
  const center = 'geosearch g fromlonlat 15 37';
  expect(f, [
    ['geosearch none frommember x byradius 1 m', []],
    ['geosearch s frommember x byradius 1 m', WRONG_TYPE],
    ['geosearch g frommember x byradius 1 m', '-ERR could not decode requested zset member'],
    [`${center} byradius -1 m`, '-ERR radius cannot be negative'],
    [`${center} byradius nan m`, '-ERR need numeric radius'],
    [`${center} bybox 1 x m`, '-ERR need numeric height'],
    [`${center} bybox -1 1 m`, '-ERR height or width cannot be negative'],
    [`${center} byradius 1 m count 0`, '-ERR COUNT must be > 0'],
    [`${center} byradius 1 m any`, '-ERR the ANY argument requires COUNT argument'],
    [`${center} byradius 1 m bybox 1 1 m`, SYNTAX],
    [`${center} byradius 1 m storedist`, SYNTAX],
    [
      `geosearch g byradius 1 m asc withdist`,
      '-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for geosearch',
    ],
    [
      `${center} asc withdist withhash`,
      '-ERR exactly one of BYRADIUS and BYBOX can be specified for geosearch',
    ],
    [
      'georadius g 15 37 1 km store d withdist',
      '-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options',
    ],
    ['georadius_ro g 15 37 1 km store d', SYNTAX],
    ['georadius g 200 37 1 km', '-ERR invalid longitude,latitude pair 200.000000,37.000000'],
  ]);
});

test('stores, over other types and the source itself', () => {
  const f = new CommandFixture(all);
  f.line(SICILY);
  f.line('set s v ex 100');
  assert.equal(f.line('geosearchstore s g fromlonlat 15 37 byradius 200 km'), 2);
  assert.deepEqual(f.events, ['geosearchstore s']);
  expect(f, [
    ['ttl s', -1],
    ['zscore s Palermo', '3479099956230698'],
    ['georadius g 15 37 100 km store g', 1],
  ]);
  assert.deepEqual(f.events, ['georadiusstore g']);
  assert.deepEqual(f.line('zrange g 0 -1'), ['Catania']);
  assert.equal(f.line('geosearchstore d g fromlonlat 15 37 byradius 100 km storedist'), 1);
  assert.ok(Math.abs(Number(f.line('zscore d Catania')) - 56.4413) < 0.0001);
  assert.equal(f.line('geosearchstore d none fromlonlat 15 37 byradius 100 km'), 0);
  assert.deepEqual(f.events, ['del d']);
});

test('a search finds what looking at everything finds', () => {
  const near = fc.record({
    longitude: fc.double({ min: -30, max: 30, noNaN: true }),
    latitude: fc.double({ min: -60, max: 60, noNaN: true }),
  });
  const width = fc.double({ min: 0, max: 3_000_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(near, { minLength: 1, maxLength: 150 }),
      near,
      width,
      width,
      fc.boolean(),
      (places, center, across, up, isBox) => {
        const f = new CommandFixture(all);
        const words = places.flatMap((p, i) => [String(p.longitude), String(p.latitude), `m${i}`]);
        f.run('geoadd', 'g', ...words);
        const by = isBox
          ? ['bybox', String(across), String(up), 'm']
          : ['byradius', String(across), 'm'];
        const origin = ['fromlonlat', String(center.longitude), String(center.latitude)];
        const found = f.run('geosearch', 'g', ...origin, ...by, 'asc') as string[];
        const shape = {
          kind: isBox ? 'box' : 'circle',
          center,
          width: across,
          height: up,
        } as const;
        const kept = places.map((place) => positionOfScore(scoreOfPosition(place)));
        const wanted = kept.flatMap((place, i) =>
          distanceWithin(shape, place) === undefined ? [] : [`m${i}`],
        );
        assert.deepEqual([...found].sort(), wanted.sort());
        const metres = found.map((name) => distance(center, kept[Number(name.slice(1))]));
        assert.deepEqual(
          metres,
          [...metres].sort((a, b) => a - b),
        );
      },
    ),
    { numRuns: 150 },
  );
});
