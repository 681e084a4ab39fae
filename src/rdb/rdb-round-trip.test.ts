// What is written is read again as it was: values of every kind and form, in every version that is
// written, in one piece and byte by byte.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { testEngine } from '../engine/engine-fixture.ts';
import { dumpPayload, isPayloadIntact, restorePayload } from './dump-payload.ts';
import { RdbFileLoader } from './rdb-file-loader.ts';
import { type Content, fill, fillStream, stateOf } from './rdb-fixture.ts';
import { ReadState } from './rdb-reader.ts';
import { saveWhole } from './rdb-save.ts';

const text = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.string({ minLength: 1, maxLength: 3 }).map((one) => one.repeat(40)),
);
const content: fc.Arbitrary<Content> = fc.record({
  kind: fc.constantFrom('string', 'list', 'set', 'hash', 'zset'),
  texts: fc.uniqueArray(text, { minLength: 1, maxLength: 200 }),
  scores: fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 8 }),
});

for (const version of [9, 10, 11]) {
  test(`DUMP and RESTORE in version ${version} are each other's reverse`, () => {
    fc.assert(
      fc.property(content, fc.boolean(), (value, compress) => {
        const engine = testEngine(1, { listCompressDepth: compress ? 1 : 0 });
        const [db, other] = engine.databases;
        const key = Buffer.from('key');
        fill(db, key, value);
        const payload = dumpPayload(db, db.lookupRaw(key, 0, 3), { version, compress });
        assert.ok(isPayloadIntact(payload));
        const target = { db: other, key, expiryMs: -1, idleSeconds: -1, frequency: -1, deep: true };
        assert.ok(restorePayload(payload, target));
        assert.deepEqual(stateOf(other), stateOf(db));
        payload[payload.length >> 1] ^= 1;
        assert.ok(!isPayloadIntact(payload));
      }),
      { numRuns: 150 },
    );
  });

  test(`a file of version ${version} holds everything, however it is cut`, () => {
    fc.assert(
      fc.property(
        fc.array(content, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5000 }),
        (values, cut) => {
          const engine = testEngine();
          values.forEach((value, i) => {
            const db = engine.databases[i % 3];
            const key = Buffer.from(`key:${i}`);
            fill(db, key, value);
            if (i % 4 === 1) db.setExpiry(key, 0, key.length, engine.wallMs + 1000 * i);
          });
          fillStream(engine.databases[5], Buffer.from('stream'));
          const file = saveWhole(engine, { version, compress: true, checksum: true, aux: [] });
          const copy = testEngine(7);
          const loader = new RdbFileLoader(copy, { deep: true, checksum: true, skipExpired: true });
          let state: number = ReadState.more;
          for (let at = 0; at < file.length; at += cut) {
            state = loader.feed(Buffer.from(file.subarray(at, at + cut)));
            if (state === ReadState.failed) break;
          }
          assert.equal(loader.failure, undefined);
          assert.equal(state, ReadState.done);
          assert.equal(loader.keysLoaded, values.length + 1);
          for (const db of engine.databases) {
            assert.deepEqual(stateOf(copy.databases[db.index], version), stateOf(db, version));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
}
