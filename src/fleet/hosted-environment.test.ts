import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { EventListeners } from './event-listeners.ts';
import { HostedEnvironment } from './hosted-environment.ts';

function bench(): { world: SimulatedWorld; hosted: HostedEnvironment; log: string[] } {
  const world = new SimulatedWorld(3);
  return { world, hosted: new HostedEnvironment(world.start()), log: [] };
}

test('timers of a frozen node wait, and a repeated one is not made up for', async () => {
  const { world, hosted, log } = bench();
  const { timers } = hosted.environment;
  timers.after(100, () => log.push('once'));
  timers.every(100, () => log.push('again'));
  hosted.faults.isFrozen = true;
  timers.immediate(() => log.push('soon'));
  await world.time.advance(1000);
  assert.deepEqual(log, []);
  hosted.faults.isFrozen = false;
  assert.deepEqual(log, ['soon', 'once', 'again']);
  await world.time.advance(150);
  assert.deepEqual(log.slice(3), ['again']);
});

test('a cancelled timer stays cancelled, also when it was held', async () => {
  const { world, hosted, log } = bench();
  const { timers } = hosted.environment;
  const held = timers.after(10, () => log.push('held'));
  const repeated = timers.every(10, () => log.push('repeated'));
  hosted.faults.isFrozen = true;
  await world.time.advance(100);
  held.cancel();
  repeated.cancel();
  hosted.faults.isFrozen = false;
  await world.time.advance(100);
  assert.deepEqual(log, []);
});

test('nothing of a node runs after its crash', async () => {
  const { world, hosted, log } = bench();
  const { timers, network } = hosted.environment;
  timers.after(10, () => log.push('after'));
  timers.every(10, () => log.push('every'));
  timers.immediate(() => log.push('immediate'));
  await world.time.complete(
    network.listen({ host: '127.0.0.1', port: 7000 }, { onConnection: () => log.push('peer') }),
  );
  await world.time.complete(hosted.crash());
  timers.after(10, () => log.push('late'));
  timers.every(10, () => log.push('late'));
  timers.immediate(() => log.push('late'));
  await world.time.advance(100);
  assert.deepEqual(log, []);
});

test('every subscription ends alone', () => {
  const listeners = new EventListeners<{ readonly a: number; readonly b: string }>();
  const heard: (number | string)[] = [];
  const listener = (event: number): void => {
    heard.push(event);
  };
  const first = listeners.on('a', listener);
  listeners.on('a', listener);
  listeners.on('b', (event) => heard.push(event));
  listeners.emit('a', 1);
  first();
  first();
  listeners.emit('a', 2);
  listeners.emit('b', 'x');
  listeners.clear();
  listeners.emit('a', 3);
  assert.deepEqual(heard, [1, 1, 2, 'x']);
});
