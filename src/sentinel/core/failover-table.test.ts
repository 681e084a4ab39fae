import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Cell,
  type FailoverFact,
  type FailoverState,
  failoverTable,
} from './failover-table.ts';

const states = Object.keys(failoverTable) as FailoverState[];
const facts = Object.keys(failoverTable.none) as FailoverFact[];

function next(cell: Cell): FailoverState | undefined {
  return typeof cell === 'string' ? undefined : cell.to;
}

function reachable(from: FailoverState, without: readonly FailoverFact[]): Set<FailoverState> {
  const found = new Set<FailoverState>([from]);
  for (const state of found) {
    for (const fact of facts) {
      const to = next(failoverTable[state][fact]);
      if (to !== undefined && !without.includes(fact)) found.add(to);
    }
  }
  return found;
}

test('every state can be reached, and left again for none', () => {
  assert.deepEqual([...reachable('none', [])].sort(), [...states].sort());
  for (const state of states) assert.ok(reachable(state, []).has('none'), state);
});

test('the way from the attempt to the new master has one order', () => {
  const way: [FailoverFact, FailoverState][] = [
    ['begun', 'wait_start'],
    ['elected', 'select_slave'],
    ['replica_chosen', 'send_slaveof_noone'],
    ['promotion_sent', 'wait_promotion'],
    ['promoted', 'reconf_slaves'],
    ['all_reconfigured', 'update_config'],
    ['switched', 'none'],
  ];
  let state: FailoverState = 'none';
  for (const [fact, expected] of way) {
    const to = next(failoverTable[state][fact]);
    assert.equal(to, expected, `${fact} in ${state}`);
    state = expected;
  }
});

test('nothing but a newer configuration takes a failover back once a replica was promoted', () => {
  for (const state of ['reconf_slaves', 'update_config'] as const) {
    const after = reachable(state, ['overruled', 'switched']);
    assert.ok(!after.has('none'), state);
    assert.ok(!after.has('wait_start'), state);
  }
});

test('each state that waits for others ends by itself: by a timeout, or at once', () => {
  for (const state of [
    'wait_start',
    'send_slaveof_noone',
    'wait_promotion',
    'reconf_slaves',
  ] as const) {
    assert.equal(typeof failoverTable[state].timeout, 'object', state);
  }
});

test('a failover begins only where none is under way, and any can be overruled', () => {
  for (const state of states) {
    assert.equal(typeof failoverTable[state].begun === 'object', state === 'none', state);
    const expected = state === 'none' ? 'ignored' : 'none';
    const cell = failoverTable[state].overruled;
    assert.equal(typeof cell === 'string' ? cell : cell.to, expected, state);
  }
});
