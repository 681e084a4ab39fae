import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawing } from './drawing.ts';
import { latencyReport } from './latency-report.ts';
import { memoryAdvice } from './memory-advice.ts';
import { sparkline } from './sparkline.ts';

test('a series becomes four rows of three steps with its labels downwards', () => {
  assert.equal(
    sparkline([500, 400, 300, 600], ['2m', '18s', '5s', '1s'], 80),
    ['   #', '#  |', '|o |', '||_|', '', '2151', 'm8ss', ' s  ', ''].join('\n'),
  );
  assert.equal(sparkline([7], ['1s'], 80).split('\n').length, 8);
  assert.ok(sparkline(Array(100).fill(1), Array(100).fill('1s'), 80).includes('\n\n'));
});

test('the latency report names events and what may help', () => {
  const settings = { hz: 10, slowlogLogSlowerThan: 10_000, latencyMonitorThreshold: 0 };
  assert.match(latencyReport([], 0, settings), /monitoring is off/);
  const on = { ...settings, latencyMonitorThreshold: 5 };
  assert.match(latencyReport([], 0, on), /No latency spike/);
  const event = {
    name: 'command',
    samples: [
      { time: 90, ms: 10 },
      { time: 95, ms: 20 },
    ],
    maxMs: 30,
  };
  const report = latencyReport([event], 100, on);
  assert.match(
    report,
    /1\. command: 2 latency spikes \(average 15ms, mean deviation 5ms, period 5\.00 sec\)\. Worst all time event 30ms\./,
  );
  assert.match(report, /CONFIG SET slowlog-log-slower-than 5000/);
});

test('the memory report says what stands out', () => {
  const megabyte = 1024 * 1024;
  const calm = {
    used: 100 * megabyte,
    peak: 110 * megabyte,
    startup: 0,
    resident: 120 * megabyte,
    overhead: 0,
    dataset: 0,
    clientsNormal: 0,
    clients: 1,
    allocatorAllocated: 100 * megabyte,
    allocatorActive: 104 * megabyte,
    allocatorResident: 104 * megabyte,
    databases: [],
    keys: 0,
  };
  assert.match(memoryAdvice({ ...calm, used: 1000 }), /very little/);
  assert.match(memoryAdvice(calm), /Nothing stands out/);
  assert.match(memoryAdvice({ ...calm, peak: 200 * megabyte }), /Peak memory/);
  assert.match(memoryAdvice({ ...calm, resident: 300 * megabyte }), /Resident memory/);
  assert.match(memoryAdvice({ ...calm, clientsNormal: megabyte }), /Client buffers/);
});

test('a picture keeps to its width, however narrow', () => {
  const random = { uint32: () => 1, below: (limit: number) => Math.floor(limit / 2) };
  for (const width of [1, 2, 7, 66, 1000]) {
    for (const line of drawing(random, width).split('\n')) assert.ok(line.length <= width);
  }
});
