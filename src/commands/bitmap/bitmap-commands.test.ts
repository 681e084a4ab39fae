import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CommandFixture } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { countBitRange, findBit } from './bit-range.ts';
import { bitmapCommands } from './bitmap-commands.ts';

function fixture(): CommandFixture {
  return new CommandFixture([...stringCommands, ...keysCommands, ...bitmapCommands]);
}

test('SETBIT and GETBIT', () => {
  const f = fixture();
  assert.equal(f.line('setbit k 7 1'), 0);
  assert.equal(f.line('get k'), '\x01');
  assert.equal(f.line('setbit k 7 1'), 1);
  assert.equal(f.dirty, 0);
  assert.equal(f.line('setbit k 40 0'), 0);
  assert.deepEqual(f.events, ['setbit k']);
  assert.equal(f.line('strlen k'), 6);
  assert.equal(f.line('getbit k 7'), 1);
  assert.equal(f.line('getbit k 1000'), 0);
  const offset = '-ERR bit offset is not an integer or out of range';
  assert.equal(f.line('setbit k -1 1'), offset);
  assert.equal(f.line('setbit k 4294967296 1'), offset);
  assert.equal(f.line('getbit k #1'), offset);
  assert.equal(f.line('setbit k 0 2'), '-ERR bit is not an integer or out of range');
  f.settings.protoMaxBulkLen = 1 << 20;
  assert.equal(f.line(`setbit k ${8 << 20} 1`), offset);
  assert.equal(f.line(`setbit k ${(8 << 20) - 1} 1`), 0);
  assert.equal(f.line('strlen k'), 1 << 20);
});

test('counting and finding agree with looking at each bit', () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.nat(300).map((n) => new Uint8Array(n)),
    fc.nat(300).map((n) => new Uint8Array(n).fill(0xff)),
  );
  fc.assert(
    fc.property(anyBytes, fc.nat(7), fc.nat(3200), fc.nat(3200), (bytes, shift, x, y) => {
      fc.pre(bytes.length > 0);
      const b = Buffer.concat([Buffer.alloc(shift, 0x55), bytes, Buffer.alloc(3, 0xaa)]);
      const total = bytes.length * 8;
      const first = Math.min(x, y) % total;
      const last = Math.max(first, Math.max(x, y) % total);
      const bits = Array.from({ length: total }, (_, i) => (bytes[i >> 3] >> (7 - (i & 7))) & 1);
      const range = bits.slice(first, last + 1);
      const ones = range.reduce((sum, bit) => sum + bit, 0);
      assert.equal(countBitRange(b, shift, first, last), ones);
      for (const bit of [0, 1] as const) {
        const at = range.indexOf(bit);
        assert.equal(findBit(b, shift, first, last, bit), at < 0 ? -1 : first + at);
      }
    }),
  );
});

test('BITCOUNT ranges', () => {
  const f = fixture();
  f.line('set k foobar');
  assert.equal(f.line('bitcount k'), 26);
  assert.equal(f.line('bitcount k 0 0'), 4);
  assert.equal(f.line('bitcount k 5 30 BIT'), 17);
  assert.equal(f.line('bitcount k -2 -1'), 7);
  assert.equal(f.line('bitcount k -1 -2 bogus'), 0);
  assert.equal(f.line('bitcount k 0 0 bogus'), '-ERR syntax error');
  assert.equal(f.line('bitcount k 0'), '-ERR syntax error');
  assert.equal(f.line('bitcount none 0'), 0);
});

test('BITPOS ranges', () => {
  const f = fixture();
  f.run('set', 'k', Buffer.from([0xff, 0xff, 0xff]));
  assert.equal(f.line('bitpos k 0'), 24);
  assert.equal(f.line('bitpos k 0 1'), 24);
  assert.equal(f.line('bitpos k 0 0 -1'), -1);
  assert.equal(f.line('bitpos k 1 9 20 bit'), 9);
  assert.equal(f.line('bitpos k 1 5'), -1);
  assert.equal(f.line('bitpos none 0'), 0);
  assert.equal(f.line('bitpos none 1'), -1);
  assert.equal(f.line('bitpos k 2'), '-ERR The bit argument must be 1 or 0.');
});

test('BITOP', () => {
  const f = fixture();
  f.run('set', 'a', Buffer.from([0xf0, 0x0f, 0xff]));
  f.run('set', 'b', Buffer.from([0x3c]));
  const results: [string, number[]][] = [
    ['and d a b', [0x30, 0, 0]],
    ['or d a b', [0xfc, 0x0f, 0xff]],
    ['xor d a b', [0xcc, 0x0f, 0xff]],
    ['not d a', [0x0f, 0xf0, 0]],
  ];
  for (const [line, bytes] of results) {
    assert.equal(f.line(`bitop ${line}`), 3);
    assert.deepEqual(f.events, ['set d']);
    assert.equal(f.line('get d'), Buffer.from(bytes).toString('latin1'));
  }
  assert.equal(
    f.line('bitop not d a b'),
    '-ERR BITOP NOT must be called with a single source key.',
  );
  assert.equal(f.line('bitop and d none nothing'), 0);
  assert.deepEqual(f.events, ['del d']);
});

test('BITOP over more than one window', () => {
  const f = fixture();
  const long = Buffer.alloc(150_001, 0x0f);
  const short = Buffer.alloc(70_003, 0xff);
  f.run('set', 'long', long);
  f.run('set', 'short', short);
  assert.equal(f.line('bitop and d long short'), 150_001);
  const expected = Buffer.concat([Buffer.alloc(70_003, 0x0f), Buffer.alloc(79_998)]);
  assert.equal(f.line('get d'), expected.toString('latin1'));
});

test('BITFIELD reads and writes any width', () => {
  const f = fixture();
  assert.deepEqual(f.line('bitfield k set u8 0 255 get u4 2 get i8 0'), [0, 15, -1]);
  assert.deepEqual(f.line('bitfield k incrby u8 0 10'), [9]);
  assert.deepEqual(f.line('bitfield k set i64 3 -9223372036854775808 get i64 3'), [
    5188146770730811392n,
    -9223372036854775808n,
  ]);
  assert.deepEqual(f.line('bitfield k set u63 #2 9223372036854775807 get u63 126'), [
    0,
    9223372036854775807n,
  ]);
  assert.deepEqual(f.line('bitfield_ro k get u8 0'), f.line('bitfield k get u8 0'));
  assert.equal(
    f.line('bitfield_ro k set u8 0 1'),
    '-ERR BITFIELD_RO only supports the GET subcommand',
  );
});

test('BITFIELD overflow', () => {
  const f = fixture();
  assert.deepEqual(f.line('bitfield k overflow sat incrby u2 0 5 incrby u2 0 -9'), [3, 0]);
  assert.deepEqual(f.line('bitfield k overflow wrap incrby u2 0 5 incrby i3 3 4'), [1, -4]);
  assert.deepEqual(f.line('bitfield k overflow fail incrby u2 0 5 set u2 0 4'), [null, null]);
  assert.deepEqual(f.line('bitfield k overflow sat set u2 0 -1'), [1]);
  assert.deepEqual(f.line('bitfield k get u2 0'), [3]);
  assert.deepEqual(
    f.line('bitfield big set i64 0 9223372036854775807 overflow sat incrby i64 0 1'),
    [0, 9223372036854775807n],
  );
  assert.deepEqual(f.line('bitfield big overflow wrap incrby i64 0 1'), [-9223372036854775808n]);
  assert.deepEqual(f.line('bitfield big overflow fail incrby i64 0 -1'), [null]);
});

test('BITFIELD refuses bad operations and then changes nothing', () => {
  const f = fixture();
  const type =
    '-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';
  for (const bad of ['u64', 'i65', 'u0', 'x8', 'u', 'i08']) {
    assert.equal(f.line(`bitfield k set u8 0 1 get ${bad} 0`), type, bad);
  }
  assert.equal(f.line('bitfield k overflow bogus'), '-ERR Invalid OVERFLOW type specified');
  assert.equal(f.line('bitfield k set u8 0'), '-ERR syntax error');
  assert.equal(f.line('exists k'), 0);
});
