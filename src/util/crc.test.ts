import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc16, keySlot } from './crc16.ts';
import { Crc64 } from './crc64.ts';

function crc64(...parts: Uint8Array[]): bigint {
  const crc = new Crc64();
  for (const part of parts) crc.update(part);
  return crc.value;
}

test('crc64 gives the check value of its definition', () => {
  assert.equal(crc64(Buffer.from('123456789')), 0xe9c6d914c4b8d9can);
  assert.equal(crc64(), 0n);
});

test('crc64 may be cut anywhere', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (b, cut) => {
      assert.equal(crc64(b.subarray(0, cut), b.subarray(cut)), crc64(b));
    }),
  );
});

test('crc64 writes itself and knows itself', () => {
  const crc = new Crc64();
  crc.update(Buffer.from('xx123456789'), 2);
  const b = Buffer.alloc(10);
  crc.writeTo(b, 1);
  assert.equal(b.readBigUInt64LE(1), 0xe9c6d914c4b8d9can);
  assert.ok(crc.equals(b, 1));
  b[8] ^= 1;
  assert.ok(!crc.equals(b, 1));
  crc.reset();
  assert.equal(crc.value, 0n);
});

test('crc16 and slots are those of Redis Cluster', () => {
  assert.equal(crc16(Buffer.from('123456789')), 0x31c3);
  const slots: [string, number][] = [
    ['', 0],
    ['foo', 12182],
    ['bar', 5061],
    ['{foo}bar', 12182],
    ['x{foo}{bar}', 12182],
    ['foo{}{bar}', keySlot(Buffer.from('_foo{}{bar}'), 1)],
  ];
  for (const [key, slot] of slots) assert.equal(keySlot(Buffer.from(key)), slot, key);
  assert.notEqual(keySlot(Buffer.from('foo{}{bar}')), keySlot(Buffer.from('bar')));
  assert.equal(keySlot(Buffer.from('{foo')), crc16(Buffer.from('{foo')) % 16384);
});
