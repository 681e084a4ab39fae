import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Schedule, Timer } from './schedule.ts';

test('timers come in the order of their time, once each', () => {
  const schedule = new Schedule<string>();
  const [a, b, c] = ['a', 'b', 'c'].map((task) => new Timer(task));
  schedule.arm(a, 30);
  schedule.arm(b, 10);
  schedule.arm(c, 20);
  assert.equal(schedule.next, 10);
  assert.equal(schedule.takeDue(9), undefined);
  assert.equal(schedule.takeDue(25)?.task, 'b');
  assert.equal(schedule.takeDue(25)?.task, 'c');
  assert.equal(schedule.takeDue(25), undefined);
  assert.equal(schedule.next, 30);
});

test('a timer is armed anew, brought forward, or called off', () => {
  const schedule = new Schedule<string>();
  const timer = new Timer('a');
  schedule.arm(timer, 10);
  schedule.arm(timer, 40);
  assert.equal(schedule.next, 40);
  schedule.armNoLater(timer, 50);
  assert.equal(schedule.next, 40);
  schedule.armNoLater(timer, 20);
  assert.equal(schedule.next, 20);
  schedule.cancel(timer);
  assert.equal(schedule.next, Number.POSITIVE_INFINITY);
  assert.equal(timer.at, Number.POSITIVE_INFINITY);
});
