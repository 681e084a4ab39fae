import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetView } from '../../fleet/fleet-view.ts';
import {
  finishedFailover,
  masterServer,
  NOON_MS,
  replicaServer,
  sentinelView,
  steadyView,
  timelineEvent,
  watchedNode,
} from '../fleet-fixture.ts';
import { eventSentence } from './event-text.ts';
import { formatBytes, formatClock, formatCount, formatDuration, formatList } from './format.ts';
import { disagreement, headline } from './headline.ts';

function said(changes: Partial<FleetView>): string {
  const { failovers, ...state } = steadyView(changes);
  const { tone, title, detail } = headline(state, failovers);
  return `${tone}: ${title}. ${detail}`.replaceAll('\u202f', ' ');
}

test('one sentence says what is the matter', () => {
  assert.equal(said({}), 'good: server1 leads. 2 replicas follow, 3 sentinels watch.');
  assert.match(said({ sentinels: [] }), /no sentinels watch/);
  assert.equal(said({ master: null }), 'bad: No master. Nobody takes writes.');
  const frozen = masterServer('server1', { state: 'frozen' });
  assert.equal(
    said({ servers: [frozen] }),
    'bad: The master does not answer. server1 led and is frozen. Sentinels act after 1.00 s of silence.',
  );
  const lonely = ['sentinel1', 'sentinel2', 'sentinel3'].map((name, i) =>
    sentinelView(name, { state: i === 0 ? 'up' : 'down' }),
  );
  assert.match(said({ servers: [frozen], sentinels: lonely }), /Only 1 of 2 sentinels/);
  const dead = replicaServer('server3', { state: 'down' });
  assert.equal(
    said({ servers: [masterServer('server1'), replicaServer('server2'), dead] }),
    'warn: server1 leads. server3 is down.',
  );
});

test('a failover is told while it runs and when it is done', () => {
  const running = finishedFailover(1, {
    outcome: 'running',
    endedMs: null,
    durationMs: null,
    phases: [
      { name: 'detection', startedMs: NOON_MS - 3000, durationMs: 1000 },
      { name: 'election', startedMs: NOON_MS - 2000, durationMs: null },
    ],
  });
  assert.equal(
    said({ failovers: [running] }),
    'busy: Failover from server1. sentinel2 leads: electing who leads the failover, 3.00 s so far.',
  );
  const done = { failovers: [finishedFailover(1)], master: 'server2' };
  const servers = [replicaServer('server1'), masterServer('server2')];
  assert.equal(said({ ...done, servers }), 'good: server2 took over in 1.40 s. Everybody follows.');
});

test('sentinels that disagree are named', () => {
  assert.equal(disagreement(steadyView()), undefined);
  const other = sentinelView('sentinel3', { master: watchedNode('server2') });
  const view = steadyView({
    sentinels: [sentinelView('sentinel1'), sentinelView('sentinel2'), other],
  });
  assert.equal(
    disagreement(view),
    'sentinel1 and sentinel2 name server1; sentinel3 names server2.',
  );
});

test("Sentinel's events as sentences", () => {
  const fleet = steadyView();
  const sentence = (name: string, text: string, subject: string | null = null): string =>
    eventSentence(timelineEvent(1, name, { text, subject }), fleet);
  assert.equal(sentence('+sdown', 'master mymaster 127.0.0.1 6379'), 'cannot reach server1');
  assert.equal(
    sentence('+switch-master', 'mymaster 127.0.0.1 6379 127.0.0.1 6380'),
    'names server2 master, no longer server1',
  );
  assert.equal(
    sentence('+vote-for-leader', `${'sentinel2'.padEnd(40, '0')} 5`),
    'votes for sentinel2 in epoch 5',
  );
  assert.equal(
    sentence('+odown', 'master mymaster 127.0.0.1 6379 #quorum 3/2'),
    'server1 is down for 3/2 sentinels',
  );
  assert.equal(sentence('+new-epoch', '7'), 'enters epoch 7');
  assert.equal(
    sentence('+sdown', 'slave x 10.0.0.9 7000 @ mymaster 127.0.0.1 6379'),
    'cannot reach 10.0.0.9:7000',
  );
  assert.equal(sentence('+unheard-of', 'as published'), 'as published');
  assert.equal(sentence('+switch-master', ''), 'names ?:? master, no longer ?:?');
  const killed = timelineEvent(1, 'kill', { kind: 'action', text: 'kill server1' });
  assert.equal(eventSentence(killed, fleet), 'kill server1');
});

test('figures', () => {
  const plain = (text: string): string => text.replaceAll('\u202f', ' ');
  assert.equal(formatCount(null), '–');
  assert.equal(plain(formatCount(1234567)), '1 234 567');
  assert.deepEqual(
    [0, 999, 1000, 12_345, 999_999, 1_048_576, 2e9, 3e13].map((bytes) => plain(formatBytes(bytes))),
    ['0 B', '999 B', '1.00 kB', '12.3 kB', '1.00 MB', '1.05 MB', '2.00 GB', '30.0 TB'],
  );
  assert.deepEqual(
    [-5, 84, 999.6, 1320, 12_000, 125_000, 12_000_000, 2e8].map((ms) => plain(formatDuration(ms))),
    ['0 ms', '84 ms', '1.00 s', '1.32 s', '12.0 s', '2 min 05 s', '3 h 20 min', '2 days'],
  );
  assert.match(formatClock(NOON_MS + 7, true), /^\d\d:00:00\.007$/);
  assert.equal(formatList([]), '');
  assert.equal(formatList(['a', 'b', 'c']), 'a, b and c');
});
