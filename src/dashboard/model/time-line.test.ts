import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finishedFailover, NOON_MS, sentinelView, timelineEvent } from '../fleet-fixture.ts';
import {
  automaticWindow,
  availability,
  availableShare,
  clustered,
  lanesOf,
  type Mark,
  secondCells,
  segmentsOf,
  shapeOf,
  ticksOf,
  windowOf,
} from './time-line.ts';

const window = { fromMs: NOON_MS, toMs: NOON_MS + 1000 };

test('each sentinel has a lane, the fleet the first one', () => {
  const events = [
    timelineEvent(100, 'kill', { kind: 'action', node: 'fleet' }),
    timelineEvent(150, 'down', { kind: 'node', node: 'server1' }),
    timelineEvent(500, '+sdown'),
    timelineEvent(5000, '+odown'),
  ];
  const lanes = lanesOf(events, [sentinelView('sentinel1'), sentinelView('sentinel2')], window);
  assert.deepEqual(
    lanes.map(({ name, marks }) => [name, marks.map(({ at, shape }) => [at, shape])]),
    [
      [
        'fleet',
        [
          [0.1, 'action'],
          [0.15, 'down'],
        ],
      ],
      ['sentinel1', [[0.5, 'suspect']]],
      ['sentinel2', []],
    ],
  );
});

test('shapes tell kinds of events apart', () => {
  const shape = (name: string) => shapeOf(timelineEvent(1, name));
  assert.equal(shape('-failover-abort-not-elected'), 'abort');
  assert.equal(shape('+switch-master'), 'switch');
  assert.equal(shape('+something-new'), 'note');
});

test('marks that would lie on each other become the weightiest of them', () => {
  const mark = (id: number, at: number, shape: Mark['shape']): Mark => ({
    ...{ id, at, shape, title: String(id), more: 0 },
  });
  const marks = [mark(1, 0.1, 'suspect'), mark(2, 0.12, 'switch'), mark(3, 0.5, 'note')];
  const clusters = clustered(marks, 0.05);
  assert.deepEqual(
    clusters.map(({ id, at, more, title }) => [id, at, more, title]),
    [
      [2, 0.1, 1, '1\n2'],
      [3, 0.5, 0, '3'],
    ],
  );
});

test('phases lie where they happened; one that lasts ends now', () => {
  const failover = finishedFailover(1, {
    phases: [
      { name: 'detection', startedMs: NOON_MS - 500, durationMs: 700 },
      { name: 'agreement', startedMs: NOON_MS + 200, durationMs: null },
    ],
  });
  assert.deepEqual(segmentsOf([failover], window, NOON_MS + 600), [
    { name: 'detection', from: 0, to: 0.2, isOpen: false },
    { name: 'agreement', from: 0.2, to: 0.6, isOpen: true },
  ]);
  const earlier = { fromMs: NOON_MS - 9000, toMs: NOON_MS - 8000 };
  assert.deepEqual(segmentsOf([failover], earlier, NOON_MS), []);
});

test('a second is judged by what was acknowledged in it', () => {
  const second = (acknowledged: number, failed: number) => ({
    ...{ atMs: NOON_MS, acknowledged, failed },
  });
  assert.equal(availability(second(20, 0)), 'all');
  assert.equal(availability(second(3, 1)), 'some');
  assert.equal(availability(second(0, 4)), 'none');
  assert.equal(availability(second(0, 0)), 'idle');
  assert.equal(availableShare([second(5, 0), second(0, 5), second(0, 0)]), 0.5);
  assert.equal(availableShare([]), null);
  assert.deepEqual(secondCells(null, window), []);
});

test('ticks stand at round times and are not too many', () => {
  const minutes = ticksOf({ fromMs: NOON_MS + 1, toMs: NOON_MS + 120_000 }, 5);
  assert.deepEqual(
    minutes.map(({ label }) => label.slice(3)),
    ['00:30', '01:00', '01:30', '02:00'],
  );
  const short = ticksOf({ fromMs: NOON_MS, toMs: NOON_MS + 1000 }, 6);
  assert.deepEqual(
    short.map(({ label }) => label),
    ['00:00.0', '00:00.2', '00:00.4', '00:00.6', '00:00.8', '00:01.0'],
  );
});

test('the window follows a failover and returns to two minutes', () => {
  const done = finishedFailover(1);
  assert.equal(automaticWindow(undefined, NOON_MS).fromMs, NOON_MS - 120_000);
  assert.equal(automaticWindow(done, NOON_MS).fromMs, NOON_MS - 8000);
  assert.equal(automaticWindow(done, NOON_MS + 60_000).fromMs, NOON_MS - 60_000);
  const running = finishedFailover(1, { startedMs: NOON_MS - 30_000, endedMs: null });
  assert.equal(automaticWindow(running, NOON_MS).fromMs, NOON_MS - 31_500);
  const { fromMs, toMs } = windowOf(done, NOON_MS);
  assert.ok(fromMs < done.startedMs && toMs > done.endedMs!);
});
