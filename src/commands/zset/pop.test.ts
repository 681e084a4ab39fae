import assert from 'node:assert/strict';
import test from 'node:test';
import { CommandFixture, type PlainReply } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { zsetCommands } from './zset-commands.ts';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const SYNTAX = '-ERR syntax error';
const NOT_POSITIVE = '-ERR value is out of range, must be positive';
const all = [...zsetCommands, ...keysCommands, ...stringCommands];

function inBothForms(name: string, body: (f: CommandFixture) => void): void {
  for (const [form, zsetMaxListpackEntries] of [
    ['listpack', 128],
    ['skiplist', 0],
  ] as const) {
    test(`${name} (${form})`, () => body(new CommandFixture(all, { zsetMaxListpackEntries })));
  }
}

function expect(f: CommandFixture, lines: readonly (readonly [string, PlainReply])[]): void {
  for (const [line, reply] of lines) assert.deepEqual(f.line(line), reply, line);
}

inBothForms('ZPOPMIN and ZPOPMAX', (f) => {
  f.line('zadd z 1 a 2 b 3 c 4 d 5 e');
  assert.deepEqual(f.line('zpopmin z'), ['a', '1']);
  assert.deepEqual(f.events, ['zpopmin z']);
  assert.deepEqual(f.line('zpopmax z 2'), ['e', '5', 'd', '4']);
  assert.deepEqual([f.events, f.dirty], [['zpopmax z'], 2]);
  expect(f, [
    ['zpopmin z 0', []],
    ['zpopmin z -1', NOT_POSITIVE],
    ['zpopmin z x', NOT_POSITIVE],
    ['zpopmin z 1 2', SYNTAX],
    ['zpopmin none', []],
    ['zpopmin z 9223372036854775807', ['b', '2', 'c', '3']],
  ]);
  assert.deepEqual(f.events, ['zpopmin z', 'del z']);
  f.line('zadd z 1 a 2 b');
  f.useResp3();
  expect(f, [
    ['zpopmin z', ['a', 1]],
    ['zpopmin z 1', [['b', 2]]],
  ]);
});

inBothForms('ZMPOP', (f) => {
  f.line('zadd z 1 a 2 b 3 c');
  assert.deepEqual(f.line('zmpop 2 none z min'), ['z', [['a', '1']]]);
  assert.deepEqual(f.events, ['zpopmin z']);
  assert.deepEqual(f.propagated, [['ZPOPMIN', 'z', '1']]);
  assert.deepEqual(f.line('zmpop 1 z max count 5'), [
    'z',
    [
      ['c', '3'],
      ['b', '2'],
    ],
  ]);
  assert.deepEqual(f.events, ['zpopmax z', 'del z']);
  assert.deepEqual(f.propagated, [['ZPOPMAX', 'z', '2']]);
  f.line('set s v');
  expect(f, [
    ['zmpop 1 z min', null],
    ['zmpop 1 s min', WRONG_TYPE],
    ['zmpop 0 z min', '-ERR numkeys should be greater than 0'],
    ['zmpop 2 z min', SYNTAX],
    ['zmpop 1 z mid', SYNTAX],
    ['zmpop 1 z min count 0', '-ERR count should be greater than 0'],
    ['zmpop 1 z min count 1 count 2', SYNTAX],
    ['zmpop 1 z min count', SYNTAX],
  ]);
});

inBothForms('waiting pops: at once, or blocked, or refused', (f) => {
  f.line('zadd z 1 a 2 b 3 c');
  assert.deepEqual(f.line('bzpopmin none z 0'), ['z', 'a', '1']);
  assert.deepEqual(f.propagated, [['ZPOPMIN', 'z']]);
  assert.deepEqual(f.line('bzpopmax z 0'), ['z', 'c', '3']);
  assert.deepEqual(f.line('bzmpop 0 1 z max count 2'), ['z', [['b', '2']]]);
  assert.deepEqual(f.propagated, [['ZPOPMAX', 'z', '1']]);
  for (const line of [
    'bzpopmin z 0.5',
    'bzpopmax z y 0',
    'bzmpop 1 2 z y min',
    'bzpopmin z 1e-400',
  ]) {
    f.line(line);
    assert.ok(f.blocked, line);
  }
  f.line('set s v');
  expect(f, [
    ['bzpopmin z -1', '-ERR timeout is negative'],
    ['bzpopmin z -1e400', '-ERR timeout is negative'],
    ['bzpopmin z abc', '-ERR timeout is not a float or out of range'],
    ['bzpopmin z nan', '-ERR timeout is not a float or out of range'],
    ['bzpopmin z inf', '-ERR timeout is out of range'],
    ['bzpopmin z 1e400', '-ERR timeout is out of range'],
    ['bzpopmin z 1e5000', '-ERR timeout is not a float or out of range'],
    ['bzpopmin z 9223372036854775', '-ERR timeout is out of range'],
    ['bzpopmin z s 0', WRONG_TYPE],
    ['bzmpop x 1 z min', '-ERR timeout is not a float or out of range'],
    ['bzmpop 1 0 z min', '-ERR numkeys should be greater than 0'],
  ]);
});

inBothForms('ZRANDMEMBER', (f) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  f.line(`zadd z ${names.map((name, i) => `${i} ${name}`).join(' ')}`);
  assert.ok(names.includes(f.line('zrandmember z') as string));
  for (const n of [1, 2, 5, 8, 100]) {
    const drawn = f.line(`zrandmember z ${n}`) as string[];
    assert.equal(new Set(drawn).size, Math.min(n, names.length));
    assert.equal(drawn.length, Math.min(n, names.length));
  }
  const repeated = f.line('zrandmember z -40 withscores') as string[];
  assert.equal(repeated.length, 80);
  for (let i = 0; i < 80; i += 2) assert.equal(names.indexOf(repeated[i]), Number(repeated[i + 1]));
  expect(f, [
    ['zrandmember none', null],
    ['zrandmember none 3', []],
    ['zrandmember z 0', []],
    [
      'zrandmember z -9223372036854775808',
      '-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
    ],
    ['zrandmember z -4611686018427387904 withscores', '-ERR value is out of range'],
    ['zrandmember z 9223372036854775808', '-ERR value is not an integer or out of range'],
    ['zrandmember z 1 bogus', SYNTAX],
  ]);
  f.useResp3();
  const nested = f.line('zrandmember z 8 withscores') as [string, number][];
  assert.deepEqual(
    nested.sort((a, b) => a[1] - b[1]),
    names.map((name, i) => [name, i]),
  );
});

inBothForms('ZSCAN', (f) => {
  f.line('zadd z 1 a 2.5 b 3 aa');
  const [cursor, found] = f.line('zscan z 0 count 100') as [string, string[]];
  assert.equal(cursor, '0');
  const pairs = found.flatMap((word, i) => (i % 2 === 0 ? [`${word}=${found[i + 1]}`] : []));
  assert.deepEqual(pairs.sort(), ['a=1', 'aa=3', 'b=2.5']);
  const [, matching] = f.line('zscan z 0 match a* count 100') as [string, string[]];
  assert.equal(matching.length, 4);
  expect(f, [
    ['zscan none 0', ['0', []]],
    ['zscan z abc', '-ERR invalid cursor'],
    ['zscan z 0 count 0', SYNTAX],
  ]);
});
