import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconfigurationTable as table } from './reconfiguration-table.ts';

test('none, sent, inprog, done, each by the fact that Redis names', () => {
  assert.deepEqual(table.none.told, { to: 'sent', event: '+slave-reconf-sent' });
  assert.deepEqual(table.sent.follows, { to: 'inprog', event: '+slave-reconf-inprog' });
  assert.deepEqual(table.inprog.synchronized, { to: 'done', event: '+slave-reconf-done' });
});

test('one that does not follow in time counts as done', () => {
  assert.deepEqual(table.sent.timeout, { to: 'done', event: '-slave-reconf-sent-timeout' });
  assert.equal(table.inprog.timeout, 'ignored');
});

test('nobody is told twice in one failover', () => {
  for (const state of ['sent', 'inprog', 'done'] as const) assert.equal(table[state].told, 'never');
});
