import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailoverTracker } from './failover-tracker.ts';
import type { FailoverView } from './fleet-view.ts';

const names = new Map([
  [6379, 'server1'],
  [6380, 'server2'],
  [6381, 'server3'],
]);

const OLD = 'master mymaster 127.0.0.1 6379';
const NEW = 'slave 127.0.0.1:6381 127.0.0.1 6381 @ mymaster 127.0.0.1 6379';
const SWITCH = 'mymaster 127.0.0.1 6379 127.0.0.1 6381';

function tracker(): FailoverTracker {
  return new FailoverTracker((_, port) => names.get(port) ?? null);
}

/** Lines 'MS SENTINEL EVENT payload'; the failovers that some line completed. */
function play(to: FailoverTracker, lines: readonly string[]): FailoverView[] {
  return lines.flatMap((line) => {
    const [atMs, sentinel, name, ...text] = line.split(' ');
    return to.take({ atMs: Number(atMs), sentinel, name, text: text.join(' ') }) ?? [];
  });
}

const leading = [
  `1000 a +sdown ${OLD}`,
  `1010 b +sdown ${OLD}`,
  `1050 a +odown ${OLD} #quorum 2/2`,
  '1051 a +new-epoch 7',
  `1052 a +try-failover ${OLD}`,
  `1060 b +odown ${OLD} #quorum 2/2`,
  `1080 a +elected-leader ${OLD}`,
  `1081 a +failover-state-select-slave ${OLD}`,
  `1090 a +selected-slave ${NEW}`,
  `1150 a +promoted-slave ${NEW}`,
];

test('a failover is told with its phases, once, when the first sentinel switches', () => {
  const to = tracker();
  to.masterLost(100);
  assert.deepEqual(play(to, leading), []);
  assert.equal(to.isRunning, true);
  const done = play(to, [
    `1160 b +switch-master ${SWITCH}`,
    `1161 c +switch-master ${SWITCH}`,
    `1300 a +failover-end ${OLD}`,
    `1301 a +switch-master ${SWITCH}`,
  ]);
  assert.equal(done.length, 1);
  assert.equal(to.isRunning, false);
  const [failover] = to.failovers;
  assert.deepEqual(
    { ...failover, phases: failover.phases.map(({ name, durationMs }) => [name, durationMs]) },
    {
      id: 1,
      epoch: 7,
      leader: 'a',
      from: 'server1',
      to: 'server3',
      startedMs: 100,
      endedMs: 1300,
      durationMs: 1060,
      outcome: 'done',
      phases: [
        ['detection', 900],
        ['agreement', 50],
        ['election', 30],
        ['selection', 10],
        ['promotion', 60],
        ['reconfiguration', 150],
      ],
    },
  );
});

test('a failover that was asked for has no detection', () => {
  const to = tracker();
  play(to, [`10 a +new-epoch 2`, `11 a +try-failover ${OLD}`, `12 a +elected-leader ${OLD}`]);
  assert.deepEqual(
    to.failovers[0].phases.map(({ name }) => name),
    ['election', 'selection'],
  );
  assert.equal(to.failovers[0].durationMs, null);
});

test('one that was not elected gives up its attempt, not that of the leader', () => {
  const to = tracker();
  play(to, [...leading, `1155 b -failover-abort-not-elected ${OLD}`]);
  assert.equal(to.failovers[0].outcome, 'running');
  play(to, [`1156 a -failover-abort-slave-timeout ${NEW}`]);
  assert.equal(to.failovers[0].outcome, 'aborted');
  assert.equal(to.failovers[0].endedMs, 1156);
  play(to, [`2000 b +try-failover ${OLD}`]);
  assert.equal(to.failovers.length, 2);
  assert.equal(to.isRunning, true);
});

test('of two candidates one may give up before the other is elected', () => {
  const to = tracker();
  play(to, [
    `1000 a +sdown ${OLD}`,
    `1050 a +odown ${OLD} #quorum 2/2`,
    `1051 a +try-failover ${OLD}`,
    `1052 b +try-failover ${OLD}`,
    `1060 b -failover-abort-not-elected ${OLD}`,
    `1070 a +elected-leader ${OLD}`,
  ]);
  const [only] = play(to, [`1160 b +switch-master ${SWITCH}`]);
  assert.deepEqual([only.leader, only.durationMs, only.outcome], ['a', 160, 'done']);
  assert.equal(to.failovers.length, 1);
});

test('a suspicion that is taken back leaves no trace', () => {
  const to = tracker();
  play(to, [`10 a +sdown ${OLD}`, `20 a -sdown ${OLD}`, `500 a +try-failover ${OLD}`]);
  assert.equal(to.failovers[0].startedMs, 500);
});

test('a switch of which nothing else was heard is a failover too', () => {
  const to = tracker();
  const [only] = play(to, [`50 c +switch-master ${SWITCH}`]);
  assert.deepEqual(
    [only.from, only.to, only.outcome, only.leader],
    ['server1', 'server3', 'done', null],
  );
});

test('the list is bounded', () => {
  const to = tracker();
  for (let i = 0; i < 200; i++) {
    play(to, [`${i} a +try-failover ${OLD}`, `${i} a -failover-abort-x ${OLD}`]);
  }
  assert.equal(to.failovers.length, 50);
});
