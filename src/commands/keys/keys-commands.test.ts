import assert from 'node:assert/strict';
import test from 'node:test';
import { CommandFixture } from '../command-fixture.ts';
import { stringCommands } from '../string/string-commands.ts';
import { keysCommands } from './keys-commands.ts';

const NOW = 1_700_000_000_000;
const NOT_INTEGER = '-ERR value is not an integer or out of range';
const SYNTAX = '-ERR syntax error';

function fixture(): CommandFixture {
  return new CommandFixture([...stringCommands, ...keysCommands]);
}

test('DEL, UNLINK, EXISTS, TYPE, TOUCH', () => {
  const f = fixture();
  f.line('mset a 1 b 2 c 3');
  assert.equal(f.line('exists a a b none'), 3);
  assert.equal(f.line('type a'), '+string');
  assert.equal(f.line('type none'), '+none');
  assert.equal(f.line('touch a none b'), 2);
  assert.equal(f.line('del a none b a'), 2);
  assert.deepEqual(f.events, ['del a', 'del b']);
  assert.equal(f.dirty, 2);
  assert.equal(f.line('unlink c'), 1);
  f.line('set e v px 1');
  f.advance(2);
  assert.equal(f.line('del e'), 0);
  assert.deepEqual(f.events, ['expired e']);
});

test('EXPIRE and its kin', () => {
  const f = fixture();
  f.line('set k v');
  assert.equal(f.line('expire none 10'), 0);
  assert.equal(f.line('expire k 10'), 1);
  assert.deepEqual(f.events, ['expire k']);
  assert.deepEqual(f.propagated, [['PEXPIREAT', 'k', String(NOW + 10_000)]]);
  assert.equal(f.line('ttl k'), 10);
  assert.equal(f.line('pttl k'), 10_000);
  assert.equal(f.line('expiretime k'), NOW / 1000 + 10);
  assert.equal(f.line('pexpireat k 1800000000000 gt'), 1);
  assert.deepEqual(f.propagated, [['PEXPIREAT', 'k', '1800000000000', 'gt']]);
  assert.equal(f.line('pexpiretime k'), 1_800_000_000_000);
  assert.equal(f.line('persist k'), 1);
  assert.equal(f.line('persist k'), 0);
  assert.equal(f.line('ttl k'), -1);
  assert.equal(f.line('ttl none'), -2);
  f.advance(400);
  f.line('pexpire k 1499');
  assert.equal(f.line('ttl k'), 1);
  f.line('pexpire k 1500');
  assert.equal(f.line('ttl k'), 2);
});

test('EXPIRE with a time that has passed deletes, but not on a replica', () => {
  const f = fixture();
  f.line('set k v');
  assert.equal(f.line('expire k -1'), 1);
  assert.deepEqual(f.propagated, [['DEL', 'k']]);
  assert.deepEqual(f.events, ['del k']);
  f.settings.lazyfreeLazyExpire = true;
  f.line('set k v');
  assert.equal(f.line('pexpireat k 0'), 1);
  assert.deepEqual(f.propagated, [['UNLINK', 'k']]);
  f.line('set k v');
  f.engine.mayExpire = false;
  assert.equal(f.line('expire k -1'), 1);
  assert.deepEqual(f.events, ['expire k']);
});

test('EXPIRE conditions', () => {
  const f = fixture();
  f.line('set k v');
  const cases: [string, number][] = [
    ['100 xx', 0],
    ['100 gt', 0],
    ['100 lt', 1],
    ['100 nx', 0],
    ['99 gt', 0],
    ['200 gt', 1],
    ['200 lt', 0],
    ['50 xx lt', 1],
  ];
  for (const [args, result] of cases) assert.equal(f.line(`expire k ${args}`), result, args);
  assert.equal(f.line('ttl k'), 50);
  const nx = '-ERR NX and XX, GT or LT options at the same time are not compatible';
  assert.equal(f.line('expire k 1 nx xx'), nx);
  assert.equal(f.line('expire k 1 nx gt'), nx);
  assert.equal(
    f.line('expire k 1 gt lt'),
    '-ERR GT and LT options at the same time are not compatible',
  );
  assert.equal(f.line('expire k 1 bad'), '-ERR Unsupported option bad');
  assert.equal(f.line('expire k x'), NOT_INTEGER);
  const invalid = "-ERR invalid expire time in 'expire' command";
  assert.equal(f.line('expire k 9223372036854775'), invalid);
  assert.equal(f.line('expire k -9223372036854776'), invalid);
  assert.equal(
    f.line('pexpire k 9223372036854775807'),
    "-ERR invalid expire time in 'pexpire' command",
  );
});

test('RENAME and RENAMENX', () => {
  const f = fixture();
  assert.equal(f.line('rename none k'), '-ERR no such key');
  f.line('set a 1 ex 100');
  f.line('set b 2');
  assert.equal(f.line('rename a b'), '+OK');
  assert.deepEqual(f.events, ['rename_from a', 'rename_to b']);
  assert.equal(f.dirty, 1);
  assert.equal(f.line('get b'), '1');
  assert.equal(f.line('ttl b'), 100);
  assert.equal(f.line('exists a'), 0);
  assert.equal(f.line('rename b b'), '+OK');
  f.line('set a 3');
  assert.equal(f.line('renamenx a b'), 0);
  assert.equal(f.line('renamenx a c'), 1);
  assert.equal(f.line('renamenx c c'), 0);
});

test('MOVE and COPY', () => {
  const f = fixture();
  f.line('set k v ex 100');
  assert.equal(f.line('move k 0'), '-ERR source and destination objects are the same');
  assert.equal(f.line('move k 16'), '-ERR DB index is out of range');
  assert.equal(f.line('move k x'), NOT_INTEGER);
  assert.equal(
    f.line('move k 2147483648'),
    '-ERR value is out of range, value must between -2147483648 and 2147483647',
  );
  assert.equal(f.line('copy k k2'), 1);
  assert.deepEqual(f.events, ['copy_to k2']);
  assert.equal(f.line('ttl k2'), 100);
  assert.equal(f.line('copy k k2'), 0);
  assert.equal(f.line('copy k k2 replace'), 1);
  assert.equal(f.line('copy k k'), '-ERR source and destination objects are the same');
  assert.equal(f.line('copy k k db 1'), 1);
  assert.equal(f.line('copy k k db'), SYNTAX);
  assert.equal(f.line('copy none k3'), 0);
  assert.equal(f.line('move k 1'), 0);
  assert.equal(f.line('move k2 1'), 1);
  assert.deepEqual(f.events, ['move_from k2', 'move_to k2']);
  f.select(1);
  assert.equal(f.line('get k2'), 'v');
  assert.equal(f.line('ttl k2'), 100);
});

test('SCAN sees every key, and takes away what has expired', () => {
  const f = fixture();
  for (let i = 0; i < 1000; i++) f.run('set', `key:${i}`, i);
  for (let i = 0; i < 100; i++) f.run('set', `gone:${i}`, i, 'px', 1);
  f.advance(2);
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = f.run('scan', cursor, 'count', 17) as [string, string[]];
    for (const key of keys) seen.add(key);
    cursor = next;
  } while (cursor !== '0');
  assert.equal(seen.size, 1000);
  assert.equal(f.line('dbsize'), 1000);
  const [, matched] = f.line('scan 0 count 10000 match key:99*') as [string, string[]];
  assert.equal(matched.length, 11);
  assert.deepEqual((f.line('scan 0 type list count 10000') as unknown[])[1], []);
  assert.deepEqual((f.line('scan 0 type nothing count 10000') as unknown[])[1], []);
  assert.equal((f.line('scan 0 type STRING count 10000') as [string, string[]])[1].length, 1000);
});

test('SCAN arguments', () => {
  const f = fixture();
  const invalid = '-ERR invalid cursor';
  for (const cursor of ['x', '1x', ' 1', '+', '18446744073709551616', '1.5']) {
    assert.equal(f.run('scan', cursor), invalid, cursor);
  }
  for (const cursor of ['', '0', '+1', '-1', '18446744073709551615']) {
    assert.ok(Array.isArray(f.run('scan', cursor)), cursor);
  }
  assert.equal(f.line('scan 0 count 0'), SYNTAX);
  assert.equal(f.line('scan 0 count x'), NOT_INTEGER);
  assert.equal(f.line('scan 0 match'), SYNTAX);
});

test('KEYS, RANDOMKEY, DBSIZE', () => {
  const f = fixture();
  assert.equal(f.line('randomkey'), null);
  f.line('mset foo1 1 foo2 2 bar 3');
  f.run('set', '', 'empty');
  assert.deepEqual((f.line('keys foo*') as string[]).sort(), ['foo1', 'foo2']);
  assert.equal((f.line('keys *') as string[]).length, 4);
  assert.deepEqual(f.line('keys nothing'), []);
  const random = f.line('randomkey');
  assert.ok(['foo1', 'foo2', 'bar', ''].includes(random as string));
  assert.equal(f.line('dbsize'), 4);
});

test('a pattern made to be slow is not', () => {
  const f = fixture();
  f.run('set', 'a'.repeat(1000), 'v');
  assert.deepEqual(f.run('keys', `${'a*'.repeat(500)}b`), []);
});

test('OBJECT', () => {
  const f = fixture();
  f.line('set k hello');
  f.line('set n 100');
  assert.equal(f.line('object encoding none'), null);
  assert.equal(f.line('object refcount k'), 1);
  assert.equal(f.line('object refcount n'), 0x7fffffff);
  f.advance(5000);
  assert.equal(f.line('object idletime k'), 5);
  f.line('exists k');
  f.line('ttl k');
  f.line('type k');
  assert.equal(f.line('object idletime k'), 5);
  f.line('get k');
  assert.equal(f.line('object idletime k'), 0);
  f.advance(3000);
  f.line('set k again');
  assert.equal(f.line('object idletime k'), 0);
  assert.match(f.line('object freq k') as string, /^-ERR An LFU maxmemory policy is not selected/);
  f.engine.settings.maxmemoryPolicy = 'allkeys-lfu';
  f.advance(1);
  f.line('set l v');
  assert.equal(f.line('object freq l'), 5);
  assert.match(f.line('object idletime l') as string, /^-ERR An LFU maxmemory policy is selected/);
});

test('FLUSHDB, FLUSHALL, SWAPDB', () => {
  const f = fixture();
  f.line('mset a 1 b 2');
  f.select(1);
  f.line('set c 3');
  assert.equal(f.line('swapdb 0 1'), '+OK');
  assert.equal(f.line('dbsize'), 2);
  assert.equal(f.line('swapdb x 1'), '-ERR invalid first DB index');
  assert.equal(f.line('swapdb 1 x'), '-ERR invalid second DB index');
  assert.equal(f.line('swapdb 1 16'), '-ERR DB index is out of range');
  assert.equal(f.line('flushdb later'), SYNTAX);
  assert.equal(f.line('flushdb async'), '+OK');
  assert.equal(f.dirty, 2);
  assert.equal(f.line('dbsize'), 0);
  f.select(0);
  assert.equal(f.line('dbsize'), 1);
  assert.equal(f.line('flushall'), '+OK');
  assert.equal(f.line('dbsize'), 0);
});
