// Damaged and hostile bytes: refused with a position and a reason, or taken for what they say; never a
// crash, a walk out of a buffer, a hang or memory beyond what was sent.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { copyKey } from '../engine/copy-key.ts';
import { testEngine } from '../engine/engine-fixture.ts';
import { dumpPayload, restorePayload } from './dump-payload.ts';
import { RdbFileLoader } from './rdb-file-loader.ts';
import { type Content, fill, fillStream, stateOf } from './rdb-fixture.ts';
import { FOOTER_BYTES } from './rdb-format.ts';
import { ReadState } from './rdb-reader.ts';
import { saveWhole } from './rdb-save.ts';

const options = { deep: false, checksum: false, skipExpired: true };
const key = Buffer.from('key');
/** One for all payloads, as in a server. */
const shared = testEngine();

function contents(): readonly Content[] {
  const words = (n: number): string[] => Array.from({ length: n }, (_, i) => `word ${i % 7} ${i}`);
  const numbers = Array.from({ length: 40 }, (_, i) => String(i * i * 1000));
  return ['string', 'list', 'set', 'hash', 'zset'].flatMap((kind) =>
    [words(2), words(40), words(1200), numbers].map((texts) => ({ kind, texts, scores: [1, 0.5] })),
  );
}

/** DUMP payloads of every kind in every form and version. */
function payloads(): readonly Buffer[] {
  const all: Buffer[] = [];
  for (const version of [9, 10, 11]) {
    for (const compress of [true, false]) {
      const { databases } = testEngine();
      contents().forEach((content, i) => {
        const db = databases[0];
        const name = Buffer.from(`key:${i}`);
        fill(db, name, content);
        all.push(dumpPayload(db, db.lookupRaw(name, 0, name.length), { version, compress }));
      });
      fillStream(databases[1], key);
      all.push(dumpPayload(databases[1], databases[1].lookupRaw(key, 0, 3), { version, compress }));
    }
  }
  return all;
}

/** Looks at everything there is, as commands would. */
function restoreAndRead(payload: Buffer): void {
  for (const deep of [true, false]) {
    const engine = shared;
    const db = engine.databases[0];
    for (const one of engine.databases) one.delete(key, 0, 3);
    const target = { db, key, expiryMs: -1, idleSeconds: -1, frequency: -1, deep };
    const isStored = restorePayload(payload, target);
    assert.equal(db.keyCount, isStored ? 1 : 0);
    if (!isStored) continue;
    stateOf(db);
    const ref = db.lookupRaw(key, 0, 3);
    dumpPayload(db, ref, { version: 9, compress: false });
    dumpPayload(db, ref, { version: 11, compress: true });
    copyKey(db, key, 0, 3, engine.databases[1], key, 0, 3);
    stateOf(engine.databases[1]);
  }
}

test('payloads of every kind with flipped bits', () => {
  const all = payloads();
  fc.assert(
    fc.property(
      fc.nat(all.length - 1),
      fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 4 }),
      (which, flips) => {
        const payload = Buffer.from(all[which]);
        const end = payload.length - FOOTER_BYTES;
        // The first bytes decide most: half of all flips go there.
        for (const [at, bit] of flips) payload[(at & 1 ? at : at % 32) % end] ^= 1 << bit;
        restoreAndRead(payload);
      },
    ),
    { numRuns: 800 },
  );
});

test('payloads with hostile numbers in any place, and cut anywhere', () => {
  const all = payloads();
  const hostile = [
    [0x80, 0xff, 0xff, 0xff, 0xff],
    [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x81, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff],
    [0xc3, 0x05, 0x80, 0x7f, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0x7f],
    [0xf0, 0xff, 0xff, 0xff, 0xff],
    [0x00],
  ];
  fc.assert(
    fc.property(
      fc.nat(all.length - 1),
      fc.nat(),
      fc.constantFrom(...hostile),
      (which, at, bytes) => {
        const payload = Buffer.from(all[which]);
        const end = payload.length - FOOTER_BYTES;
        const place = (at & 1 ? at : at % 24) % end;
        Buffer.from(bytes).copy(payload, place, 0, Math.min(bytes.length, end - place));
        restoreAndRead(payload);
        const cut = Buffer.concat([all[which].subarray(0, place), all[which].subarray(end)]);
        restoreAndRead(cut);
      },
    ),
    { numRuns: 400 },
  );
});

test('a file with damage anywhere is refused or read, within the memory of what was sent', () => {
  const engine = testEngine();
  for (const [i, content] of contents().entries()) {
    fill(engine.databases[i % 3], Buffer.from(`k${i}`), content);
  }
  fillStream(engine.databases[4], key);
  const file = saveWhole(engine, {
    version: 10,
    compress: true,
    checksum: true,
    aux: [['a', 'b']],
  });
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(255), fc.integer({ min: 64 }), (at, value, cut) => {
      const damaged = Buffer.from(file);
      damaged[at] = value;
      const step = 64 + (cut % 8192);
      const loader = new RdbFileLoader(testEngine(), options);
      for (let from = 0; from < damaged.length; from += step) {
        const state = loader.feed(damaged.subarray(from, from + step));
        assert.ok(loader.heldBytes <= 4 * damaged.length + 65536, `${loader.heldBytes} bytes held`);
        if (state === ReadState.more) continue;
        if (state === ReadState.failed) {
          assert.ok(loader.failure !== undefined && loader.failure !== '');
          assert.ok(loader.offset <= damaged.length);
        }
        return;
      }
      loader.abandon();
    }),
    { numRuns: 100 },
  );
});

test('the checksum finds what the structure hides', () => {
  const engine = testEngine();
  fill(engine.databases[0], key, { kind: 'string', texts: ['some value'], scores: [] });
  const file = saveWhole(engine, { version: 10, compress: false, checksum: true, aux: [] });
  file[file.indexOf('some value')] ^= 0x20;
  const loader = new RdbFileLoader(testEngine(), { ...options, checksum: true });
  assert.equal(loader.feed(file), ReadState.failed);
  assert.match(loader.failure ?? '', /^Wrong RDB checksum/);
});

test('headers and values that are not for this server are named', () => {
  const refused = (bytes: Buffer): string => {
    const loader = new RdbFileLoader(testEngine(), options);
    assert.equal(loader.feed(bytes), ReadState.failed);
    return loader.failure ?? '';
  };
  const value = (type: number): Buffer =>
    Buffer.concat([Buffer.from('REDIS0012'), Buffer.of(type, 1, 0x6b, 0)]);
  assert.match(refused(Buffer.from('RUBIS0010')), /Wrong signature/);
  assert.match(refused(Buffer.from('REDIS0099')), /Can't handle RDB format version 99/);
  assert.match(refused(Buffer.from('VALKEY081')), /Can't handle RDB format version 81/);
  assert.match(refused(value(7)), /a value of a module/);
  assert.match(refused(value(25)), /a hash with expiring fields/);
  assert.match(refused(value(99)), /unknown value type 99/);
  const many = Buffer.concat([Buffer.from('REDIS0010'), Buffer.of(254, 63)]);
  assert.match(refused(many), /more than 16 databases/);
});
