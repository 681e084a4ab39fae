// Scripts on virtual time: how many at once, what is tried again and when, what is killed or dropped.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessEnd } from '../env/processes.ts';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { ScriptQueue } from './script-queue.ts';

interface Started {
  readonly argv: readonly string[];
  isKilled: boolean;
  end(end: Partial<ProcessEnd>): void;
}

class Bench {
  readonly world = new SimulatedWorld(1);
  readonly events: string[] = [];
  readonly started: Started[] = [];
  readonly queue: ScriptQueue;
  noRoom = false;

  constructor() {
    const { clock, timers } = this.world.start();
    this.queue = new ScriptQueue({
      clock,
      timers,
      folder: () => '/data',
      limits: () => ({ scriptMaxRuntimeMs: 60_000, scriptRetryDelayMs: 30_000 }),
      event: (level, name, text) => this.events.push(`${level} ${name} ${text}`),
      processes: {
        start: (path, args, _folder, onEnd) => {
          const started: Started = {
            argv: [path, ...args],
            isKilled: false,
            end: (end) => onEnd({ exitCode: 0, signal: 0, hasFailedToStart: false, ...end }),
          };
          this.started.push(started);
          if (this.noRoom) {
            timers.after(0, () => started.end({ hasFailedToStart: true }));
            return { pid: 0, kill: () => {} };
          }
          return {
            pid: 100 + this.started.length,
            kill: () => {
              started.isKilled = true;
              timers.after(0, () => started.end({ signal: 9 }));
            },
          };
        },
      },
    });
  }

  advance(ms: number): Promise<void> {
    return this.world.time.advance(ms);
  }
}

test('sixteen run, the others wait in order, the oldest of too many is dropped', () => {
  const bench = new Bench();
  for (let i = 0; i < 300; i++) bench.queue.schedule(['/s', String(i)]);
  assert.deepEqual([bench.queue.runningCount, bench.queue.length], [16, 256]);
  assert.equal(bench.started.length, 16);
  bench.started[0].end({});
  assert.deepEqual(bench.started[16].argv, ['/s', '60']);
  const pending = bench.queue.pending();
  assert.equal(pending.filter((job) => job.isRunning).length, 16);
  assert.deepEqual(pending[0].argv, ['/s', '1']);
});

test('a script that asks for it is tried again, each time later, ten times in all', async () => {
  const bench = new Bench();
  bench.queue.schedule(['/s', '+sdown', 'text']);
  for (let tries = 1; tries < 10; tries++) {
    assert.equal(bench.started.length, tries);
    bench.started[tries - 1].end(tries % 2 === 0 ? { signal: 11 } : { exitCode: 1 });
    const [job] = bench.queue.pending();
    assert.deepEqual([job.isRunning, job.pid, job.tries], [false, 0, tries]);
    assert.equal(job.timeMs, 30_000 * 2 ** (tries - 1));
    await bench.advance(job.timeMs - 1);
    assert.equal(bench.started.length, tries);
    await bench.advance(1);
  }
  bench.started[9].end({ exitCode: 1 });
  assert.equal(bench.queue.length, 0);
  assert.equal(bench.events.at(-1), 'warning -script-error /s 0 1');
});

test('other failures are told and not tried again', () => {
  const bench = new Bench();
  bench.queue.schedule(['/s']);
  bench.started[0].end({ exitCode: 2 });
  assert.deepEqual(bench.events, [
    'debug +script-child 101',
    'debug -script-child 101 2 0',
    'warning -script-error /s 0 2',
  ]);
  assert.equal(bench.queue.length, 0);
});

test('a script that does not end is killed', async () => {
  const bench = new Bench();
  bench.queue.schedule(['/s']);
  await bench.advance(59_999);
  assert.equal(bench.queue.pending()[0].timeMs, 59_999);
  assert.equal(bench.started[0].isKilled, false);
  await bench.advance(1);
  assert.equal(bench.started[0].isKilled, true);
  assert.ok(bench.events.includes('warning -script-timeout /s 101'));
  await bench.advance(30_000);
  assert.equal(bench.started.length, 2);
});

test('without room for a process it says so and tries again', async () => {
  const bench = new Bench();
  bench.noRoom = true;
  bench.queue.schedule(['/s']);
  await bench.advance(1);
  assert.deepEqual(bench.events, ['warning -script-error /s 99 0']);
  bench.noRoom = false;
  await bench.advance(30_000);
  assert.equal(bench.queue.runningCount, 1);
  bench.queue.stop();
  bench.queue.schedule(['/other']);
  assert.equal(bench.started.length, 2);
});
