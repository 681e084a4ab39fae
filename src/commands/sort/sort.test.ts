import assert from 'node:assert/strict';
import test from 'node:test';
import { CommandFixture } from '../command-fixture.ts';
import { hashCommands } from '../hash/hash-commands.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { listCommands } from '../list/list-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { sortCommands } from './sort-commands.ts';

function fixture(): CommandFixture {
  return new CommandFixture([
    ...stringCommands,
    ...keysCommands,
    ...listCommands,
    ...hashCommands,
    ...sortCommands,
  ]);
}

test('SORT by number and as text', () => {
  const f = fixture();
  f.line('rpush l 10 9 -1.5 100 9');
  assert.deepEqual(f.line('sort l'), ['-1.5', '9', '9', '10', '100']);
  assert.deepEqual(f.line('sort l desc'), ['100', '10', '9', '9', '-1.5']);
  assert.deepEqual(f.line('sort l alpha'), ['-1.5', '10', '100', '9', '9']);
  assert.deepEqual(f.line('sort l limit 1 2'), ['9', '9']);
  assert.deepEqual(f.line('sort l limit -5 2'), ['-1.5', '9']);
  assert.deepEqual(f.line('sort l limit 10 2'), []);
  assert.deepEqual(f.line('sort l limit 3 -1'), ['10', '100']);
  assert.deepEqual(f.line('sort none'), []);
  f.line('rpush l x');
  assert.equal(f.line('sort l'), "-ERR One or more scores can't be converted into double");
  f.line('set s v');
  assert.match(f.line('sort s') as string, /^-WRONGTYPE/);
});

test('SORT by weights and with GET', () => {
  const f = fixture();
  f.line('rpush l 1 2 3');
  f.line('mset w1 30 w2 10 w3 20 name1 one name3 three');
  f.line('hset h1 f 3 g x');
  f.line('hset h2 f 1');
  f.line('hset h3 f 2');
  assert.deepEqual(f.line('sort l by w*'), ['2', '3', '1']);
  assert.deepEqual(f.line('sort l by h*->f get # get name* get h*->g'), [
    '2',
    null,
    null,
    '3',
    'three',
    null,
    '1',
    'one',
    'x',
  ]);
  assert.deepEqual(f.line('sort l by nosort'), ['1', '2', '3']);
  assert.deepEqual(f.line('sort l by nosort desc limit 1 5'), ['2', '1']);
  assert.deepEqual(f.line('sort l by name* alpha'), ['2', '1', '3']);
  assert.deepEqual(f.line('sort l get fixed'), [null, null, null]);
});

test('SORT with STORE', () => {
  const f = fixture();
  f.line('rpush l 3 1 2');
  f.line('set d v ex 100');
  assert.equal(f.line('sort l store d'), 3);
  assert.deepEqual(f.events, ['sortstore d']);
  assert.equal(f.dirty, 3);
  assert.deepEqual(f.line('lrange d 0 -1'), ['1', '2', '3']);
  assert.equal(f.line('ttl d'), -1);
  assert.equal(f.line('sort l get w* store d'), 3);
  assert.deepEqual(f.line('lrange d 0 -1'), ['', '', '']);
  assert.equal(f.line('sort none store d'), 0);
  assert.deepEqual(f.events, ['del d']);
  assert.equal(f.line('sort_ro l store d'), '-ERR syntax error');
  assert.equal(f.line('sort l limit 1'), '-ERR syntax error');
  assert.equal(f.line('sort l store l'), 3);
  assert.deepEqual(f.line('lrange l 0 -1'), ['1', '2', '3']);
});

test('SORT of many elements', () => {
  const f = fixture();
  const numbers = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 5003);
  f.run('rpush', 'l', ...numbers);
  const sorted = numbers.toSorted((a, b) => a - b).map(String);
  assert.deepEqual(f.line('sort l'), sorted);
  assert.equal(f.line('sort l store d'), 5000);
  assert.equal(f.line('object encoding d'), 'quicklist');
  assert.deepEqual(f.line('lrange d 0 -1'), sorted);
});
