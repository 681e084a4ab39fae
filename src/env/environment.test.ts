// Clocks, timers, randomness and log: what both environments promise.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { logLineHead } from './log.ts';
import { NodeClock } from './node/node-clock.ts';
import { nodeEnvironment } from './node/node-environment.ts';
import { NodeLog } from './node/node-log.ts';
import { NodeRandom } from './node/node-random.ts';
import { NodeTimers } from './node/node-timers.ts';
import { SimulatedWorld } from './simulated/simulated-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-'));
after(() => rmSync(folder, { recursive: true }));

test('node: clocks are integers, agree with each other and do not go back', () => {
  const clock = new NodeClock();
  let before = 0;
  for (let i = 0; i < 1000; i++) {
    const now = clock.monotonicUs();
    assert.ok(Number.isInteger(now) && now >= before);
    before = now;
  }
  assert.ok(Number.isInteger(clock.wallUs()));
  assert.ok(Math.abs(clock.wallUs() - clock.wallMs() * 1000) < 10_000);
});

test('node: immediate waits for no timer, and a cancelled timer never comes', async () => {
  const timers = new NodeTimers();
  const order: string[] = [];
  const far = timers.after(60_000, () => order.push('far'));
  await new Promise<void>((done) => timers.immediate(done));
  far.cancel();
  await new Promise<void>((done) => {
    timers.after(1, () => order.push('cancelled')).cancel();
    timers.after(2 ** 40, () => order.push('farthest')).cancel();
    let ticks = 0;
    const every = timers.every(1, () => {
      order.push('tick');
      if (++ticks < 2) return;
      every.cancel();
      timers.after(5, done);
    });
  });
  assert.deepEqual(order, ['tick', 'tick']);
});

test('randomness is in range, also beyond 32 bits', () => {
  for (const random of [new NodeRandom(), new SimulatedWorld(1).start().random]) {
    const seen = new Set<number>();
    for (let i = 0; i < 3000; i++) {
      seen.add(random.below(5));
      const large = random.below(2 ** 53);
      assert.ok(Number.isSafeInteger(large) && large >= 0);
      assert.ok(random.below(1) === 0);
      const word = random.uint32();
      assert.ok(Number.isInteger(word) && word >= 0 && word < 2 ** 32);
    }
    assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4]);
    assert.match(random.hex(40), /^[0-9a-f]{40}$/);
    assert.match(random.hex(7), /^[0-9a-f]{7}$/);
    assert.equal(random.bytes(9).length, 9);
  }
});

test('a log line has the shape of redis-server', () => {
  const wallMs = Date.UTC(2024, 1, 9, 3, 4, 5, 6);
  assert.equal(logLineHead(12, 'M', wallMs, 0, 'warning'), '12:M 09 Feb 2024 03:04:05.006 # ');
  assert.equal(logLineHead(1, 'X', wallMs, -300, 'notice'), '1:X 08 Feb 2024 22:04:05.006 * ');
  assert.equal(logLineHead(1, 'S', wallMs, 60, 'verbose').slice(-2), '- ');
  assert.equal(logLineHead(1, 'C', wallMs, 60, 'debug').slice(-2), '. ');
});

test('node: the log appends, obeys its level and follows a file that was moved away', () => {
  const log = new NodeLog();
  const path = join(folder, 'server.log');
  writeFileSync(path, '### marked by the harness\n');
  log.file = path;
  log.level = 'notice';
  log.role = 'M';
  log.verbose('unseen');
  log.notice('first');
  renameSync(path, `${path}.1`);
  log.warning('second');
  log.raw('raw text\n');
  const old = readFileSync(`${path}.1`, 'utf8').split('\n');
  assert.equal(old[0], '### marked by the harness');
  assert.match(old[1], /^\d+:M \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} \* first$/);
  assert.match(readFileSync(path, 'utf8'), /# second\nraw text\n$/);
  log.level = 'nothing';
  log.warning('unseen');
  assert.doesNotMatch(readFileSync(path, 'utf8'), /unseen/);
  log.file = join(folder, 'no', 'such', 'folder');
  log.level = 'debug';
  log.warning('a log that cannot be written is no reason to stop');
});

test('node: a line is on standard output when the process dies in the next moment', () => {
  const module = new URL('./node/node-log.js', import.meta.url).href;
  const script = `const { NodeLog } = await import('${module}'); new NodeLog().notice('last words'); process.kill(process.pid, 'SIGKILL');`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(child.signal, 'SIGKILL');
  assert.match(child.stdout.toString(), /:C .* \* last words\n$/);
});

test('node: facts about the host', () => {
  const { host, pid } = nodeEnvironment();
  assert.equal(pid, process.pid);
  assert.match(host.operatingSystem, /^\S+ \S+ \S+$/);
  assert.ok(host.memoryUsage().residentBytes > 1_000_000);
  assert.ok(host.cpuUsage().userUs > 0);
  assert.ok(host.openFilesLimit() > 0);
  assert.equal(host.workingFolder(), process.cwd());
});

test('simulated: time passes only from event to event, immediates end the instant', async () => {
  const world = new SimulatedWorld(1);
  const { timers, clock } = world.start();
  const order: string[] = [];
  const note = (what: string) => () => order.push(`${what}@${clock.monotonicUs() / 1000}`);
  timers.after(10, () => {
    note('first')();
    timers.immediate(note('immediate'));
    timers.after(0, note('same instant'));
  });
  timers.after(10, note('second'));
  timers.after(5, note('never')).cancel();
  const every = timers.every(4, note('tick'));
  await world.time.advance(9);
  every.cancel();
  await world.time.advance(100);
  assert.deepEqual(order, [
    'tick@4',
    'tick@8',
    'first@10',
    'second@10',
    'same instant@10',
    'immediate@10',
  ]);
});

test('simulated: a paused process catches up, its wall clock may be stepped', async () => {
  const world = new SimulatedWorld(1);
  const { timers, clock } = world.start();
  let ticks = 0;
  timers.after(10, () => ticks++);
  timers.pause();
  await world.time.advance(1000);
  assert.equal(ticks, 0);
  timers.resume();
  await world.time.advance(0);
  assert.equal(ticks, 1);
  const before = clock.wallMs();
  clock.wallOffsetUs -= 3_600_000_000;
  assert.equal(clock.wallMs(), before - 3_600_000);
  assert.equal(clock.monotonicUs(), 1_000_000);
});

test('simulated: one seed, one history', () => {
  const draw = (seed: number): string => new SimulatedWorld(seed).start().random.hex(32);
  assert.equal(draw(5), draw(5));
  assert.notEqual(draw(5), draw(6));
});
