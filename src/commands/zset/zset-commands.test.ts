import assert from 'node:assert/strict';
import test from 'node:test';
import { CommandFixture, type PlainReply } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { setCommands } from '../set/set-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { zsetCommands } from './zset-commands.ts';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const NOT_FLOAT = '-ERR value is not a valid float';
const SYNTAX = '-ERR syntax error';
const NOT_INTEGER = '-ERR value is not an integer or out of range';

const all = [...zsetCommands, ...setCommands, ...keysCommands, ...stringCommands];

/** Packed and large: every command must answer the same. */
const forms = [
  ['listpack', { zsetMaxListpackEntries: 128 }],
  ['skiplist', { zsetMaxListpackEntries: 0 }],
] as const;

/** The test in both forms; `f` checks lines against replies. */
function inBothForms(name: string, body: (f: CommandFixture) => void): void {
  for (const [form, settings] of forms) {
    test(`${name} (${form})`, () => body(new CommandFixture(all, settings)));
  }
}

function expect(f: CommandFixture, lines: readonly (readonly [string, PlainReply])[]): void {
  for (const [line, reply] of lines) assert.deepEqual(f.line(line), reply, line);
}

inBothForms('ZADD and its conditions', (f) => {
  assert.equal(f.line('zadd z 1 a 2 b 1 a'), 2);
  assert.deepEqual(f.events, ['zadd z']);
  assert.equal(f.dirty, 2);
  assert.equal(f.propagated, undefined);
  assert.equal(f.line('zadd z 1 a'), 0);
  assert.deepEqual([f.events, f.dirty], [[], 0]);
  expect(f, [
    ['zadd z ch 3 a 2 b 4 c', 2],
    ['zadd z nx 9 a 9 d', 1],
    ['zadd z xx ch 5 a 9 e', 1],
    ['zadd z gt 4 a 10 d', 0],
    ['zadd z gt ch 4 a 11 d 7 f', 2],
    ['zadd z lt ch 6 a 1 d 3 g', 2],
    ['zadd z xx gt ch 6 a 9 h', 1],
    ['zrange z 0 -1 withscores', ['d', '1', 'b', '2', 'g', '3', 'c', '4', 'a', '6', 'f', '7']],
    ['zadd none xx 1 a', 0],
    ['exists none', 0],
  ]);
});

inBothForms('ZADD INCR and ZINCRBY', (f) => {
  expect(f, [
    ['zadd z incr 1.5 a', '1.5'],
    ['zadd z xx incr 1 b', null],
    ['zadd z nx incr 1 a', null],
    ['zadd z gt incr -1 a', null],
    ['zadd z lt incr -1 a', '0.5'],
    ['zadd none xx incr 1 a', null],
    ['zincrby z 2 a', '2.5'],
  ]);
  assert.deepEqual(f.events, ['zincr z']);
  expect(f, [
    ['zincrby z 0 a', '2.5'],
    ['zincrby z inf b', 'inf'],
    ['zincrby z -inf b', '-ERR resulting score is not a number (NaN)'],
    ['zscore z b', 'inf'],
    ['zincrby z nan a', NOT_FLOAT],
  ]);
});

test('what ZADD refuses, before anything changes', () => {
  const f = new CommandFixture(all);
  expect(f, [
    ['zadd z nx xx 1 a', '-ERR XX and NX options at the same time are not compatible'],
    ['zadd z gt lt 1 a', '-ERR GT, LT, and/or NX options at the same time are not compatible'],
    ['zadd z nx gt 1 a', '-ERR GT, LT, and/or NX options at the same time are not compatible'],
    ['zadd z incr 1 a 2 b', '-ERR INCR option supports a single increment-element pair'],
    ['zadd z 1 a 2', SYNTAX],
    ['zadd z nx ch', SYNTAX],
    ['zadd z 1 a nan b', NOT_FLOAT],
    ['zadd z 1 a abc b', NOT_FLOAT],
    ['zadd z 1 a 1e400 b', NOT_FLOAT],
    ['zadd z 1 a (1 b', NOT_FLOAT],
    ['exists z', 0],
    ['set s v', '+OK'],
    ['zadd s abc b', NOT_FLOAT],
    ['zadd s 1 b', WRONG_TYPE],
  ]);
  assert.equal(f.run('zadd', 'z', '', 'a'), NOT_FLOAT);
  expect(f, [
    ['zadd z inf a -inf b +inf c 0x10 d 1e3 e -0 f', 6],
    [
      'zrange z 0 -1 withscores',
      ['b', '-inf', 'f', '0', 'd', '16', 'e', '1000', 'a', 'inf', 'c', 'inf'],
    ],
  ]);
});

inBothForms('scores, ranks and counts', (f) => {
  f.line('zadd z 1 a 2 b 2 c 3.5 d');
  expect(f, [
    ['zscore z d', '3.5'],
    ['zscore z x', null],
    ['zmscore z a x d', ['1', null, '3.5']],
    ['zmscore none a', [null]],
    ['zcard z', 4],
    ['zrank z c', 2],
    ['zrevrank z c', 1],
    ['zrank z c withscore', [2, '2']],
    ['zrank z x withscore', null],
    ['zrank none x', null],
    ['zrank z c bogus', SYNTAX],
    ['zrank z c withscore 1', "-ERR wrong number of arguments for 'zrank' command"],
    ['zcount z -inf +inf', 4],
    ['zcount z (1 (3.5', 2],
    ['zcount z 5 1', 0],
    ['zcount z (2 (2', 0],
    ['zcount z abc 1', '-ERR min or max is not a float'],
    ['zcount z nan 1', '-ERR min or max is not a float'],
    ['zcount z -inf 1e400', 4],
  ]);
  f.useResp3();
  expect(f, [
    ['zscore z d', 3.5],
    ['zrank z c withscore', [2, 2]],
  ]);
});

inBothForms('ranges by rank', (f) => {
  f.line('zadd z 1 a 2 b 3 c 4 d');
  expect(f, [
    ['zrange z 0 -1', ['a', 'b', 'c', 'd']],
    ['zrange z -2 100', ['c', 'd']],
    ['zrange z 1 1 withscores', ['b', '2']],
    ['zrange z 0 1 rev', ['d', 'c']],
    ['zrevrange z -1 -1', ['a']],
    ['zrange z 3 1', []],
    ['zrange z -100 -5', []],
    ['zrange z -9223372036854775808 9223372036854775807', ['a', 'b', 'c', 'd']],
    ['zrange z 9223372036854775808 1', NOT_INTEGER],
    ['zrange z 1.0 2', NOT_INTEGER],
    [
      'zrange z 0 1 limit 0 1',
      '-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
    ],
    ['zrange z 0 1 limit 1 -1', ['a', 'b']],
    ['zrange z 0 1 limit 0', SYNTAX],
    ['zrevrange z 0 1 rev', SYNTAX],
    ['zrange none 0 -1', []],
  ]);
});

inBothForms('ranges by score', (f) => {
  f.line('zadd z -inf a 1 b 2 c 2 d 3 e inf f');
  expect(f, [
    ['zrange z -inf +inf byscore', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['zrange z (1 3 byscore', ['c', 'd', 'e']],
    ['zrange z 3 (1 byscore rev', ['e', 'd', 'c']],
    ['zrangebyscore z 2 (3 withscores', ['c', '2', 'd', '2']],
    ['zrevrangebyscore z (inf (-inf limit 1 2', ['d', 'c']],
    ['zrangebyscore z -inf inf limit 4 -1', ['e', 'f']],
    ['zrangebyscore z -inf inf limit -1 2', []],
    ['zrangebyscore z -inf inf limit 9 2', []],
    ['zrangebyscore z -inf inf limit 0 0', []],
    ['zrangebyscore z 3 1', []],
    ['zrangebyscore z 1 x', '-ERR min or max is not a float'],
    ['zrangebyscore z 1 2 limit a 1', NOT_INTEGER],
    ['zrangebyscore z 1 2 bogus', SYNTAX],
    ['zremrangebyscore z (1 2', 2],
  ]);
  assert.deepEqual(f.events, ['zremrangebyscore z']);
  assert.equal(f.run('zcount', 'z', ' 1', '( 3'), 1);
  assert.equal(f.run('zcount', 'z', '(', 'inf'), 3);
  assert.equal(f.run('zcount', 'z', ' ', '1'), '-ERR min or max is not a float');
  assert.equal(f.run('zcount', 'z', '1 ', '2'), '-ERR min or max is not a float');
});

inBothForms('ranges by name', (f) => {
  f.line('zadd z 0 a 0 b 0 c 0 ca 0 d');
  const range = '-ERR min or max not valid string range item';
  expect(f, [
    ['zrangebylex z - +', ['a', 'b', 'c', 'ca', 'd']],
    ['zrangebylex z [b (d', ['b', 'c', 'ca']],
    ['zrange z + (b bylex rev limit 1 2', ['ca', 'c']],
    ['zrevrangebylex z [c -', ['c', 'b', 'a']],
    ['zrangebylex z + -', []],
    ['zrangebylex z [x [z', []],
    ['zlexcount z (a [ca', 3],
    ['zlexcount z - +', 5],
    ['zlexcount z a b', range],
    ['zlexcount z -x +', range],
    [
      'zrange z - + bylex withscores',
      '-ERR syntax error, WITHSCORES not supported in combination with BYLEX',
    ],
    ['zremrangebylex z [ca +', 2],
    ['zrangebylex z - +', ['a', 'b', 'c']],
  ]);
});

inBothForms('removing, down to the last', (f) => {
  f.line('zadd z 1 a 2 b 3 c 4 d 5 e');
  assert.equal(f.line('zrem z b x b'), 1);
  assert.deepEqual(f.events, ['zrem z']);
  assert.equal(f.line('zremrangebyrank z 1 -2'), 2);
  assert.deepEqual(f.events, ['zremrangebyrank z']);
  assert.equal(f.line('zremrangebyrank z 5 9'), 0);
  assert.deepEqual([f.events, f.dirty], [[], 0]);
  assert.equal(f.line('zrem z a e'), 2);
  assert.deepEqual(f.events, ['zrem z', 'del z']);
  expect(f, [
    ['exists z', 0],
    ['zrem z a', 0],
    ['zremrangebyscore z -inf inf', 0],
  ]);
});

inBothForms('ZRANGESTORE, over other types and its own source', (f) => {
  f.line('zadd z 1 a 2 b 3 c');
  f.line('set s v ex 100');
  assert.equal(f.line('zrangestore s z 1 -1'), 2);
  assert.deepEqual(f.events, ['zrangestore s']);
  expect(f, [
    ['ttl s', -1],
    ['zrange s 0 -1 withscores', ['b', '2', 'c', '3']],
    ['zrangestore z z (1 3 byscore limit 0 1', 1],
    ['zrange z 0 -1', ['b']],
    ['zrangestore z none 0 -1', 0],
  ]);
  assert.deepEqual(f.events, ['del z']);
  assert.equal(f.line('zrangestore z none 0 -1'), 0);
  assert.deepEqual([f.events, f.dirty], [[], 0]);
  f.line('set t v');
  expect(f, [
    ['zrangestore z t 0 -1', WRONG_TYPE],
    ['zrangestore z s 0 -1 withscores', SYNTAX],
  ]);
});

inBothForms('unions, intersections and differences', (f) => {
  f.line('zadd a 1 x 2 y 3 z');
  f.line('zadd b 10 y 20 z 30 w');
  f.line('sadd s y z');
  expect(f, [
    ['zunion 2 a b withscores', ['x', '1', 'y', '12', 'z', '23', 'w', '30']],
    [
      'zunion 2 a b weights 2 -1 aggregate min withscores',
      ['w', '-30', 'z', '-20', 'y', '-10', 'x', '2'],
    ],
    ['zinter 3 a b s aggregate max withscores', ['y', '10', 'z', '20']],
    ['zinter 2 a none', []],
    ['zdiff 2 a s withscores', ['x', '1']],
    ['zdiff 1 s', ['y', 'z']],
    ['zintercard 2 a b', 2],
    ['zintercard 2 a b limit 1', 1],
    ['zintercard 2 a b limit 0', 2],
    ['zintercard 2 a b limit -1', "-ERR LIMIT can't be negative"],
    ['zunionstore a 2 a b', 4],
    ['zrange a 0 -1', ['x', 'y', 'z', 'w']],
    ['zinterstore a 2 a none', 0],
    ['exists a', 0],
    ['zdiffstore s 2 b s', 1],
    ['zrange s 0 -1 withscores', ['w', '30']],
  ]);
  assert.equal(f.line('zunionstore d 1 b'), 3);
  assert.deepEqual(f.events, ['zunionstore d']);
});

inBothForms('infinities that meet come to zero', (f) => {
  f.line('zadd a inf m');
  f.line('zadd b -inf m 0 n');
  f.line('zadd c 5 m 0 n 0 o');
  expect(f, [
    ['zunion 3 a b c withscores', ['n', '0', 'o', '0', 'm', '5']],
    // The smallest come first, in whatever order they are named.
    ['zunion 3 c b a withscores', ['n', '0', 'o', '0', 'm', '5']],
    ['zunion 1 a weights 0 withscores', ['m', '0']],
    ['zinter 2 a c weights 0 1 withscores', ['m', '5']],
    ['zinter 2 a b weights 1 0 withscores', ['m', '0']],
    ['zinter 2 a b weights 1 0 aggregate min withscores', ['m', 'inf']],
  ]);
});

test('what combinations refuse', () => {
  const f = new CommandFixture(all);
  f.line('zadd a 1 x');
  f.line('set s v');
  expect(f, [
    ['zunion 0 a', "-ERR at least 1 input key is needed for 'zunion' command"],
    ['zinterstore d -1 a', "-ERR at least 1 input key is needed for 'zinterstore' command"],
    ['zintercard 0 a', "-ERR at least 1 input key is needed for 'zintercard' command"],
    ['zunion x a', NOT_INTEGER],
    ['zunion 2 a', SYNTAX],
    ['zunion 9223372036854775807 a', SYNTAX],
    ['zunion 1 s', WRONG_TYPE],
    ['zunion 1 a weights', SYNTAX],
    ['zunion 1 a weights nan', '-ERR weight value is not a float'],
    ['zunion 1 a aggregate avg', SYNTAX],
    ['zunionstore d 1 a withscores', SYNTAX],
    ['zdiff 1 a weights 1', SYNTAX],
    ['exists d', 0],
  ]);
});
