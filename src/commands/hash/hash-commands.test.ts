import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CommandFixture } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { hashCommands } from './hash-commands.ts';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const all = [...hashCommands, ...keysCommands, ...stringCommands];
const fixture = (...settings: ConstructorParameters<typeof CommandFixture>[1][]): CommandFixture =>
  new CommandFixture(all, settings[0] ?? {});

test('HSET, HGET, HDEL and their like, with their events', () => {
  const f = fixture();
  assert.equal(f.line('hset h a 1 b two a 3'), 2);
  assert.deepEqual(f.events, ['hset h']);
  assert.equal(f.dirty, 3);
  assert.equal(f.line('hget h a'), '3');
  assert.deepEqual(f.line('hmget h a none b'), ['3', null, 'two']);
  assert.deepEqual(f.line('hmget none a'), [null]);
  assert.equal(f.line('hsetnx h a 9'), 0);
  assert.equal(f.dirty, 0);
  assert.equal(f.line('hsetnx h c 9'), 1);
  assert.equal(f.line('hstrlen h b'), 3);
  assert.equal(f.line('hexists h none'), 0);
  assert.deepEqual(f.line('hgetall h'), ['a', '3', 'b', 'two', 'c', '9']);
  assert.deepEqual(f.line('hkeys h'), ['a', 'b', 'c']);
  assert.deepEqual(f.line('hvals h'), ['3', 'two', '9']);
  assert.equal(f.line('hdel h a none c'), 2);
  assert.deepEqual(f.events, ['hdel h']);
  assert.equal(f.line('hdel h b b'), 1);
  assert.deepEqual(f.events, ['hdel h', 'del h']);
  assert.equal(f.line('hset h a'), "-ERR wrong number of arguments for 'hset' command");
  assert.equal(f.line('hmset h a 1 b'), "-ERR wrong number of arguments for 'hmset' command");
  assert.equal(f.line('hmset h a 1'), '+OK');
  f.line('set s v');
  for (const command of ['hset s a b', 'hget s a', 'hgetall s', 'hscan s 0', 'hlen s']) {
    assert.equal(f.line(command), WRONG_TYPE, command);
  }
});

test('a hash becomes a table past its limits, and stays one', () => {
  const f = fixture({ hashMaxListpackEntries: 2, hashMaxListpackValue: 8 });
  f.line('hset h a 1 b 2');
  assert.equal(f.line('object encoding h'), 'listpack');
  f.line('hset h c 3');
  assert.equal(f.line('object encoding h'), 'hashtable');
  f.line('hdel h c b');
  assert.equal(f.line('object encoding h'), 'hashtable');
  f.line('hset g a 123456789');
  assert.equal(f.line('object encoding g'), 'hashtable');
  f.line('hset i a 1 b 2 c 3');
  assert.equal(f.line('object encoding i'), 'hashtable');
  f.line('hset j a 9999999');
  f.line('hincrby j a 90000000');
  assert.equal(f.line('object encoding j'), 'listpack');
  f.line('hincrby j a 900000000');
  assert.equal(f.line('object encoding j'), 'hashtable');
});

test('HINCRBY over the whole range of 64 bits', () => {
  const f = fixture();
  assert.equal(f.line('hincrby h f 5'), 5);
  assert.deepEqual(f.events, ['hincrby h']);
  assert.equal(f.line('hincrby h f -7'), -2);
  f.line('hset h f 9223372036854775806');
  assert.equal(f.line('hincrby h f 1'), 9223372036854775807n);
  assert.equal(f.line('hget h f'), '9223372036854775807');
  assert.equal(f.line('hincrby h f 1'), '-ERR increment or decrement would overflow');
  assert.equal(f.line('hincrby h f x'), '-ERR value is not an integer or out of range');
  f.run('hset', 'h', 'f', ' 11');
  assert.equal(f.line('hincrby h f 1'), '-ERR hash value is not an integer');
});

test('HINCRBYFLOAT is propagated as its result', () => {
  const f = fixture();
  assert.equal(f.line('hincrbyfloat h f 0.1'), '0.1');
  assert.equal(f.line('hincrbyfloat h f 0.2'), '0.3');
  assert.deepEqual(f.propagated, [['HSET', 'h', 'f', '0.3']]);
  assert.deepEqual(f.events, ['hincrbyfloat h']);
  assert.equal(f.line('hincrbyfloat h f x'), '-ERR value is not a valid float');
  assert.equal(f.line('hincrbyfloat h f inf'), '-ERR value is NaN or Infinity');
  f.line('hset h f abc');
  assert.equal(f.line('hincrbyfloat h f 1'), '-ERR hash value is not a float');
});

test('HRANDFIELD draws what it is asked for', () => {
  for (const hashMaxListpackEntries of [128, 2]) {
    const f = fixture({ hashMaxListpackEntries });
    f.line('hset h a 1 b 2 c 3 d 4');
    assert.match(String(f.line('hrandfield h')), /^[a-d]$/);
    assert.equal(f.line('hrandfield none'), null);
    assert.deepEqual(f.line('hrandfield none 3'), []);
    assert.deepEqual(f.line('hrandfield h 0'), []);
    assert.equal((f.line('hrandfield h 9 withvalues') as string[]).length, 8);
    assert.equal((f.line('hrandfield h -9 withvalues') as string[]).length, 18);
    const three = f.line('hrandfield h 3') as string[];
    assert.equal(new Set(three).size, 3);
    const pairs = f.line('hrandfield h 3 withvalues') as string[];
    for (let i = 0; i < 6; i += 2) assert.equal(pairs[i].charCodeAt(0) - 96, Number(pairs[i + 1]));
    assert.match(String(f.line('hrandfield h -9223372036854775808')), /value must between/);
    assert.equal(
      f.line('hrandfield h -9223372036854775807 withvalues'),
      '-ERR value is out of range',
    );
    assert.equal(f.line('hrandfield h 1 values'), '-ERR syntax error');
    f.useResp3();
    assert.deepEqual(
      (f.line('hrandfield h 9 withvalues') as string[][]).map((pair) => pair.length),
      [2, 2, 2, 2],
    );
  }
});

test('HSCAN sees every field of a table, and a packed hash at once', () => {
  const f = fixture();
  f.line('hset p ab 1 ac 2 bb 3');
  assert.deepEqual(f.line('hscan p 0 match a* count 1'), ['0', ['ab', '1', 'ac', '2']]);
  assert.deepEqual(f.line('hscan none 7'), ['0', []]);
  assert.equal(f.line('hscan p x'), '-ERR invalid cursor');
  assert.equal(f.line('hscan p 0 count 0'), '-ERR syntax error');
  for (let i = 0; i < 3000; i++) f.run('hset', 't', `f${i}`, i);
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [next, fields] = f.run('hscan', 't', cursor, 'count', 50) as [string, string[]];
    for (let i = 0; i < fields.length; i += 2) {
      assert.equal(fields[i], `f${fields[i + 1]}`);
      seen.add(fields[i]);
    }
    cursor = next;
  } while (cursor !== '0');
  assert.equal(seen.size, 3000);
});

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '1', '200', 'long'.repeat(10)),
  fc.nat(30).map((n) => `f${n}`),
);
const content = fc.oneof(fc.constantFrom('', 'v', '17', 'w'.repeat(30)), fc.nat(99999).map(String));
const step = fc.oneof(
  fc.tuple(fc.constant('hset'), fc.array(fc.tuple(name, content), { minLength: 1, maxLength: 5 })),
  fc.tuple(fc.constant('hdel'), fc.array(name, { minLength: 1, maxLength: 4 })),
);

test('a hash is a Map in every form', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(2, 8, 128),
      fc.constantFrom(8, 64),
      fc.array(step, { maxLength: 50 }),
      (hashMaxListpackEntries, hashMaxListpackValue, steps) => {
        const f = fixture({ hashMaxListpackEntries, hashMaxListpackValue });
        const model = new Map<string, string>();
        for (const [what, args] of steps) {
          const before = model.size;
          if (what === 'hset') for (const [k, v] of args as [string, string][]) model.set(k, v);
          else for (const k of args as string[]) model.delete(k);
          assert.equal(
            f.run(what, 'h', ...(args as string[]).flat()),
            Math.abs(model.size - before),
          );
          assert.equal(f.line('hlen h'), model.size);
          const flat = f.line('hgetall h') as string[];
          const read = new Map<string, string>();
          for (let i = 0; i < flat.length; i += 2) read.set(flat[i], flat[i + 1]);
          assert.deepEqual([...read].sort(), [...model].sort());
        }
        for (const [k, v] of model) assert.equal(f.run('hget', 'h', k), v);
      },
    ),
    { numRuns: 200 },
  );
});
