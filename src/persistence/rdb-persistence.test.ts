// Saving and loading on simulated files: point in time, a full disk, and what a restart finds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '../engine/engine.ts';
import { testEngine } from '../engine/engine-fixture.ts';
import { Encoding, NO_EXPIRY } from '../engine/record.ts';
import type { Environment } from '../env/environment.ts';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { SimulatedDisk } from '../env/simulated/simulated-files.ts';
import { RdbPersistence } from './rdb-persistence.ts';

const settings = {
  dir: '/data',
  dbfilename: 'dump.rdb',
  rdbcompression: true,
  rdbchecksum: true,
  rdbTargetVersion: 10,
  rdbSaveIncrementalFsync: true,
  rdbKeySaveDelay: 0,
  keyLoadDelay: 0,
  loadingProcessEventsIntervalBytes: 2 * 1024 * 1024,
  save: [{ seconds: 60, changes: 1 }],
  stopWritesOnBgsaveError: true,
  sanitizeDumpPayload: 'no' as const,
};

function bench(environment: Environment): {
  persistence: RdbPersistence;
  engine: Engine;
  set: (name: string, value: string) => void;
  get: (name: string) => string | undefined;
} {
  const engine = testEngine();
  engine.tick(environment.clock.wallMs());
  const persistence = new RdbPersistence({
    ...environment,
    engine,
    settings,
    facts: () => [['redis-ver', '7.2.4']],
    onChange: () => {},
    keepsExpired: () => false,
    onExpired: () => {},
    sleepNow: () => {},
  });
  const set = (name: string, value: string): void => {
    const key = Buffer.from(name);
    const bytes = Buffer.from(value);
    const { raw } = Encoding;
    engine.databases[0].setString(key, 0, key.length, bytes, 0, bytes.length, raw, NO_EXPIRY);
    engine.dirty++;
  };
  const get = (name: string): string | undefined => {
    const db = engine.databases[0];
    const ref = db.lookupRaw(Buffer.from(name), 0, name.length);
    if (ref === 0) return undefined;
    const start = db.valueStart(ref);
    return db.page(ref).toString('latin1', start, start + db.valueLength(ref));
  };
  return { persistence, engine, set, get };
}

test('rdb-key-save-delay holds a save up for each key, the last one too', async () => {
  const world = new SimulatedWorld(1);
  const environment = world.start();
  environment.files.makeFolder('/data');
  const { persistence, set } = bench(environment);
  set('only', 'key');
  settings.rdbKeySaveDelay = 2_000_000;
  try {
    assert.ok(persistence.saveInBackground());
    await world.time.advance(1900);
    assert.ok(persistence.isSaving);
    await world.time.advance(1000);
    assert.ok(!persistence.isSaving && persistence.lastSaveOk);
  } finally {
    settings.rdbKeySaveDelay = 0;
  }
});

test('a background save holds its moment, and a restart finds it', async () => {
  const world = new SimulatedWorld(1);
  const environment = world.start();
  environment.files.makeFolder('/data');
  const one = bench(environment);
  for (let i = 0; i < 5000; i++) one.set(`key:${i}`, `value ${i}`);
  assert.ok(one.persistence.saveInBackground());
  assert.ok(one.persistence.isSaving);
  one.set('key:7', 'changed');
  one.set('late', 'x');
  await world.time.advance(10_000);
  assert.ok(!one.persistence.isSaving && one.persistence.lastSaveOk);
  assert.equal(one.persistence.changesSinceSave, 2);
  const two = bench(environment);
  assert.equal(await world.time.complete(two.persistence.load()), 'loaded');
  assert.equal(two.engine.databases[0].keyCount, 5000);
  assert.equal(two.get('key:7'), 'value 7');
  assert.equal(two.persistence.lastKeysLoaded, 5000);
});

test('a save that is given up leaves no trace, also when only its file was still to be written', async () => {
  const world = new SimulatedWorld(1);
  const disk = new SimulatedDisk();
  const environment = world.start('10.0.0.1', disk);
  environment.files.makeFolder('/data');
  const { persistence, engine, set } = bench(environment);
  set('key', 'old');
  disk.slowUs = 2_000_000;
  assert.ok(persistence.saveInBackground());
  await world.time.until(() => !engine.snapshotRunning);
  assert.ok(persistence.isSaving);
  persistence.cancelBackground();
  set('key', 'new');
  assert.ok(persistence.saveInBackground());
  disk.slowUs = 0;
  await world.time.until(() => !persistence.isSaving);
  assert.ok(persistence.lastSaveOk);
  await world.time.advance(10_000);
  assert.deepEqual(environment.files.list('/data'), ['dump.rdb']);
  const again = bench(environment);
  assert.equal(await world.time.complete(again.persistence.load()), 'loaded');
  assert.equal(again.get('key'), 'new');
});

test('a save point saves by itself', async () => {
  const world = new SimulatedWorld(1);
  const environment = world.start();
  environment.files.makeFolder('/data');
  const { persistence, set } = bench(environment);
  set('a', 'b');
  persistence.tick();
  assert.ok(!persistence.isSaving);
  await world.time.advance(62_000);
  persistence.tick();
  assert.ok(persistence.isSaving);
  await world.time.advance(1000);
  assert.equal(persistence.changesSinceSave, 0);
});

test('a full disk leaves the old file, and writes must stop until a save succeeds', async () => {
  const world = new SimulatedWorld(1);
  const disk = new SimulatedDisk();
  const environment = world.start('127.0.0.1', disk);
  environment.files.makeFolder('/data');
  const { persistence, set } = bench(environment);
  set('a', 'old');
  assert.ok(persistence.saveNow());
  set('a', 'new');
  disk.faults = (operation) => (operation === 'write' ? 'ENOSPC' : undefined);
  assert.ok(!persistence.saveNow());
  // As in Redis, only what was to happen in the background would go unnoticed.
  assert.ok(!persistence.writesMustStop);
  assert.ok(persistence.saveInBackground());
  await world.time.advance(1000);
  assert.ok(persistence.writesMustStop && !persistence.isSaving);
  disk.faults = undefined;
  assert.deepEqual(environment.files.list('/data'), ['dump.rdb']);
  const other = bench(environment);
  assert.equal(await world.time.complete(other.persistence.load()), 'loaded');
  assert.equal(other.get('a'), 'old');
  assert.ok(persistence.saveNow());
  assert.ok(!persistence.writesMustStop);
});
