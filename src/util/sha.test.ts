import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sha1 } from './sha1.ts';
import { sha256 } from './sha256.ts';

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
