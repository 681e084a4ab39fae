import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KEPT_BYTES, KEPT_WORDS, KeyedHash } from './hash.ts';

/** HalfSipHash-c-d as its paper states it, for any number of rounds. */
function halfSipHash(c: number, d: number, k0: number, k1: number, message: Uint8Array): number {
  const v = [k0, k1, k0 ^ 0x6c796765, k1 ^ 0x74656462];
  const rotate = (x: number, n: number): number => (x << n) | (x >>> (32 - n));
  const round = (): void => {
    v[0] = (v[0] + v[1]) | 0;
    v[1] = rotate(v[1], 5) ^ v[0];
    v[0] = rotate(v[0], 16);
    v[2] = (v[2] + v[3]) | 0;
    v[3] = rotate(v[3], 8) ^ v[2];
    v[0] = (v[0] + v[3]) | 0;
    v[3] = rotate(v[3], 7) ^ v[0];
    v[2] = (v[2] + v[1]) | 0;
    v[1] = rotate(v[1], 13) ^ v[2];
    v[2] = rotate(v[2], 16);
  };
  const take = (word: number): void => {
    v[3] ^= word;
    for (let i = 0; i < c; i++) round();
    v[0] ^= word;
  };
  const padded = Buffer.alloc((message.length & ~3) + 4);
  padded.set(message);
  padded[padded.length - 1] = message.length;
  for (let at = 0; at < padded.length; at += 4) take(padded.readInt32LE(at));
  v[2] ^= 0xff;
  for (let i = 0; i < d; i++) round();
  return v[1] ^ v[3];
}

test('the reference gives the published values of HalfSipHash-2-4', () => {
  const published = ['a9359f5b', '27475ab8', 'fa62a603', '8afee704'];
  for (const [length, expected] of published.entries()) {
    const message = Uint8Array.from({ length }, (_, i) => i);
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(halfSipHash(2, 4, 0x03020100, 0x07060504, message));
    assert.equal(bytes.toString('hex'), expected);
  }
});

test('hashes a range as HalfSipHash-1-3', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.integer(), fc.integer(), (message, k0, k1) => {
      const around = Buffer.concat([Buffer.from('xyz'), message, Buffer.from('abc')]);
      const hash = new KeyedHash(k0, k1).hash(around, 3, 3 + message.length);
      assert.equal(hash, halfSipHash(1, 3, k0, k1, message));
    }),
  );
});

test('keeps up to 64 bytes as words', () => {
  const message = Buffer.from(Array.from({ length: 64 }, (_, i) => 255 - i));
  const hash = new KeyedHash(1, 2);
  for (let length = 0; length <= KEPT_BYTES; length++) {
    const words = new Int32Array(KEPT_WORDS + 2).fill(-1);
    assert.equal(
      hash.hashInto(words, 1, message, 0, length),
      halfSipHash(1, 3, 1, 2, message.subarray(0, length)),
    );
    const padded = Buffer.alloc((length + 3) & ~3);
    message.copy(padded, 0, 0, length);
    for (let i = 0; i < padded.length; i += 4) {
      assert.equal(words[1 + i / 4], padded.readInt32LE(i), `byte ${i} of ${length}`);
    }
    assert.deepEqual([words[0], words[KEPT_WORDS + 1]], [-1, -1]);
  }
});

test('another key gives another hash', () => {
  const b = Buffer.from('same');
  assert.notEqual(new KeyedHash(1, 2).hash(b, 0, 4), new KeyedHash(1, 3).hash(b, 0, 4));
});
