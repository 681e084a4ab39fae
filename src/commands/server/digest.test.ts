import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandFixture } from '../command-fixture.ts';
import { hashCommands } from '../hash/hash-commands.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { listCommands } from '../list/list-commands.ts';
import { setCommands } from '../set/set-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { zsetCommands } from '../zset/zset-commands.ts';
import { digestOfAll, digestOfValue, scoreText } from './digest.ts';

function fixture(limits = {}): CommandFixture {
  return new CommandFixture(
    [
      ...stringCommands,
      ...keysCommands,
      ...listCommands,
      ...setCommands,
      ...hashCommands,
      ...zsetCommands,
    ],
    limits,
  );
}

function digestOf(node: CommandFixture, key: string): string {
  const [db] = node.engine.databases;
  const bytes = Buffer.from(key);
  return digestOfValue(db, db.lookupRaw(bytes, 0, bytes.length)).toString();
}

// What a real server answers to DEBUG DIGEST-VALUE after the same commands.
const known: readonly (readonly [key: string, command: string, digest: string])[] = [
  ['a', 'set a b', 'b78559cd22bce6e6df712eb99ce7f3b08e8f8f1f'],
  ['n', 'set n 12345', 'e1cf90774e995ae03de66e8109dc5cb9d9c2dc83'],
  ['x', 'set x y ex 1000', 'bb67146283c35b8da65d36f614b8206b0909634f'],
  ['l', 'rpush l a b c 1 2 300000 xx', 'b26d5f1443df8358716759b1ae64dd886ace2355'],
  ['s', 'sadd s a b c', '593c2414786d75446e97f4ea5d4b731f3313da72'],
  ['si', 'sadd si 1 2 3 70000', 'de59ae3130457727a0fd19f27dec1af5d247c288'],
  ['h', 'hset h f v g 1 i 2.5', '8f8dc758c184d86be50692bb2a2a6675a40b42de'],
  ['z', 'zadd z 1 a 2.5 b 3 c', '1edf4f538ced494d25ab010f1f17dc39e42adc24'],
  ['zz', 'zadd zz 10 m', 'fd0cfff6b8ee0436f04a2ce0393d12f356031487'],
];

const allLarge = {
  hashMaxListpackEntries: 0,
  setMaxIntsetEntries: 0,
  setMaxListpackEntries: 0,
  zsetMaxListpackEntries: 0,
  listMaxListpackSize: 1,
};

for (const [form, limits] of [
  ['packed', {}],
  ['large', allLarge],
] as const) {
  test(`values have the digests of a real server, ${form}`, () => {
    const node = fixture(limits);
    for (const [key, command, digest] of known) {
      node.line(command);
      assert.equal(digestOf(node, key), digest, command);
    }
    assert.equal(digestOf(node, 'nokey'), '0'.repeat(40));
  });
}

test('all data have the digest of a real server', () => {
  const node = fixture();
  assert.equal(digestOfAll(node.engine.databases).toString(), '0'.repeat(40));
  node.line('zadd z 1 a 2.5 b 3 c');
  node.line('zadd zz 10 m');
  assert.equal(
    digestOfAll(node.engine.databases).toString(),
    '29fa0e7a582bcfe58cefbc09047a67fab456b804',
  );
});

test('scores are written as fpconv writes them', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [-2.5, '-2.5'],
    [0.1, '0.1'],
    [0.001, '0.001'],
    [1e-7, '1e-7'],
    [10_000_000, '10000000'],
    [100_000_000, '1e+8'],
    [123_456_789_012, '123456789012'],
    [1.5e300, '1.5e+300'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ];
  for (const [score, text] of cases) assert.equal(scoreText(score), text);
});
