import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Int64 } from './int64.ts';
import { compareIds, StreamId } from './stream-id.ts';

const MAX = 2n ** 64n - 1n;
const half = fc.oneof(
  fc.bigInt({ min: 0n, max: MAX }),
  fc.constantFrom(
    0n,
    1n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n,
    2n ** 63n,
    MAX - 1n,
    MAX,
  ),
);
const pair = fc.tuple(half, half);

const whole = ([ms, seq]: readonly [bigint, bigint]): bigint => (ms << 64n) | seq;
const of = ([ms, seq]: readonly [bigint, bigint]): StreamId => StreamId.from(ms, seq);
const ofWhole = (n: bigint): StreamId => StreamId.from((n >> 64n) & MAX, n & MAX);

test('ids print exactly, up to the greatest', () => {
  fc.assert(fc.property(pair, (p) => assert.equal(of(p).toString(), `${p[0]}-${p[1]}`)));
  assert.equal(StreamId.greatest().toString(), `${MAX}-${MAX}`);
  assert.ok(StreamId.greatest().isGreatest && !StreamId.greatest().isZero);
});

test('ids compare as 128-bit numbers', () => {
  fc.assert(
    fc.property(pair, pair, (a, b) => {
      const expected = whole(a) < whole(b) ? -1 : whole(a) > whole(b) ? 1 : 0;
      assert.equal(Math.sign(compareIds(of(a), of(b))), expected);
      assert.equal(of(a).equals(of(b)), expected === 0);
    }),
  );
});

test('an id has a next and one before, and says when it went around', () => {
  const end = 2n ** 128n;
  fc.assert(
    fc.property(pair, (p) => {
      const next = of(p);
      assert.equal(next.increment(), whole(p) !== end - 1n);
      assert.ok(next.equals(ofWhole((whole(p) + 1n) % end)));
      const before = of(p);
      assert.equal(before.decrement(), whole(p) !== 0n);
      assert.ok(before.equals(ofWhole((whole(p) + end - 1n) % end)));
    }),
  );
});

test('what an entry stores is the difference modulo 2^64', () => {
  const delta = new Int64();
  fc.assert(
    fc.property(pair, pair, (a, b) => {
      const id = of(a);
      of(b).timeSince(id, delta);
      assert.equal(delta.toBigInt(), BigInt.asIntN(64, b[0] - a[0]));
      id.addTime(delta);
      of(b).sequenceSince(id, delta);
      id.addSequence(delta);
      assert.ok(id.equals(of(b)));
    }),
  );
});

test('a time becomes an id', () => {
  assert.equal(new StreamId().setTime(1_700_000_000_123).toString(), '1700000000123-0');
  assert.equal(new StreamId(1, 1, 1, 1).setTime(0).isZero, true);
});
