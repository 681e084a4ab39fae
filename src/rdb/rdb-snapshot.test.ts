// A snapshot in slices under random writes holds what was there when it began, large collections that
// change, move and go meanwhile included.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Dict } from '../engine/dict.ts';
import type { Engine } from '../engine/engine.ts';
import { testEngine } from '../engine/engine-fixture.ts';
import { pushElements, removeElements } from '../engine/list-value.ts';
import { Kind, NO_EXPIRY } from '../engine/record.ts';
import type { SortedSet } from '../engine/sorted-set.ts';
import type { Stream } from '../engine/stream.ts';
import { StreamId } from '../engine/stream-id.ts';
import { ValueKey } from '../engine/value-key.ts';
import { RdbFileLoader } from './rdb-file-loader.ts';
import { fill, fillStream, stateOf } from './rdb-fixture.ts';
import { ReadState } from './rdb-reader.ts';
import type { SaveOptions } from './rdb-save.ts';
import { RdbSnapshot } from './rdb-snapshot.ts';

const options: SaveOptions = { version: 11, compress: true, checksum: true, aux: [['a', 'b']] };
const KINDS = ['list', 'set', 'hash', 'zset'] as const;

function keyOf(n: number): Buffer {
  return Buffer.from(`key:${n}`);
}

/** Every third key is a large collection. */
function populate(engine: Engine, keys: number): void {
  for (let n = 0; n < keys; n++) {
    const db = engine.databases[n % 2];
    const large = n % 3 === 0;
    const texts = Array.from({ length: large ? 2000 : 3 }, (_, i) => `element ${i} of ${n}`);
    fill(db, keyOf(n), { kind: KINDS[n % 4], texts, scores: [1, 2.5, -3] });
  }
  fillStream(engine.databases[0], Buffer.from('stream'));
}

function change(engine: Engine, what: number, n: number, seed: number): void {
  const db = engine.databases[n % 2];
  const name = keyOf(n);
  const ref = db.lookupWrite(name, 0, name.length);
  const other = Buffer.from(`other:${n}`);
  const key = new ValueKey().set(db, name, 0, name.length);
  const word = Buffer.from(`word ${seed}`);
  if (ref === 0) {
    fill(db, name, { kind: KINDS[seed % 4], texts: ['new', 'value'], scores: [1] });
  } else if (what === 0) db.delete(name, 0, name.length);
  else if (what === 1) db.setString(name, 0, name.length, word, 0, word.length, 0, NO_EXPIRY);
  else if (what === 2 && db.lookupRaw(other, 0, other.length) === 0) {
    db.moveKey(name, 0, name.length, db, other, 0, other.length);
  } else if (what === 3 && seed % 50 === 0) db.flush();
  else if (what === 4) engine.swap(0, 1);
  else if (db.isObject(ref)) changeObject(engine, key, ref, word, seed);
  db.changed(name, 0, name.length, 0, 'x');
}

function changeObject(
  engine: Engine,
  key: ValueKey,
  ref: number,
  word: Buffer,
  seed: number,
): void {
  const { db } = key;
  const object = db.object(ref);
  const gone = Buffer.from(`element ${seed % 2000} of ${key.b.toString('latin1', 4)}`);
  switch (db.kind(ref)) {
    case Kind.list:
      if (seed % 2 === 0) removeElements(key, ref, seed % object.length, 1);
      else pushElements(key, ref, word, Int32Array.of(0), Int32Array.of(word.length), 0, 1, true);
      break;
    case Kind.zset:
      (object as SortedSet).set(word, 0, word.length, seed);
      (object as SortedSet).delete(gone, 0, gone.length);
      break;
    default:
      (object as Dict).set(word, 0, word.length, word, 0, word.length);
      (object as Dict).delete(gone, 0, gone.length);
  }
  const name = Buffer.from('stream');
  const stream = engine.databases[0].lookupWrite(name, 0, name.length);
  if (stream !== 0 && seed % 7 === 0) {
    (engine.databases[0].object(stream) as Stream).delete(StreamId.from(1_700_000_000_002, 11));
  }
}

test('what a snapshot holds is what was there when it began', () => {
  const operation = fc.tuple(fc.nat(12), fc.nat(29), fc.nat(10_000), fc.nat(6));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400, size: 'max' }), (operations) => {
      const engine = testEngine();
      populate(engine, 30);
      const before = engine.databases.map((db) => stateOf(db));
      const chunks: Buffer[] = [];
      const snapshot = new RdbSnapshot(engine, options, (chunk) => chunks.push(chunk));
      for (const [what, n, seed, slice] of operations) {
        change(engine, what, n, seed);
        if (slice === 0) snapshot.step(64);
      }
      while (!snapshot.step(100));
      const copy = testEngine(9);
      const loader = new RdbFileLoader(copy, { deep: true, checksum: true, skipExpired: true });
      const state = loader.feed(Buffer.concat(chunks));
      assert.equal(loader.failure, undefined);
      assert.equal(state, ReadState.done);
      for (const [i, expected] of before.entries()) {
        assert.deepEqual(stateOf(copy.databases[i]), expected);
      }
      assert.equal(engine.objectGuard, undefined);
      while (engine.lazyFree.step());
    }),
    { numRuns: 25 },
  );
});

test('a cancelled snapshot frees what it kept', () => {
  const engine = testEngine();
  const used = engine.usedBytes();
  populate(engine, 30);
  const snapshot = new RdbSnapshot(engine, options, () => {});
  snapshot.step(10);
  for (const db of engine.databases) db.flush();
  snapshot.cancel();
  while (engine.lazyFree.step());
  assert.ok(engine.usedBytes() <= used, `${engine.usedBytes()} bytes are left of ${used}`);
  assert.equal(engine.objectGuard, undefined);
});
