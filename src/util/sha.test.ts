import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Sha1 } from './sha1.ts';
import { sha256 } from './sha256.ts';

const sha = new Sha1();

function bytesOf(words: Int32Array): Buffer {
  const bytes = Buffer.alloc(20);
  words.forEach((word, i) => {
    bytes.writeInt32BE(word, 4 * i);
  });
  return bytes;
}

function sha1(message: Buffer): Buffer {
  sha.hash(Buffer.concat([Buffer.from('..'), message, Buffer.from('.')]), 2, 2 + message.length);
  return bytesOf(sha.words);
}

test('a digest of a digest is that of its bytes', () => {
  sha1(Buffer.from('abc'));
  const bytes = bytesOf(sha.words);
  sha.hashWords(sha.words.slice());
  assert.equal(bytesOf(sha.words).toString('hex'), sha1(bytes).toString('hex'));
});

test('both digests agree with the platform, at every length around a block', () => {
  for (let length = 0; length < 200; length++) {
    const message = Buffer.from(Array.from({ length }, (_, i) => (i * 7 + length) & 255));
    for (const [name, digest] of [
      ['sha1', sha1(message)],
      ['sha256', sha256(message)],
    ] as const) {
      assert.equal(
        Buffer.from(digest).toString('hex'),
        createHash(name).update(message).digest('hex'),
        `${name} of ${length} bytes`,
      );
    }
  }
});
