import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Dict } from './dict.ts';
import type { Engine } from './engine.ts';
import { testEngine } from './engine-fixture.ts';
import { Encoding, KEEP_EXPIRY, NO_EXPIRY } from './record.ts';
import { Snapshot } from './snapshot.ts';

/** `db/key` to `value@expiry`: the whole state as one map. */
type State = Map<string, string>;

function entry(table: Dict, ref: number): [string, string] {
  const ks = table.keyStart(ref);
  const vs = table.valueStart(ref);
  return [
    table.keyPage(ref).toString('latin1', ks, ks + table.keyLength(ref)),
    `${table.page(ref).toString('latin1', vs, vs + table.valueLength(ref))}@${table.records.expiry(ref)}`,
  ];
}

function stateOf(engine: Engine): State {
  const state: State = new Map();
  for (const db of engine.databases) {
    db.table.forEach((ref) => {
      const [key, value] = entry(db.table, ref);
      state.set(`${db.index}/${key}`, value);
    });
  }
  return state;
}

class Collector {
  readonly state: State = new Map();

  record(db: number, table: Dict, ref: number): void {
    const [key, value] = entry(table, ref);
    const name = `${db}/${key}`;
    assert.ok(!this.state.has(name), `${name} came twice`);
    this.state.set(name, value);
  }
}

function write(engine: Engine, what: number, db: number, n: number): void {
  const database = engine.databases[db];
  const key = Buffer.from(`key:${n}`);
  const value = Buffer.from('w'.repeat((n * what) % 90));
  switch (what) {
    case 0:
    case 1:
      database.delete(key, 0, key.length);
      break;
    case 2:
      database.setExpiry(key, 0, key.length, engine.wallMs + n);
      break;
    case 3:
      if (n % 50 === 0) engine.swap(db, 1 - db);
      break;
    case 4:
      if (n % 200 === 0) database.flush();
      break;
    case 5: {
      const target = Buffer.from(`moved:${n}`);
      if (database.lookupRaw(key, 0, key.length) === 0) break;
      if (engine.databases[1 - db].lookupRaw(target, 0, target.length) !== 0) break;
      database.moveKey(key, 0, key.length, engine.databases[1 - db], target, 0, target.length);
      break;
    }
    case 6: {
      const ref = database.lookupWrite(key, 0, key.length);
      if (ref !== 0) database.overwrite(ref, value, 0, value.length, Encoding.raw);
      break;
    }
    default: {
      const expiry = what === 7 ? KEEP_EXPIRY : NO_EXPIRY;
      database.setString(key, 0, key.length, value, 0, value.length, Encoding.raw, expiry);
    }
  }
}

test('a sliced snapshot under random writes equals the state at its start', () => {
  const operation = fc.tuple(
    fc.integer({ min: 0, max: 12 }),
    fc.integer({ min: 0, max: 1 }),
    fc.nat(4000),
    fc.nat(40),
  );
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 3000, size: 'max' }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (operations, seed) => {
        const engine = testEngine(seed);
        for (let n = 0; n < 3000; n++) write(engine, 8 + (n % 3), n % 2, n);
        const before = stateOf(engine);
        const sink = new Collector();
        const snapshot = Snapshot.begin(engine, sink);
        for (const [what, db, n, slice] of operations) {
          write(engine, what, db, n);
          if (slice === 0) snapshot.step(64);
        }
        while (!snapshot.step(64));
        assert.deepEqual(sink.state, before);
        assert.ok(!engine.snapshotRunning);
        const again = new Collector();
        const second = Snapshot.begin(engine, again);
        while (!second.step(1000));
        assert.deepEqual(again.state, stateOf(engine));
      },
    ),
    { numRuns: 30 },
  );
});

test('a cancelled snapshot leaves nothing behind', () => {
  const engine = testEngine(3);
  for (let n = 0; n < 2000; n++) write(engine, 9, 0, n);
  const sink = new Collector();
  const snapshot = Snapshot.begin(engine, sink);
  snapshot.step(10);
  engine.databases[0].flush();
  snapshot.cancel();
  const received = sink.state.size;
  write(engine, 9, 0, 1);
  assert.equal(sink.state.size, received);
  while (engine.lazyFree.step());
  assert.equal(engine.databases[0].keyCount, 1);
});
