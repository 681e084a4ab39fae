import assert from 'node:assert/strict';
import test from 'node:test';
import { CommandFixture } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from './string-commands.ts';

const NOW = 1_700_000_000_000;
const SYNTAX = '-ERR syntax error';
const NOT_INTEGER = '-ERR value is not an integer or out of range';
const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';

function fixture(): CommandFixture {
  return new CommandFixture([...stringCommands, ...keysCommands]);
}

/** Puts a value there that is no string. */
function makeList(f: CommandFixture, name: string): void {
  const key = Buffer.from(name);
  const empty = Buffer.from([7, 0, 0, 0, 0, 0, 0xff]);
  f.engine.databases[0].setPacked(key, 0, key.length, 1, 11, empty, 0, empty.length);
}

test('SET stores, GET returns, and the encoding follows the value', () => {
  const f = fixture();
  const encodings: [string, string][] = [
    ['12345', 'int'],
    ['-9223372036854775808', 'int'],
    ['9223372036854775808', 'embstr'],
    ['-0', 'embstr'],
    ['007', 'embstr'],
    ['', 'embstr'],
    ['x'.repeat(44), 'embstr'],
    ['x'.repeat(45), 'raw'],
  ];
  for (const [value, encoding] of encodings) {
    assert.equal(f.run('set', 'k', value), '+OK');
    assert.equal(f.run('get', 'k'), value);
    assert.equal(f.run('object', 'encoding', 'k'), encoding, value);
  }
  assert.equal(f.line('get none'), null);
});

test('SET replaces any type and drops the expiry unless told to keep it', () => {
  const f = fixture();
  makeList(f, 'k');
  assert.equal(f.line('get k'), WRONG_TYPE);
  f.line('set k v');
  assert.deepEqual(f.events, ['set k']);
  f.line('set k v ex 100');
  assert.deepEqual(f.events, ['set k', 'expire k']);
  assert.equal(f.dirty, 1);
  assert.equal(f.line('set k w keepttl'), '+OK');
  assert.equal(f.line('ttl k'), 100);
  f.line('set k x');
  assert.equal(f.line('ttl k'), -1);
});

test('SET with conditions and GET', () => {
  const f = fixture();
  assert.equal(f.line('set k v xx'), null);
  assert.equal(f.line('set k v nx'), '+OK');
  assert.equal(f.line('set k w nx'), null);
  assert.equal(f.line('set k w xx get'), 'v');
  assert.deepEqual(f.propagated, [['set', 'k', 'w', 'xx']]);
  assert.equal(f.line('set k y nx get'), 'w');
  assert.equal(f.propagated, undefined);
  assert.equal(f.dirty, 0);
  assert.equal(f.line('set new y nx get'), null);
  assert.equal(f.line('get new'), 'y');
  makeList(f, 'l');
  assert.equal(f.line('set l v get'), WRONG_TYPE);
});

test('SET refuses what does not go together', () => {
  const f = fixture();
  for (const options of [
    'nx xx',
    'ex',
    'ex 10 px 10',
    'keepttl ex 10',
    'ex 10 keepttl',
    'exat 1 pxat 2',
    'persist',
    'bogus',
  ]) {
    assert.equal(f.line(`set k v ${options}`), SYNTAX, options);
  }
  assert.equal(f.line('set k v ex abc'), NOT_INTEGER);
  const invalid = "-ERR invalid expire time in 'set' command";
  for (const time of ['ex 0', 'ex -1', 'px 0', 'exat 0', 'pxat -5', 'ex 9223372036854776']) {
    assert.equal(f.line(`set k v ${time}`), invalid, time);
  }
  assert.equal(f.line('set k v px 9223372036854770000'), invalid);
  assert.equal(f.line('set k v ex 10 ex 20'), '+OK');
  assert.equal(f.line('ttl k'), 20);
});

test('relative times go out as absolute ones', () => {
  const f = fixture();
  f.line('set k v ex 10');
  assert.deepEqual(f.propagated, [['SET', 'k', 'v', 'PXAT', String(NOW + 10_000)]]);
  f.line('set k v exat 1800000000');
  assert.deepEqual(f.propagated, [['SET', 'k', 'v', 'PXAT', '1800000000000']]);
  f.line('set k v pxat 1800000000000');
  assert.equal(f.propagated, undefined);
  f.line('psetex k 5 v');
  assert.deepEqual(f.propagated, [['SET', 'k', 'v', 'PXAT', String(NOW + 5)]]);
  assert.equal(f.line('setex k 0 v'), "-ERR invalid expire time in 'setex' command");
});

test('an expired key is expired before it is overwritten', () => {
  const f = fixture();
  f.line('set k v px 5');
  f.advance(6);
  assert.equal(f.line('set k w nx'), '+OK');
  assert.deepEqual(f.events, ['expired k', 'set k']);
});

test('GETEX', () => {
  const f = fixture();
  f.line('set k v');
  assert.equal(f.line('getex k ex 10'), 'v');
  assert.deepEqual(f.propagated, [['PEXPIREAT', 'k', String(NOW + 10_000)]]);
  assert.equal(f.line('getex k persist'), 'v');
  assert.deepEqual(f.propagated, [['PERSIST', 'k']]);
  assert.equal(f.line('getex k persist'), 'v');
  assert.equal(f.dirty, 0);
  assert.equal(f.line('getex k'), 'v');
  assert.equal(f.dirty, 0);
  assert.equal(f.line('getex k keepttl'), SYNTAX);
  assert.equal(f.line('getex none ex 0'), null);
  assert.equal(f.line('getex k exat 1'), 'v');
  assert.deepEqual(f.propagated, [['DEL', 'k']]);
  assert.deepEqual(f.events, ['del k']);
  assert.equal(f.line('exists k'), 0);
});

test('GETDEL, GETSET, SETNX', () => {
  const f = fixture();
  assert.equal(f.line('getset k a'), null);
  assert.equal(f.line('getset k b'), 'a');
  assert.deepEqual(f.propagated, [['SET', 'k', 'b']]);
  assert.equal(f.line('getdel k'), 'b');
  assert.deepEqual(f.propagated, [['DEL', 'k']]);
  assert.equal(f.line('getdel k'), null);
  assert.equal(f.dirty, 0);
  assert.equal(f.line('setnx k 1'), 1);
  assert.equal(f.line('setnx k 2'), 0);
});

test('counting, across the lengths and beyond 2^53', () => {
  const f = fixture();
  assert.equal(f.line('incr n'), 1);
  assert.equal(f.line('object encoding n'), 'int');
  for (const [from, by, to] of [
    ['9', '1', '10'],
    ['99', '1', '100'],
    ['-1', '1', '0'],
    ['-100', '1', '-99'],
    ['9007199254740991', '1', '9007199254740992'],
    ['9007199254740993', '1', '9007199254740994'],
    ['9223372036854775806', '1', '9223372036854775807'],
    ['-9223372036854775807', '-1', '-9223372036854775808'],
    ['1', '-9223372036854775808', '-9223372036854775807'],
  ]) {
    f.run('set', 'n', from, 'ex', 100);
    assert.equal(String(f.run('incrby', 'n', by)), to);
    assert.equal(f.line('get n'), to);
    assert.equal(f.line('ttl n'), 100);
    assert.deepEqual(f.line('object encoding n'), 'int');
  }
  const overflow = '-ERR increment or decrement would overflow';
  f.line('set n 9223372036854775807');
  assert.equal(f.line('incr n'), overflow);
  f.line('set n -9223372036854775808');
  assert.equal(f.line('decr n'), overflow);
  assert.equal(f.line('decrby n -9223372036854775808'), '-ERR decrement would overflow');
  assert.equal(f.line('incrby n 1.5'), NOT_INTEGER);
  for (const bad of ['', ' 1', '1 ', '01', 'x', '1.0', '9223372036854775808']) {
    f.run('set', 'n', bad);
    assert.equal(f.line('incr n'), NOT_INTEGER, bad);
  }
  makeList(f, 'l');
  assert.equal(f.line('incr l'), WRONG_TYPE);
  assert.equal(f.line('decrby m 5'), -5);
  assert.deepEqual(f.events, ['incrby m']);
});

test('INCRBYFLOAT', () => {
  const f = fixture();
  assert.equal(f.line('incrbyfloat x 10.5'), '10.5');
  assert.equal(f.line('incrbyfloat x 0.1'), '10.6');
  assert.deepEqual(f.propagated, [['SET', 'x', '10.6', 'KEEPTTL']]);
  assert.deepEqual(f.events, ['incrbyfloat x']);
  // What 80-bit floats make of 10.6.
  assert.equal(f.line('incrbyfloat x 5e3'), '5010.60000000000000009');
  assert.equal(f.line('object encoding x'), 'embstr');
  assert.equal(f.line('incrbyfloat x abc'), '-ERR value is not a valid float');
  f.line('set x 1');
  assert.equal(f.line('incrbyfloat x +inf'), '-ERR increment would produce NaN or Infinity');
  f.line('set x 17179869184');
  assert.equal(f.line('incrbyfloat x 1.5'), '17179869185.5');
});

test('parts of strings', () => {
  const f = fixture();
  f.run('set', 'k', 'Hello World');
  assert.equal(f.line('getrange k 0 4'), 'Hello');
  assert.equal(f.line('getrange k -5 -1'), 'World');
  assert.equal(f.line('getrange k -1 -5'), '');
  assert.equal(f.line('getrange k 5 -100'), '');
  assert.equal(f.line('substr k 6 1000000000000'), 'World');
  assert.equal(f.line('getrange none 0 -1'), '');
  assert.equal(f.line('getrange k a b'), NOT_INTEGER);
  assert.equal(f.line('setrange k 6 Redis'), 11);
  assert.equal(f.line('get k'), 'Hello Redis');
  assert.equal(f.line('object encoding k'), 'raw');
  assert.equal(f.line('setrange new 3 x'), 4);
  assert.equal(f.line('get new'), '\0\0\0x');
  assert.equal(f.run('setrange', 'absent', '5', ''), 0);
  assert.equal(f.line('exists absent'), 0);
  assert.equal(f.run('setrange', 'k', '5', ''), 11);
  assert.equal(f.line('setrange k -1 x'), '-ERR offset is out of range');
  const tooLong = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)';
  assert.equal(f.line('setrange k 536870912 x'), tooLong);
  assert.equal(f.line('setrange k 9223372036854775807 x'), tooLong);
  assert.equal(f.line('append k !'), 12);
  assert.deepEqual(f.events, ['append k']);
  assert.equal(f.line('append number 10'), 2);
  assert.equal(f.line('object encoding number'), 'int');
  assert.equal(f.line('append number 0'), 3);
  assert.equal(f.line('object encoding number'), 'raw');
  f.settings.protoMaxBulkLen = 20;
  assert.equal(f.run('append', 'k', 'x'.repeat(9)), tooLong);
  assert.equal(f.run('append', 'k', 'x'.repeat(8)), 20);
});

test('a string built in pieces grows past the arena', () => {
  const f = fixture();
  const piece = 'abcdefgh'.repeat(1000);
  let expected = '';
  for (let i = 0; i < 20; i++) {
    expected += piece;
    assert.equal(f.run('append', 'big', piece), expected.length);
  }
  assert.equal(f.line('get big'), expected);
  assert.equal(f.line('strlen big'), expected.length);
  assert.equal(f.run('setrange', 'big', expected.length + 5, 'z'), expected.length + 6);
  assert.equal(f.line(`getrange big ${expected.length - 1} -1`), 'h\0\0\0\0\0z');
});

test('MSET, MSETNX, MGET', () => {
  const f = fixture();
  assert.equal(f.line('mset a 1 b 2 a 3'), '+OK');
  assert.equal(f.dirty, 3);
  assert.equal(f.line('mset a 1 b'), "-ERR wrong number of arguments for 'mset' command");
  assert.equal(f.line('msetnx c 1 b 2'), 0);
  assert.equal(f.line('msetnx c 1 d 2 c 3'), 1);
  makeList(f, 'l');
  assert.deepEqual(f.line('mget a b c d l none'), ['3', '2', '3', '2', null, null]);
});
