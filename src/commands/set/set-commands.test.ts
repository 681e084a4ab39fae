import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CommandFixture } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { setCommands } from './set-commands.ts';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const all = [...setCommands, ...keysCommands, ...stringCommands];
const fixture = (...settings: ConstructorParameters<typeof CommandFixture>[1][]): CommandFixture =>
  new CommandFixture(all, settings[0] ?? {});

const sorted = (f: CommandFixture, line: string): string[] => (f.line(line) as string[]).sort();

test('SADD, SREM and their like, with their events', () => {
  const f = fixture();
  assert.equal(f.line('sadd s a b a'), 2);
  assert.deepEqual(f.events, ['sadd s']);
  assert.equal(f.dirty, 2);
  assert.equal(f.line('sadd s a'), 0);
  assert.deepEqual(f.events, []);
  assert.equal(f.line('sismember s b'), 1);
  assert.deepEqual(f.line('smismember s a z b'), [1, 0, 1]);
  assert.deepEqual(f.line('smismember none a'), [0]);
  assert.equal(f.line('scard s'), 2);
  assert.equal(f.line('srem s z a'), 1);
  assert.equal(f.line('srem s b b'), 1);
  assert.deepEqual(f.events, ['srem s', 'del s']);
  f.line('set k v');
  for (const command of ['sadd k a', 'srem k a', 'smembers k', 'spop k', 'sunion none k']) {
    assert.equal(f.line(command), WRONG_TYPE, command);
  }
});

test('the form follows the members', () => {
  const f = fixture({ setMaxIntsetEntries: 4, setMaxListpackEntries: 6, setMaxListpackValue: 10 });
  const encoding = (key: string): unknown => f.line(`object encoding ${key}`);
  f.line('sadd s 1 2 3');
  assert.equal(encoding('s'), 'intset');
  f.line('sadd s x');
  assert.equal(encoding('s'), 'listpack');
  assert.deepEqual(sorted(f, 'smembers s'), ['1', '2', '3', 'x']);
  f.line('sadd s y z a');
  assert.equal(encoding('s'), 'hashtable');
  f.line('sadd i 1 2 3 4');
  f.line('sadd i 5');
  assert.equal(encoding('i'), 'hashtable');
  f.line('sadd j 1 2 3 4 5');
  assert.equal(encoding('j'), 'listpack');
  f.line('sadd k 12345678901');
  f.line('sadd k x');
  assert.equal(encoding('k'), 'hashtable');
  f.line('sadd l abcdefghijk');
  assert.equal(encoding('l'), 'hashtable');
  f.line('sadd m a b c d e f g');
  assert.equal(encoding('m'), 'hashtable');
});

test('SMOVE', () => {
  const f = fixture();
  f.line('sadd a 1 2');
  assert.equal(f.line('smove a b 1'), 1);
  assert.deepEqual(f.events, ['srem a', 'sadd b']);
  assert.equal(f.dirty, 2);
  assert.equal(f.line('smove a b 9'), 0);
  assert.equal(f.line('smove a a 2'), 1);
  assert.equal(f.dirty, 0);
  f.line('sadd b 2');
  assert.equal(f.line('smove a b 2'), 1);
  assert.deepEqual(f.events, ['srem a', 'del a']);
  assert.equal(f.line('smove a b 2'), 0);
});

test('SPOP tells the others what it drew', () => {
  for (const setMaxListpackEntries of [128, 2]) {
    const f = fixture({ setMaxListpackEntries });
    f.line('sadd s a b c d e f g h');
    const one = f.line('spop s') as string;
    assert.deepEqual(f.propagated, [['SREM', 's', one]]);
    assert.deepEqual(f.events, ['spop s']);
    const six = f.line('spop s 6') as string[];
    assert.equal(new Set(six).size, 6);
    assert.deepEqual(f.propagated, [['SREM', 's', ...six]]);
    assert.equal(f.dirty, 6);
    const [last] = f.line('smembers s') as string[];
    assert.deepEqual([one, ...six, last].sort(), [...'abcdefgh']);
    assert.deepEqual(f.line('spop s 5'), [last]);
    assert.deepEqual(f.propagated, [['DEL', 's']]);
    assert.deepEqual(f.events, ['spop s', 'del s']);
    assert.equal(f.line('spop s'), null);
    assert.deepEqual(f.line('spop s 1'), []);
    f.line('sadd s x');
    f.line('spop s');
    assert.deepEqual(f.events, ['spop s', 'del s']);
    assert.equal(f.line('spop s -1'), '-ERR value is out of range, must be positive');
  }
});

test('a large SPOP goes out in batches', () => {
  const f = fixture();
  for (let i = 0; i < 5000; i++) f.run('sadd', 's', `m${i}`);
  const drawn = f.line('spop s 3000') as string[];
  assert.deepEqual(
    f.propagated?.map((args) => args.length - 2),
    [1024, 1024, 952],
  );
  assert.deepEqual(
    f.propagated?.flatMap((args) => args.slice(2)),
    drawn,
  );
  assert.equal(f.line('scard s'), 2000);
  const rest = f.line('spop s 1999') as string[];
  assert.equal(new Set([...drawn, ...rest]).size, 4999);
  assert.equal(f.line('object encoding s'), 'listpack');
});

test('draws are fair in every form', () => {
  const forms: [string, string[]][] = [
    ['intset', ['1', '2', '3', '4', '5', '6', '7', '8']],
    ['listpack', [...'abcdefgh']],
    ['hashtable', [...'abcdefgh', ...'abcdefgh'].map((c, i) => c.repeat(i > 7 ? 70 : 69))],
  ];
  for (const [encoding, members] of forms) {
    const f = fixture();
    f.run('sadd', 's', ...members);
    assert.equal(f.line('object encoding s'), encoding);
    const distinct = new Set(members).size;
    for (const line of ['srandmember s -400', 'srandmember s 3']) {
      const counts = new Map<string, number>();
      let total = 0;
      for (let i = 0; i < 400; i++) {
        for (const member of f.line(line) as string[]) {
          counts.set(member, (counts.get(member) ?? 0) + 1);
          total++;
        }
      }
      const expected = total / distinct;
      let chiSquare = 0;
      for (const n of counts.values()) chiSquare += (n - expected) ** 2 / expected;
      assert.equal(counts.size, distinct);
      assert.ok(chiSquare < 60, `${encoding} ${line}: ${chiSquare}`);
    }
  }
});

test('SRANDMEMBER at the ends of its range', () => {
  const f = fixture();
  f.line('sadd s 1 2 3');
  assert.match(String(f.line('srandmember s')), /^[123]$/);
  assert.equal(f.line('srandmember none'), null);
  assert.deepEqual(f.line('srandmember none 2'), []);
  assert.deepEqual(sorted(f, 'srandmember s 9223372036854775807'), ['1', '2', '3']);
  assert.match(String(f.line('srandmember s -9223372036854775808')), /value must between/);
  assert.equal(f.line('srandmember s x'), '-ERR value is not an integer or out of range');
  assert.equal(f.line('srandmember s 1 2'), '-ERR syntax error');
});

test('algebra with stores, counts and absent sets', () => {
  const f = fixture();
  f.line('sadd a 1 2 3 x');
  f.line('sadd b 2 3 4');
  assert.deepEqual(sorted(f, 'sinter a b'), ['2', '3']);
  assert.deepEqual(f.line('sinter a none'), []);
  assert.deepEqual(sorted(f, 'sunion a b none'), ['1', '2', '3', '4', 'x']);
  assert.deepEqual(sorted(f, 'sdiff a b'), ['1', 'x']);
  assert.deepEqual(f.line('sdiff a a'), []);
  assert.equal(f.line('sintercard 2 a b'), 2);
  assert.equal(f.line('sintercard 2 a b limit 1'), 1);
  assert.equal(f.line('sintercard 0 a'), '-ERR numkeys should be greater than 0');
  assert.equal(
    f.line('sintercard 3 a b'),
    "-ERR Number of keys can't be greater than number of args",
  );
  assert.equal(f.line('sintercard 1 a limit -1'), "-ERR LIMIT can't be negative");
  f.line('set d v ex 100');
  assert.equal(f.line('sinterstore d a b'), 2);
  assert.deepEqual(f.events, ['sinterstore d']);
  assert.equal(f.line('ttl d'), -1);
  assert.equal(f.line('object encoding d'), 'intset');
  assert.equal(f.line('sdiffstore d a b'), 2);
  assert.equal(f.line('object encoding d'), 'listpack');
  assert.equal(f.line('sunionstore d none'), 0);
  assert.deepEqual(f.events, ['del d']);
  assert.equal(f.dirty, 1);
  assert.equal(f.line('sinterstore d none'), 0);
  assert.equal(f.dirty, 0);
  assert.equal(f.line('sunionstore a a b'), 5);
});

test('SSCAN sees every member of a table, and a packed set at once', () => {
  const f = fixture();
  f.line('sadd p 1 2 33');
  assert.deepEqual(f.line('sscan p 0 match 3*'), ['0', ['33']]);
  for (let i = 0; i < 3000; i++) f.run('sadd', 't', `m${i}`);
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [next, members] = f.run('sscan', 't', cursor) as [string, string[]];
    for (const member of members) seen.add(member);
    cursor = next;
  } while (cursor !== '0');
  assert.equal(seen.size, 3000);
});

const member = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.constantFrom('a', 'b', 'c', '007', 'long'.repeat(8)),
);
const members = fc.array(member, { minLength: 1, maxLength: 6 });
const step = fc.tuple(fc.constantFrom('sadd', 'sadd', 'srem', 'spop'), fc.nat(2), members);

test('a set is a Set in every form, and so is what is computed from sets', () => {
  const limits = fc.constantFrom(0, 3, 128);
  fc.assert(
    fc.property(limits, limits, fc.array(step, { maxLength: 40 }), (ints, packed, steps) => {
      const f = fixture({ setMaxIntsetEntries: ints, setMaxListpackEntries: packed });
      const model = [new Set<string>(), new Set<string>(), new Set<string>()];
      for (const [what, key, args] of steps) {
        const set = model[key];
        if (what === 'spop') {
          const drawn = f.line(`spop ${key} ${args.length}`) as string[];
          assert.equal(drawn.length, Math.min(args.length, set.size));
          for (const one of drawn) assert.ok(set.delete(one));
        } else {
          const before = set.size;
          for (const one of args) what === 'sadd' ? set.add(one) : set.delete(one);
          assert.equal(f.run(what, key, ...args), Math.abs(set.size - before));
        }
        assert.deepEqual(sorted(f, `smembers ${key}`), [...set].sort());
        assert.equal(f.line(`exists ${key}`), set.size > 0 ? 1 : 0);
      }
      const [a, b, c] = model;
      const inter = [...a].filter((m) => b.has(m) && c.has(m)).sort();
      const diff = [...a].filter((m) => !b.has(m) && !c.has(m)).sort();
      const union = [...new Set([...a, ...b, ...c])].sort();
      assert.deepEqual(sorted(f, 'sinter 0 1 2'), inter);
      assert.equal(f.line('sintercard 3 0 1 2'), inter.length);
      assert.deepEqual(sorted(f, 'sdiff 0 1 2'), diff);
      assert.deepEqual(sorted(f, 'sunion 0 1 2'), union);
      for (const [command, result] of [
        ['sinterstore', inter],
        ['sdiffstore', diff],
        ['sunionstore', union],
      ] as const) {
        assert.equal(f.line(`${command} d 0 1 2`), result.length);
        assert.deepEqual(sorted(f, 'smembers d'), result);
      }
    }),
    { numRuns: 300 },
  );
});
