import nodeAssert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionError, assert } from './assert.ts';

test('a broken invariant throws', () => {
  assert(true, 'holds');
  nodeAssert.throws(() => assert(false, 'count is negative'), AssertionError);
  nodeAssert.throws(() => assert(0, 'count is negative'), { message: 'count is negative' });
});
