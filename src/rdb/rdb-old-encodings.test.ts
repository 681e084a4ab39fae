// Forms that no Redis writes any more, byte by byte: what versions 1 to 9 of the format held.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testEngine } from '../engine/engine-fixture.ts';
import { Stream } from '../engine/stream.ts';
import { RdbFileLoader } from './rdb-file-loader.ts';
import { stateOf } from './rdb-fixture.ts';
import { ReadState } from './rdb-reader.ts';

/** Bytes from hexadecimal digits and 'text' in quotes; spaces only separate. */
function bytes(text: string): Buffer {
  const parts = [...text.matchAll(/'([^']*)'|([0-9a-f]{2})/g)];
  return Buffer.concat(
    parts.map(([, word, hex]) =>
      word === undefined ? Buffer.from(hex, 'hex') : Buffer.from(word),
    ),
  );
}

/** A file without checksum: header, database 0 selected, the key 'k' of a type, its value, end mark. */
function file(version: string, type: number, value: Buffer, before = ''): Buffer {
  const parts = [
    Buffer.from(version),
    bytes('fe 00'),
    bytes(before),
    Buffer.of(type, 1, 0x6b),
    value,
  ];
  return Buffer.concat([...parts, bytes('ff'), Buffer.alloc(8)]);
}

/** A string of less than 64 bytes, its length before. */
function short(value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(value.length), value]);
}

function load(content: Buffer): string {
  const engine = testEngine();
  const loader = new RdbFileLoader(engine, { deep: true, checksum: true, skipExpired: false });
  const state = loader.feed(content);
  assert.equal(loader.failure, undefined);
  assert.equal(state, ReadState.done);
  return stateOf(engine.databases[0]).k ?? 'nothing';
}

const hex = (...words: string[]): string => words.map((w) => Buffer.from(w).toString('hex')).join();

test('version 1: plain values, no checksum, expiry in seconds', () => {
  // Opcode fd: an expiry of four bytes, little endian: 2000000000 seconds.
  const old = file('REDIS0001', 0, bytes("05 'hello'"), 'fd 00943577');
  assert.equal(load(old.subarray(0, -8)), `string 2000000000000 ${hex('hello')}`);
  // Type 1: a count, then strings; c0 is an integer of one byte, c1 of two, c2 of four.
  const list = bytes("04 01 'a' c0 ff c1 e803 c2 a0860100");
  assert.equal(load(file('REDIS0001', 1, list)), `listpack -1 ${hex('a', '-1', '1000', '100000')}`);
  // Type 3: scores as text after a byte of length; fe: infinity, ff: minus infinity.
  const zset = bytes("03 01 'a' 03 '1.5' 01 'b' fe 01 'c' ff");
  const members = [hex('c'), '-Infinity', hex('a'), '1.5', hex('b'), 'Infinity'];
  assert.equal(load(file('REDIS0001', 3, zset)), `listpack -1 ${members.join()}`);
});

test('version 2: a zipmap', () => {
  // Two pairs; each value has a byte of free room between its length and its bytes, and 'v1' one byte
  // behind that is room ('.').
  const zipmap = bytes("02 01 'a' 02 01 'v1' '.' 02 'bb' 01 00 '7' ff");
  const pairs = [`${hex('a')}=${hex('v1')}`, `${hex('bb')}=${hex('7')}`];
  assert.equal(load(file('REDIS0002', 9, short(zipmap))), `listpack -1 ${pairs.sort().join()}`);
});

test('versions 2 to 9: ziplists', () => {
  // Total 0x25 bytes, last entry at 0x22, seven entries. Each: length of the one before, encoding, data.
  const entries = [
    "00 02 'hi'", // 6 bits of length
    '04 f3', // 4 bits hold 2: one more than the number
    '02 fe 80', // int8: -128
    '03 c0 e803', // int16: 1000
    '04 f0 000080', // int24: the least
    '05 d0 ffffff7f', // int32: the greatest
    '06 e0 0000000000000080', // int64: the least
  ].map(bytes);
  const body = Buffer.concat(entries);
  const last = entries[entries.length - 1];
  const head = Buffer.alloc(10);
  head.writeUInt32LE(10 + body.length + 1, 0);
  head.writeUInt32LE(10 + body.length - last.length, 4);
  head.writeUInt16LE(entries.length, 8);
  const ziplist = Buffer.concat([head, body, Buffer.of(0xff)]);
  const words = ['hi', '2', '-128', '1000', '-8388608', '2147483647', '-9223372036854775808'];
  assert.equal(load(file('REDIS0004', 10, short(ziplist))), `listpack -1 ${hex(...words)}`);
  // A quicklist (type 14) is a count of ziplists.
  const twice = Buffer.concat([Buffer.of(2), short(ziplist), short(ziplist)]);
  assert.match(
    load(file('REDIS0007', 14, twice)),
    new RegExp(`${hex(...words)},${hex(...words)}$`),
  );
  // One flipped bit in the length of an entry before: no ziplist.
  const damaged = Buffer.from(ziplist);
  damaged[14] ^= 1;
  const loader = new RdbFileLoader(testEngine(), {
    deep: true,
    checksum: true,
    skipExpired: false,
  });
  assert.equal(loader.feed(file('REDIS0004', 10, short(damaged))), ReadState.failed);
  assert.match(loader.failure ?? '', /ziplist integrity check failed/);
});

test('version 9: idle time, frequency, facts, hints, and what is passed over', () => {
  const before = [
    "fa 09 'redis-ver' 05 '6.2.0'", // a fact
    'fb 01 00', // sizes of the tables
    "f7 81 42d0b07e0d46f400 02 02 02 05 05 03 'abc' 00", // data of a module: an unsigned, a string, end
    "f5 10 '#!lua name=mylib'", // a library
    'f8 0a', // idle for ten seconds
    'fc ffffffffff7f0000', // expiry in milliseconds
  ].join(' ');
  const engine = testEngine();
  const loader = new RdbFileLoader(engine, { deep: true, checksum: true, skipExpired: true });
  // The module's piece after 02 (unsigned) is 05, then 05 announces a string.
  assert.equal(loader.feed(file('REDIS0009', 0, bytes("01 'v'"), before)), ReadState.done);
  assert.equal(loader.facts.get('redis-ver'), '6.2.0');
  assert.deepEqual(loader.skippedParts.length, 2);
  assert.match(loader.skippedParts[1], /function library 'mylib'/);
  const db = engine.databases[0];
  const ref = db.lookupRaw(Buffer.from('k'), 0, 1);
  assert.equal(db.expiry(ref), 0x7fffffffffff);
  assert.equal(engine.access.idleSeconds(db.access(ref)), 10);
});

test('a stream of version 9 has no counters: they are made up from its entries', () => {
  // One node of the id 5-1. Its listpack: 1 living, 0 deleted, 1 field 'f', 0; then an entry with the
  // master's fields (flag 2), differences 0 and 0, value 'v', four elements before.
  const items = [
    '01 01',
    '00 01',
    '01 01',
    "81 'f' 02",
    '00 01',
    '02 01',
    '00 01',
    '00 01',
    "81 'v' 02",
    '04 01',
  ];
  const body = Buffer.concat(items.map(bytes));
  const head = Buffer.alloc(6);
  head.writeUInt32LE(7 + body.length, 0);
  head.writeUInt16LE(items.length, 4);
  const listpack = Buffer.concat([head, body, Buffer.of(0xff)]);
  const id = Buffer.alloc(16);
  id.writeBigUInt64BE(5n, 0);
  id.writeBigUInt64BE(1n, 8);
  // One node; length 1, last id 5-1, one group 'g' at 5-1 with nothing pending and no consumer.
  const value = Buffer.concat([
    Buffer.of(1),
    short(id),
    short(listpack),
    bytes("01 05 01 01 01 'g' 05 01 00 00"),
  ]);
  const engine = testEngine();
  const loader = new RdbFileLoader(engine, { deep: true, checksum: true, skipExpired: true });
  assert.equal(loader.feed(file('REDIS0009', 15, value)), ReadState.done);
  const db = engine.databases[0];
  const stream = db.object(db.lookupRaw(Buffer.from('k'), 0, 1)) as Stream;
  assert.ok(stream instanceof Stream);
  assert.equal(stream.entriesAdded, 1);
  assert.equal(stream.firstId.msLow, 5);
  assert.equal(stream.groups.get('g')?.entriesRead, 1);
});

test("Valkey's own header", () => {
  assert.equal(load(file('VALKEY080', 0, bytes("01 'v'"))), `string -1 ${hex('v')}`);
});
