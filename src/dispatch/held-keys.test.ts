import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldKeys } from './held-keys.ts';

test('who holds a key hears of its next change, in its database alone', () => {
  const interest = { interest: 0 };
  const held = new HeldKeys(interest);
  assert.equal(interest.interest, 0);
  for (const name of ['a', 'b', 'c']) held.hold(3, Buffer.from(name));
  assert.equal(interest.interest, 1);
  const bytes = Buffer.from('<a><b>');
  held.changed(3, bytes, 1, 2);
  held.changed(0, bytes, 4, 5);
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => held.release(Buffer.from(name))),
    [true, false, false],
  );
  assert.equal(held.count, 0);
});
