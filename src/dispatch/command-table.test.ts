import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Request } from '../protocol/request.ts';
import { type Command, key, keyAt, keysToEnd } from './command.ts';
import { shownFlags } from './command-flags.ts';
import { CommandTable, legacyKeyRange } from './command-table.ts';
import { findKeys, keysOf } from './key-finder.ts';
import { LatencyHistogram } from './latency-histogram.ts';

function command(name: string, more: Partial<Command> = {}): Command {
  return {
    name,
    summary: 'For tests.',
    since: '1.0.0',
    group: 'generic',
    arity: -1,
    flags: [],
    run: () => undefined,
    ...more,
  };
}

function positions(found: Command, ...args: string[]): number[] | undefined {
  return findKeys(found, Request.of(args))?.map(({ index }) => index);
}

test('finds every command in any case, and nothing else', () => {
  const names = Array.from({ length: 400 }, (_, i) => `cmd${i * 7}`);
  const table = new CommandTable();
  table.add(names.map((name) => command(name)));
  for (const name of names) {
    assert.equal(table.lookup(Request.of([name]))?.fullName, name);
    assert.equal(table.lookup(Request.of([name.toUpperCase(), 'x']))?.fullName, name);
  }
  for (const name of ['', 'cmd', 'cmd7x', 'cmd[', 'x'.repeat(100_000), '\0']) {
    assert.equal(table.lookup(Request.of([name])), undefined);
  }
  // Bytes that differ from letters only in the bit that tells cases apart.
  assert.equal(table.lookup(Request.of(['\x43MD7'])) !== undefined, true);
  assert.equal(table.lookup(Request.of(['cmd\x17'])), undefined);
});

test('names with the same ends are told apart, and so is what only looks like a letter', () => {
  const names = [
    'a',
    'ab',
    'abc',
    'abcd',
    'abcde',
    'abcdbcde',
    'abcdxbcde',
    'abcdybcde',
    'ab_d',
    'ab-d',
  ];
  const table = new CommandTable();
  table.add(names.map((name) => command(name)));
  for (const name of names) {
    assert.equal(table.lookup(Request.of([name.toUpperCase()]))?.fullName, name);
    // The bit that tells cases apart, cleared in each byte that is no letter.
    const bytes = Array.from(name, (c) =>
      /[a-z]/.test(c) ? c : String.fromCharCode(c.charCodeAt(0) & ~32),
    );
    if (bytes.join('') !== name && !name.includes('_')) {
      assert.equal(table.lookup(Request.of([bytes.join('')])), undefined);
    }
  }
  for (const name of ['abcdzbcde', 'abcdcde', 'ab\x7fd', 'abc ', 'abc\0']) {
    assert.equal(table.lookup(Request.of([name])), undefined, JSON.stringify(name));
  }
});

test('finds subcommands, and containers for the bare name', () => {
  const table = new CommandTable();
  table.add([command('box', { subcommands: [command('one'), command('no-two')] })]);
  assert.equal(table.lookup(Request.of(['BOX', 'One']))?.fullName, 'box|one');
  assert.equal(table.lookup(Request.of(['box', 'no-TWO', 'x']))?.fullName, 'box|no-two');
  assert.equal(table.lookup(Request.of(['box']))?.fullName, 'box');
  assert.equal(table.lookup(Request.of(['box', 'three'])), undefined);
  assert.equal(table.byFullName('BOX|one')?.parent?.fullName, 'box');
  assert.equal(table.byFullName('box|one|x'), undefined);
  assert.deepEqual(
    [...table.all()].map(({ fullName }) => fullName),
    ['box', 'box|one', 'box|no-two'],
  );
});

test('a renamed command is found by its new name, and by access rules by its own', () => {
  const table = new CommandTable();
  table.add([command('flushall'), command('get')]);
  assert.equal(table.rename('FLUSHALL', 'secret'), true);
  assert.equal(table.rename('get', ''), true);
  assert.equal(table.rename('nosuch', 'x'), false);
  assert.equal(table.lookup(Request.of(['secret']))?.fullName, 'flushall');
  assert.equal(table.lookup(Request.of(['flushall'])), undefined);
  assert.equal(table.lookup(Request.of(['get'])), undefined);
  assert.equal(table.size, 1);
  assert.equal(table.aclCommand('flushall')?.fullName, 'flushall');
  assert.equal(table.aclCommand('get')?.fullName, 'get');
});

test('gives every command and subcommand an id of its own', () => {
  const table = new CommandTable();
  table.add([command('a', { subcommands: [command('x'), command('y')] }), command('b')]);
  const ids = [...table.all()].map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test('derives movable keys and the old key range', () => {
  const table = new CommandTable();
  const keynum = {
    flags: [],
    begin: { index: 1 },
    find: { keynum: 0, first: 1, step: 1 },
  } as const;
  table.add([
    command('one', { keys: key('RO') }),
    command('all', { keys: keysToEnd(['RO'], 2) }),
    command('two', { keys: [keyAt(1, 'RO'), keyAt(2, 'OW')] }),
    command('num', { keys: [keynum] }),
    command('gap', { keys: [keyAt(1, 'RO'), keyAt(3, 'RO')] }),
    command('store', { keys: [keyAt(1, 'OW'), { ...keynum, begin: { index: 2 } }] }),
  ]);
  const rows = [...table.values()].map((entry) => [
    entry.fullName,
    shownFlags(entry.flags).includes('movablekeys'),
    ...legacyKeyRange(entry.command),
  ]);
  assert.deepEqual(rows, [
    ['one', false, 1, 1, 1],
    ['all', false, 1, -1, 2],
    ['two', false, 1, 2, 1],
    ['num', true, 0, 0, 0],
    ['gap', true, 1, 1, 1],
    ['store', true, 1, 1, 1],
  ]);
});

test('finds keys by every kind of specification', () => {
  const spec = (begin: object, find: object, flags: readonly string[] = ['RO']): Command =>
    command('c', { keys: [{ flags, begin, find }] as unknown as Command['keys'] });
  const one = { last: 0, step: 1, limit: 0 };
  assert.deepEqual(positions(spec({ index: 1 }, one), 'c', 'k', 'v'), [1]);
  assert.deepEqual(
    positions(spec({ index: 1 }, { ...one, last: -1, step: 2 }), ...'c k v k v'.split(' ')),
    [1, 3],
  );
  const streams = spec({ keyword: 'STREAMS', from: 1 }, { last: -1, step: 1, limit: 2 });
  assert.deepEqual(positions(streams, ...'c COUNT 1 streams a b 0 0'.split(' ')), [4, 5]);
  assert.deepEqual(positions(streams, ...'c COUNT 1'.split(' ')), []);
  const keys = spec({ keyword: 'KEYS', from: -2 }, { last: -1, step: 1, limit: 0 });
  assert.deepEqual(positions(keys, ...'c h p KEYS a b'.split(' ')), [4, 5]);
  const counted = spec({ index: 1 }, { keynum: 0, first: 1, step: 1 });
  assert.deepEqual(positions(counted, ...'c 2 a b x'.split(' ')), [2, 3]);
  for (const wrong of ['c 3 a b', 'c 0 a', 'c -1 a', 'c x a']) {
    assert.equal(positions(counted, ...wrong.split(' ')), undefined, wrong);
    assert.deepEqual(keysOf(counted, Request.of(wrong.split(' '))), []);
  }
  assert.deepEqual(positions(spec({ index: 1 }, one, ['not_key']), 'c', 'k'), []);
});

test('own finders and flags that depend on arguments come first', () => {
  const finder = command('c', { findKeys: () => [{ index: 2, flags: ['OW'] }] });
  assert.deepEqual(positions(finder, 'c', 'a', 'b'), [2]);
  const flags = command('c', { keys: key('RW', 'variable_flags'), keyFlags: () => ['RO'] });
  assert.deepEqual(findKeys(flags, Request.of(['c', 'k'])), [{ index: 1, flags: ['RO'] }]);
});

test('the histogram keeps two digits and prints powers of two', () => {
  const histogram = new LatencyHistogram();
  histogram.record(1500, 98);
  histogram.record(40_000, 1);
  histogram.record(5_000_000_000, 1);
  assert.equal(histogram.total, 100);
  assert.equal(histogram.percentileNs(50), 1503);
  assert.equal(histogram.percentileNs(99), 40_191);
  assert.ok(histogram.percentileNs(100) >= 1_000_000_000);
  assert.deepEqual(histogram.cumulative(), [
    [2, 98],
    [66, 99],
    [1_073_741, 100],
  ]);
});
