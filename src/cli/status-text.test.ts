import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetView, NodeView, ServerView } from '../fleet/fleet-view.ts';
import { paintFor } from './paint.ts';
import { statusText } from './status-text.ts';

const node = (name: string, port: number): Omit<NodeView, 'kind'> => ({
  ...{ name, port, host: '127.0.0.1', implementation: 'understudy', pid: 42, state: 'up' },
  ...{ sinceMs: 0, version: 'understudy 0.1.0', connectedClients: 1 },
  ...{ memoryBytes: 3 * 1024 * 1024, opsPerSecond: 7 },
});

const ofServer: Omit<ServerView, Exclude<keyof NodeView, 'kind'> | 'role' | 'offset' | 'upstream'> =
  {
    ...{ kind: 'server', replicationId: null, backlog: null, replicas: [], keys: 0 },
    ...{ fullSyncs: 0, partialSyncs: 0, commandsProcessed: 1 },
  };

const view: FleetView = {
  ...{ atMs: 0, masterName: 'm', quorum: 1, downAfterMs: 500, master: 'server1', events: [] },
  servers: [
    { ...node('server1', 6379), ...ofServer, role: 'master', offset: 90, upstream: null },
    {
      ...{ ...node('server2', 6380), ...ofServer, role: 'replica', offset: 80 },
      upstream: {
        ...{ node: 'server1', host: '127.0.0.1', port: 6379, link: 'up', isSyncing: false },
        ...{ secondsSinceIo: 0, lagBytes: 10, lagMs: 250 },
      },
    },
  ],
  sentinels: [
    {
      ...{ ...node('sentinel1', 26379), kind: 'sentinel', id: 'a', currentEpoch: 3 },
      ...{ configEpoch: 2, isTilt: false, replicas: [], sentinels: [], quorum: 1 },
      failoverState: 'none',
      master: {
        ...{ node: 'server1', host: '127.0.0.1', port: 6379, flags: ['master', 's_down'] },
        ...{ isSubjectivelyDown: true, isObjectivelyDown: false, lastPingReplyMs: 1, runId: 'r' },
      },
    },
  ],
  failovers: [
    {
      ...{ id: 1, epoch: 3, leader: 'sentinel1', from: 'server2', to: 'server1', startedMs: 0 },
      ...{ endedMs: 900, durationMs: 900, outcome: 'done' },
      phases: [
        { name: 'detection', startedMs: 0, durationMs: 500 },
        { name: 'reconfiguration', startedMs: 500, durationMs: null },
      ],
    },
  ],
  faults: [
    { between: ['server1', 'sentinel1'], fault: { kind: 'cut' } },
    { between: ['server1', 'server2'], fault: { kind: 'slow', delayMs: 30, bytesPerSecond: null } },
  ],
  probe: null,
};

const pipe = { isTTY: false } as NodeJS.WriteStream;
const terminal = { isTTY: true } as NodeJS.WriteStream;

test('a fleet as a table', () => {
  assert.equal(
    statusText(view, 'http://page', paintFor(pipe, {})),
    [
      'm: server1 leads; quorum 1 of 1, down after 500 ms',
      '',
      'NODE       ADDRESS          STATE  ROLE                           OFFSET  BEHIND        OPS/S  MEMORY   PID',
      'server1    127.0.0.1:6379   up     master                         90      -             7      3.0 MiB  42',
      'server2    127.0.0.1:6380   up     replica                        80      10 B, 250 ms  7      3.0 MiB  42',
      'sentinel1  127.0.0.1:26379  up     sees server1, s_down, epoch 3  -       -             -      -        42',
      '',
      'cut: server1 from sentinel1',
      'slow: server1 to server2, 30 ms each way',
      '',
      'last failover: server2 to server1 in 900 ms (detection 500 ms)',
      '',
      'page: http://page',
      '',
    ].join('\n'),
  );
});

test('colours are for terminals, unless they are not wanted', () => {
  const none = { ...view, master: null };
  const coloured = statusText(none, null, paintFor(terminal, {}));
  assert.ok(coloured.includes('\x1b[31mno master\x1b[39m'));
  for (const paint of [
    paintFor(terminal, { NO_COLOR: '1' }),
    paintFor(terminal, { TERM: 'dumb' }),
  ]) {
    assert.equal(statusText(none, null, paint).includes('\x1b'), false);
  }
});
