import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Feed } from '../feed.ts';
import { NOON_MS, PaperFleet, steadyView, timelineEvent } from '../fleet-fixture.ts';
import { backlogColumns, chartData, rangeOf } from './chart-data.ts';
import { EventReader } from './event-reader.ts';
import { applyMessage, whyUncuttable } from './page-state.ts';

test('the page ends with what the server has, whatever the pieces', () => {
  const fleet = new PaperFleet();
  const feed = new Feed(fleet);
  const first = feed.message();
  let state = applyMessage(undefined, first.message);
  let { cursor } = first;
  for (let step = 1; step <= 30; step++) {
    const events = Array.from({ length: step }, (_, i) => timelineEvent(i + 1, '+sdown'));
    fleet.show(steadyView({ atMs: NOON_MS + step * 500, events }));
    if (step % 3 !== 0) continue;
    const next = feed.message(cursor);
    state = applyMessage(state, next.message);
    cursor = next.cursor;
  }
  feed.close();
  assert.deepEqual(state?.events, fleet.view.events);
  assert.deepEqual(state?.samples, feed.samples);
  assert.equal(state?.fleet.atMs, fleet.view.atMs);
  assert.equal(whyUncuttable(state!, 'server3', 'server1'), 'server3 is no program of ours');
  assert.equal(whyUncuttable(state!, 'server2', 'server1'), undefined);
});

test('news before the whole picture are left alone', () => {
  const { events, failovers, ...state } = steadyView();
  const news = { kind: 'news', state, events, failovers, samples: [] } as const;
  assert.equal(applyMessage(undefined, news), undefined);
});

test('the feed keeps five minutes of samples, half a second apart', () => {
  const fleet = new PaperFleet();
  const feed = new Feed(fleet);
  for (let step = 1; step <= 2000; step++) {
    fleet.show(steadyView({ atMs: NOON_MS + step * 200 }));
  }
  feed.close();
  assert.equal(feed.samples.length, 600);
  assert.equal(fleet.listenerCount, 0);
});

test('events are read out of chunks that break anywhere', () => {
  const text = ': hello\n\nevent: full\ndata: {"a":\ndata: 1}\n\ndata: x\n\n';
  for (let size = 1; size <= text.length; size++) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < text.length; at += size)
      events.push(...reader.read(text.slice(at, at + size)));
    assert.deepEqual(events, [
      { name: 'full', data: '{"a":\n1}' },
      { name: 'message', data: 'x' },
    ]);
  }
});

test('charts have a column a server, and a gap where the line was broken', () => {
  const value = { offset: 5, lagBytes: null, lagMs: null, opsPerSecond: 1, memoryBytes: 2 };
  const samples = [
    { atMs: 1000, values: [value, null], backlog: [1, 5] as const },
    { atMs: 10_000, values: [value, value], backlog: null },
  ];
  const data = chartData(samples, 2, 'offset');
  assert.deepEqual(data.times, [1, 1.001, 10]);
  assert.deepEqual(data.columns, [
    [5, null, 5],
    [null, null, 5],
  ]);
  assert.deepEqual(backlogColumns(samples, data.times), [
    [1, null, null],
    [5, null, null],
  ]);
});

test('scales have room, and do not blow up noise', () => {
  assert.deepEqual(rangeOf([[null]], 10, true), [0, 10]);
  assert.deepEqual(rangeOf([[3]], 10, true), [0, 10]);
  assert.deepEqual(rangeOf([[100, 200]], 10, true), [0, 216]);
  assert.deepEqual(rangeOf([[1000, 2000]], 100, false), [920, 2080]);
});
