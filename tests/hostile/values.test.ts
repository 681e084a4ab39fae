// Values past the end of what there is: sizes, offsets, counts, sums, coordinates. A clear error in
// Redis's words, and the value that was there before.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { SeededRandom } from '../../src/util/seeded-random.ts';
import { type Argument, Victim } from './victim.ts';

const MIN = '-9223372036854775808';
const MAX = '9223372036854775807';
const OVERFLOW = '-ERR increment or decrement would overflow';
const NOT_INTEGER = '-ERR value is not an integer or out of range';
const NOT_FLOAT = '-ERR value is not a valid float';
const INFINITE = '-ERR increment would produce NaN or Infinity';
const TOO_LONG = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)';
const BIT_OFFSET = '-ERR bit offset is not an integer or out of range';
const COUNT_RANGE = `-ERR value is out of range, value must between -${MAX} and ${MAX}`;

let victim: Victim;

before(async () => {
  victim = await Victim.start();
});

beforeEach(() => victim.ask('FLUSHALL'));

afterEach(() => victim.unharmed());

after(() => victim?.stop());

/** Requests, and the reply to each. */
async function expect(
  cases: readonly (readonly [request: readonly Argument[], reply: string | RegExp])[],
): Promise<void> {
  for (const [request, reply] of cases) {
    const answer = await victim.ask(...request);
    if (typeof reply === 'string') assert.equal(answer, reply, request.join(' '));
    else assert.match(answer, reply, request.join(' '));
  }
}

/** The words of a request. */
function words(text: string): readonly string[] {
  return text.split(' ');
}

test('strings beyond proto-max-bulk-len', async () => {
  await victim.ask('SET', 'k', 'kept');
  await expect([
    [words('SETRANGE k 536870912 x'), TOO_LONG],
    [words('SETRANGE k 9007199254740992 x'), TOO_LONG],
    [words(`SETRANGE k ${MAX} x`), TOO_LONG],
    [words('SETRANGE k -1 x'), '-ERR offset is out of range'],
    [words('SETRANGE new 536870912 x'), TOO_LONG],
    [words('SETBIT k 4294967296 1'), BIT_OFFSET],
    [words(`SETBIT k ${MAX} 1`), BIT_OFFSET],
    [words('SETBIT k -1 1'), BIT_OFFSET],
    [words('BITFIELD k SET u8 4294967296 255'), BIT_OFFSET],
    [words('BITFIELD k GET u8 #536870912'), BIT_OFFSET],
    [words(`BITFIELD k GET u8 #${MAX}`), BIT_OFFSET],
    [words(`BITFIELD_RO k GET u8 ${MAX}`), BIT_OFFSET],
    [words('BITFIELD k GET u64 0'), /^-ERR Invalid bitfield type/],
    [words(`BITCOUNT k ${MIN} ${MAX}`), '16'],
    [words('GET k'), '"kept"'],
    [words('EXISTS new'), '0'],
  ]);
});

test('APPEND ends at proto-max-bulk-len', async () => {
  await victim.ask('CONFIG', 'SET', 'proto-max-bulk-len', '1mb');
  try {
    await victim.ask('SET', 'k', 'x'.repeat(1024 * 1024));
    await expect([
      [words('APPEND k y'), TOO_LONG],
      [['APPEND', 'k', ''], '1048576'],
      [words('SETRANGE k 1048576 y'), TOO_LONG],
      [words('SETBIT k 8388608 1'), BIT_OFFSET],
    ]);
    assert.match(
      await victim.provoke('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048577\r\n'),
      /invalid bulk/,
    );
  } finally {
    await victim.ask('CONFIG', 'SET', 'proto-max-bulk-len', '512mb');
  }
});

test('sums beyond 64 bits', async () => {
  await victim.ask('MSET', 'max', MAX, 'min', MIN);
  await victim.ask('HSET', 'h', 'max', MAX, 'min', MIN);
  await expect([
    [words('INCR max'), OVERFLOW],
    [words('INCRBY max 1'), OVERFLOW],
    [words('DECRBY max -1'), OVERFLOW],
    [words(`DECRBY max ${MIN}`), '-ERR decrement would overflow'],
    [words('INCRBY max 9223372036854775808'), NOT_INTEGER],
    [words('DECR min'), OVERFLOW],
    [words('INCRBY min -1'), OVERFLOW],
    [words('HINCRBY h max 1'), OVERFLOW],
    [words('HINCRBY h min -1'), OVERFLOW],
    [words('HINCRBY h max 9223372036854775808'), NOT_INTEGER],
    [words('BITFIELD b OVERFLOW FAIL SET i64 0 9223372036854775807'), '[0]'],
    [words('BITFIELD b OVERFLOW FAIL INCRBY i64 0 1'), '[nil]'],
    [words('BITFIELD b OVERFLOW SAT INCRBY i64 0 1'), `[${MAX}]`],
    [words('BITFIELD b OVERFLOW WRAP INCRBY i64 0 1'), `[${MIN}]`],
    [words('MGET max min'), `["${MAX}", "${MIN}"]`],
    [words('HMGET h max min'), `["${MAX}", "${MIN}"]`],
  ]);
});

test('floats that are none', async () => {
  await victim.ask('SET', 'huge', '1.1e4932');
  await victim.ask('HSET', 'h', 'f', '1.1e4932', 'nan', 'nan', 'text', 'x');
  await victim.ask('ZADD', 'z', 'inf', 'a');
  const notNumber = '-ERR resulting score is not a number (NaN)';
  await expect([
    [words('INCRBYFLOAT huge 1.1e4932'), INFINITE],
    [words('INCRBYFLOAT huge inf'), INFINITE],
    [words('INCRBYFLOAT huge -inf'), INFINITE],
    [words('INCRBYFLOAT huge nan'), NOT_FLOAT],
    [['INCRBYFLOAT', 'huge', '1 '], NOT_FLOAT],
    [words('HINCRBYFLOAT h f 1.1e4932'), INFINITE],
    [words('HINCRBYFLOAT h f inf'), '-ERR value is NaN or Infinity'],
    [words('HINCRBYFLOAT h f nan'), NOT_FLOAT],
    [words('HINCRBYFLOAT h text 1'), '-ERR hash value is not a float'],
    [words('HINCRBYFLOAT h nan 1'), '-ERR hash value is not a float'],
    [words('ZADD z nan a'), NOT_FLOAT],
    [words('ZADD z 1 b nan c'), NOT_FLOAT],
    [words('ZADD z INCR -inf a'), notNumber],
    [words('ZINCRBY z -inf a'), notNumber],
    [words('ZINCRBY z nan a'), NOT_FLOAT],
    [words('ZCARD z'), '1'],
    [words('ZADD y -inf a'), '1'],
    [words('ZUNIONSTORE sum 2 z y'), '1'],
    [words('ZSCORE sum a'), '"0"'],
    [words('ZUNIONSTORE sum 1 z WEIGHTS 0'), '1'],
    [words('ZSCORE sum a'), '"0"'],
    [words('ZUNIONSTORE sum 1 z WEIGHTS nan'), '-ERR weight value is not a float'],
    [words('ZRANGEBYSCORE z nan inf'), '-ERR min or max is not a float'],
    [words('BLPOP nokey nan'), '-ERR timeout is not a float or out of range'],
    [words('BLPOP nokey 1e308'), '-ERR timeout is out of range'],
  ]);
});

test('places that are not on the map', async () => {
  const pair = /^-ERR invalid longitude,latitude pair/;
  await victim.ask('GEOADD', 'g', '1', '1', 'a');
  await expect([
    [words('GEOADD g nan 0 b'), NOT_FLOAT],
    [words('GEOADD g inf 0 b'), pair],
    [words('GEOADD g 180.1 0 b'), pair],
    [words('GEOADD g 0 85.06 b'), pair],
    [words('GEOSEARCH g FROMLONLAT 0 91 BYRADIUS 1 m'), pair],
    [words('GEOSEARCH g FROMLONLAT 0 0 BYRADIUS nan m'), '-ERR need numeric radius'],
    [words('GEOSEARCH g FROMLONLAT 0 0 BYRADIUS -1 m'), '-ERR radius cannot be negative'],
    [words('GEOSEARCH g FROMLONLAT 0 0 BYRADIUS inf m'), '["a"]'],
    [words('GEOSEARCH g FROMLONLAT 0 0 BYBOX 1e300 1e300 km'), '["a"]'],
    [words('GEOSEARCH g FROMLONLAT 0 0 BYRADIUS 1 m COUNT 0'), '-ERR COUNT must be > 0'],
    [words('ZCARD g'), '1'],
  ]);
});

test('random members by the least of all counts', async () => {
  await victim.ask('SADD', 's', 'a', 'b');
  await victim.ask('HSET', 'h', 'f', 'v');
  await victim.ask('ZADD', 'z', '1', 'a');
  await expect([
    [words(`SRANDMEMBER s ${MIN}`), COUNT_RANGE],
    [words(`HRANDFIELD h ${MIN}`), COUNT_RANGE],
    [words(`ZRANDMEMBER z ${MIN}`), COUNT_RANGE],
    [words(`HRANDFIELD h -${MAX} WITHVALUES`), '-ERR value is out of range'],
    [words(`ZRANDMEMBER z -${MAX} WITHSCORES`), '-ERR value is out of range'],
    [words(`SPOP s ${MIN}`), '-ERR value is out of range, must be positive'],
    [words(`LPOS l a RANK ${MIN}`), COUNT_RANGE],
    [words('LPOP l 9223372036854775808'), '-ERR value is out of range, must be positive'],
    [words(`LRANGE l ${MIN} ${MAX}`), '[]'],
    [words('SCAN 18446744073709551616'), '-ERR invalid cursor'],
  ]);
});

test('a count that no reply could hold costs its connection', async () => {
  await victim.ask('SADD', 's', 'x'.repeat(1000));
  const answer = victim.provoke(`SRANDMEMBER s -${MAX}\r\n`).then((text) => text.length);
  assert.ok((await victim.during(answer)) < 2 ** 31);
});

test('stream ids at the end of 64 bits', async () => {
  const last = '18446744073709551615-18446744073709551615';
  const exhausted = '-ERR The stream has exhausted the last possible ID, unable to add more items';
  await expect([
    [words(`XADD x ${last} f v`), `"${last}"`],
    [words('XADD x * f v'), exhausted],
    [words('XADD x 18446744073709551615-* f v'), exhausted],
    [words('XADD x 0-0 f v'), '-ERR The ID specified in XADD must be greater than 0-0'],
    [words('XADD x 18446744073709551616 f v'), /^-ERR Invalid stream ID/],
    [words(`XADD x ${last}1 f v`), /^-ERR Invalid stream ID/],
    [words(`XRANGE x (${last} +`), '-ERR invalid start ID for the interval'],
    [words(`XREAD COUNT ${MAX} STREAMS x ${last}`), 'nil[]'],
    [words('XLEN x'), '1'],
  ]);
});

test('expiries beyond the end of time', async () => {
  await victim.ask('SET', 'k', 'v');
  const invalid = (name: string): string => `-ERR invalid expire time in '${name}' command`;
  await expect([
    [words(`SET k w EX ${MAX}`), invalid('set')],
    [words('SET k w EX 0'), invalid('set')],
    [words(`SET k w PX ${MAX}`), invalid('set')],
    [words(`GETEX k EX ${MAX}`), invalid('getex')],
    [words(`EXPIRE k ${MAX}`), invalid('expire')],
    [words(`EXPIRE k ${MIN}`), invalid('expire')],
    [words('GET k'), '"v"'],
    [words('TTL k'), '-1'],
  ]);
});

test('HyperLogLogs whose bytes were overwritten', async (context) => {
  const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
  context.diagnostic(`seed ${seed}`);
  const random = new SeededRandom(seed);
  for (let round = 0; round < 300; round++) {
    await victim.ask('DEL', 'hll', 'merged');
    const elements = Array.from({ length: 1 + random.below(40) }, () => random.bytes(4));
    await victim.ask('PFADD', 'hll', ...elements);
    if (round % 2 === 0) await victim.ask('PFDEBUG', 'TODENSE', 'hll');
    for (let changes = 1 + random.below(6); changes > 0; changes--) {
      // The magic word stays in most rounds, or nothing behind it would be looked at.
      const offset = random.below(4) === 0 ? random.below(16) : 16 + random.below(300);
      await victim.ask('SETRANGE', 'hll', String(offset), random.bytes(1 + random.below(8)));
    }
    const readable = /^(\d+|\+OK|-INVALIDOBJ .*|-WRONGTYPE .*)$/;
    await expect([
      [words('PFCOUNT hll'), readable],
      [words('PFCOUNT hll nokey'), readable],
      [words('PFMERGE merged hll'), readable],
      [words('PFCOUNT merged'), readable],
      [words('PFADD hll a b c'), readable],
      [words('PFDEBUG GETREG hll'), /^(\[|-)/],
      [words('PFDEBUG DECODE hll'), /^("|-)/],
    ]);
  }
});
