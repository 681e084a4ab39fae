// FAILOVER's machine: who is waited for, when it is given up, and what is undone then.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failover, type FailoverCandidate, type FailoverEffect } from './failover.ts';

const target = { host: '10.0.0.2', port: 7001 };

function replica(over: Partial<FailoverCandidate> = {}): FailoverCandidate {
  return { ...target, isOnline: true, acknowledgedOffset: 100, ...over };
}

const kinds = (effects: readonly FailoverEffect[]): readonly string[] =>
  effects.map(({ kind }) => kind).filter((kind) => kind !== 'log');

test('the first replica that has everything takes over', () => {
  const failover = new Failover();
  const wish = { target: undefined, timeoutMs: 0, isForced: false };
  assert.deepEqual(kinds(failover.begin(0, wish)), ['pause']);
  assert.equal(failover.word, 'waiting-for-sync');
  const behind = replica({ acknowledgedOffset: 99 });
  const offline = replica({ isOnline: false });
  assert.deepEqual(failover.tick(1, 100, [behind, offline]), []);
  assert.deepEqual(kinds(failover.tick(2, 100, [behind, replica({ port: 9 })])), ['follow']);
  assert.equal(failover.word, 'failover-in-progress');
  assert.deepEqual(kinds(failover.accepted()), ['resume']);
  assert.equal(failover.word, 'no-failover');
});

test('a target is waited for until the time is over', () => {
  const failover = new Failover();
  failover.begin(0, { target, timeoutMs: 50, isForced: false });
  assert.deepEqual(failover.tick(10, 100, [replica({ port: 9 })]), []);
  assert.deepEqual(kinds(failover.tick(50, 100, [replica()])), ['resume']);
  assert.deepEqual(failover.tick(60, 100, [replica()]), []);
});

test('by force it takes over with what it has', () => {
  const failover = new Failover();
  failover.begin(0, { target, timeoutMs: 50, isForced: true });
  assert.deepEqual(kinds(failover.tick(50, 100, [])), ['follow']);
});

test('a target that refuses leaves the role where it was', () => {
  const failover = new Failover();
  failover.begin(0, { target, timeoutMs: 0, isForced: false });
  failover.tick(1, 100, [replica()]);
  assert.deepEqual(kinds(failover.abort('no')), ['promote', 'resume']);
  assert.deepEqual(failover.abort('no'), []);
  assert.deepEqual(failover.accepted(), []);
});
