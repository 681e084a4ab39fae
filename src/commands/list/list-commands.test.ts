import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CommandFixture, type PlainReply } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { listCommands } from './list-commands.ts';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const NOT_INTEGER = '-ERR value is not an integer or out of range';

const all = [...listCommands, ...keysCommands, ...stringCommands];
const fixture = (...settings: ConstructorParameters<typeof CommandFixture>[1][]): CommandFixture =>
  new CommandFixture(all, settings[0] ?? {});

test('pushes go on one after the other, and a list goes with its last element', () => {
  const f = fixture();
  assert.equal(f.line('rpush l b c'), 2);
  assert.deepEqual(f.events, ['rpush l']);
  assert.equal(f.dirty, 2);
  assert.equal(f.line('lpush l a 1'), 4);
  assert.deepEqual(f.line('lrange l 0 -1'), ['1', 'a', 'b', 'c']);
  assert.equal(f.line('lpushx none x'), 0);
  assert.equal(f.line('rpushx l d'), 5);
  assert.equal(f.line('lpop l'), '1');
  assert.deepEqual(f.events, ['lpop l']);
  assert.deepEqual(f.line('rpop l 9'), ['d', 'c', 'b', 'a']);
  assert.deepEqual(f.events, ['rpop l', 'del l']);
  assert.equal(f.dirty, 4);
  assert.equal(f.line('exists l'), 0);
  assert.equal(f.line('lpop l'), null);
  assert.equal(f.line('lpop l 2'), null);
});

test('LPOP and RPOP check their count first', () => {
  const f = fixture();
  f.line('rpush l a');
  assert.equal(f.line('lpop l -1'), '-ERR value is out of range, must be positive');
  assert.equal(f.line('lpop l x'), '-ERR value is out of range, must be positive');
  assert.deepEqual(f.line('lpop l 0'), []);
  assert.equal(f.line('rpop l 1 2'), "-ERR wrong number of arguments for 'rpop' command");
  f.line('set s v');
  for (const command of ['lpop s', 'lpush s x', 'llen s', 'lrange s 0 1', 'lrem s 0 x']) {
    assert.equal(f.line(command), WRONG_TYPE, command);
  }
});

test('the encoding follows list-max-listpack-size, down only at half of it', () => {
  const f = fixture({ listMaxListpackSize: 4 });
  f.line('rpush l 1 2 3 4');
  assert.equal(f.line('object encoding l'), 'listpack');
  f.line('rpush l 5');
  assert.equal(f.line('object encoding l'), 'quicklist');
  // A second node is left, so small as it is the list stays what it is.
  f.line('lpop l 3');
  assert.equal(f.line('object encoding l'), 'quicklist');
  f.line('lpop l');
  assert.equal(f.line('object encoding l'), 'listpack');
  assert.deepEqual(f.line('lrange l 0 -1'), ['5']);
  const g = fixture();
  g.run('rpush', 'l', 'x'.repeat(8000));
  assert.equal(g.line('object encoding l'), 'listpack');
  g.run('rpush', 'l', 'x'.repeat(300));
  assert.equal(g.line('object encoding l'), 'quicklist');
});

test('LINSERT and LSET', () => {
  const f = fixture();
  f.line('rpush l a b c');
  assert.equal(f.line('linsert l before b x'), 4);
  assert.equal(f.line('linsert l AFTER c 7'), 5);
  assert.deepEqual(f.events, ['linsert l']);
  assert.equal(f.line('linsert l after zz y'), -1);
  assert.equal(f.line('linsert none after zz y'), 0);
  assert.equal(f.line('linsert l beside a y'), '-ERR syntax error');
  assert.equal(f.line('lset l -1 last'), '+OK');
  assert.equal(f.line('lset l 5 y'), '-ERR index out of range');
  assert.equal(f.line('lset l x y'), NOT_INTEGER);
  assert.equal(f.line('lset none x y'), '-ERR no such key');
  assert.deepEqual(f.line('lrange l 0 -1'), ['a', 'x', 'b', 'c', 'last']);
  assert.equal(f.line('lindex none x'), null);
  assert.equal(f.line('lindex l x'), NOT_INTEGER);
  assert.equal(f.line('lindex l -5'), 'a');
});

test('LPOS by rank, count and limit', () => {
  const f = fixture();
  f.line('rpush l a b c 1 2 3 c c');
  assert.equal(f.line('lpos l c'), 2);
  assert.equal(f.line('lpos l c rank 2'), 6);
  assert.equal(f.line('lpos l c rank -1'), 7);
  assert.deepEqual(f.line('lpos l c count 0 rank -2'), [6, 2]);
  assert.deepEqual(f.line('lpos l c count 2'), [2, 6]);
  assert.deepEqual(f.line('lpos l c count 0 maxlen 3'), [2]);
  assert.equal(f.line('lpos l z'), null);
  assert.deepEqual(f.line('lpos none z count 1'), []);
  assert.match(String(f.line('lpos l c rank 0')), /^-ERR RANK can't be zero: use 1/);
  assert.equal(f.line('lpos l c count -1'), "-ERR COUNT can't be negative");
  assert.equal(f.line('lpos l c maxlen x'), "-ERR MAXLEN can't be negative");
  assert.match(String(f.line('lpos l c rank -9223372036854775808')), /value must between/);
  assert.equal(f.line('lpos l c rank'), '-ERR syntax error');
});

test('LMOVE between lists and within one', () => {
  const f = fixture();
  f.line('rpush a 1 2 3');
  assert.equal(f.line('lmove a b LEFT right'), '1');
  assert.deepEqual(f.events, ['rpush b', 'lpop a']);
  assert.equal(f.dirty, 1);
  assert.equal(f.line('rpoplpush a a'), '3');
  assert.deepEqual(f.line('lrange a 0 -1'), ['3', '2']);
  f.line('lpop a');
  assert.equal(f.line('lmove a a left left'), '2');
  assert.deepEqual(f.events, ['lpush a', 'lpop a']);
  assert.equal(f.line('lmove a b left left'), '2');
  assert.deepEqual(f.events, ['lpush b', 'lpop a', 'del a']);
  assert.equal(f.line('lmove a b left left'), null);
  assert.equal(f.line('lmove a b left middle'), '-ERR syntax error');
  f.line('set s v');
  assert.equal(f.line('lmove b s left left'), WRONG_TYPE);
  assert.deepEqual(f.line('lrange b 0 -1'), ['2', '1']);
});

test('the forms that wait become the forms that do not', () => {
  const f = fixture();
  f.line('rpush l a b c d');
  assert.deepEqual(f.line('blpop none l 0'), ['l', 'a']);
  assert.deepEqual(f.propagated, [['LPOP', 'l']]);
  assert.deepEqual(f.line('blmpop 0.1 2 none l right count 2'), ['l', ['d', 'c']]);
  assert.deepEqual(f.propagated, [['RPOP', 'l', '2']]);
  assert.equal(f.line('blmove l m left left 0'), 'b');
  assert.deepEqual(f.propagated, [['LMOVE', 'l', 'm', 'left', 'left']]);
  assert.equal(f.line('brpoplpush m l 0'), 'b');
  assert.deepEqual(f.propagated, [['RPOPLPUSH', 'm', 'l']]);
  assert.deepEqual(f.line('lmpop 1 l left'), ['l', ['b']]);
  f.line('blpop l 0');
  assert.ok(f.blocked);
  f.line('blmove l m left left 1.5');
  assert.ok(f.blocked);
});

test('waiting commands check their arguments', () => {
  const f = fixture();
  assert.equal(f.line('blpop l -1'), '-ERR timeout is negative');
  assert.equal(f.line('blpop l x'), '-ERR timeout is not a float or out of range');
  assert.equal(f.line('blpop l inf'), '-ERR timeout is out of range');
  assert.equal(f.line('blpop l 9223372036854775'), '-ERR timeout is out of range');
  assert.equal(f.line('lmpop 0 l left'), '-ERR numkeys should be greater than 0');
  assert.equal(f.line('lmpop 2 l left'), '-ERR syntax error');
  assert.equal(f.line('lmpop 1 l left count 0'), '-ERR count should be greater than 0');
  assert.equal(f.line('lmpop 1 l left count 1 count 1'), '-ERR syntax error');
  assert.equal(f.line('lmpop 1 l left'), null);
});

test('LTRIM and LREM', () => {
  const f = fixture();
  f.line('rpush l a b a c a');
  assert.equal(f.line('lrem l -2 a'), 2);
  assert.deepEqual(f.events, ['lrem l']);
  assert.deepEqual(f.line('lrange l 0 -1'), ['a', 'b', 'c']);
  assert.equal(f.line('ltrim l 1 -9223372036854775808'), '+OK');
  assert.deepEqual(f.events, ['ltrim l', 'del l']);
  assert.equal(f.dirty, 3);
  f.line('rpush l a a');
  assert.equal(f.line('lrem l 0 a'), 2);
  assert.deepEqual(f.events, ['lrem l', 'del l']);
});

const word = fc.oneof(
  fc.constantFrom('a', 'b', '17', '-4', 'x'.repeat(70), 'y'.repeat(700)),
  fc.integer({ min: 0, max: 400 }).map(String),
);
const index = fc.integer({ min: -30, max: 30 });

/** A command line, and what it does to an array. */
const command = fc.oneof(
  fc.tuple(fc.constant('rpush'), fc.array(word, { minLength: 1, maxLength: 6 })),
  fc.tuple(fc.constant('lpush'), fc.array(word, { minLength: 1, maxLength: 6 })),
  fc.tuple(fc.constantFrom('lpop', 'rpop'), fc.nat(5)),
  fc.tuple(fc.constant('lset'), index, word),
  fc.tuple(fc.constant('linsert'), fc.constantFrom('before', 'after'), word, word),
  fc.tuple(fc.constant('lrem'), fc.integer({ min: -3, max: 3 }), word),
  fc.tuple(fc.constant('ltrim'), fc.integer({ min: -2, max: 4 }), fc.integer({ min: -6, max: 60 })),
  fc.tuple(
    fc.constant('lmove'),
    fc.constantFrom('left', 'right'),
    fc.constantFrom('left', 'right'),
  ),
);

type Step = typeof command extends fc.Arbitrary<infer T> ? T : never;

function wordsOf(step: Step): string[] {
  const [name, ...rest] = step;
  const args = rest.flat().map(String);
  return name === 'lmove' ? [name, 'l', 'l', ...args] : [name, 'l', ...args];
}

/** LREM on an array: the reply. */
function removeFrom(list: string[], count: number, element: string): number {
  const limit = count === 0 ? list.length : Math.abs(count);
  let removed = 0;
  while (removed < limit) {
    const at = count < 0 ? list.lastIndexOf(element) : list.indexOf(element);
    if (at < 0) break;
    list.splice(at, 1);
    removed++;
  }
  return removed;
}

/** The same on an array: the reply. */
function model(list: string[], step: Step): PlainReply {
  switch (step[0]) {
    case 'rpush':
      return list.push(...(step[1] as string[]));
    case 'lpush':
      return list.unshift(...[...(step[1] as string[])].reverse());
    case 'lpop':
    case 'rpop': {
      const n = step[1] as number;
      if (list.length === 0) return null;
      if (step[0] === 'lpop') return list.splice(0, n);
      return n === 0 ? [] : list.splice(-n, n).reverse();
    }
    case 'lset': {
      const [, at, element] = step as [string, number, string];
      if (list.length === 0) return '-ERR no such key';
      const i = at < 0 ? at + list.length : at;
      if (i < 0 || i >= list.length) return '-ERR index out of range';
      list[i] = element;
      return '+OK';
    }
    case 'linsert': {
      const [, where, pivot, element] = step as [string, string, string, string];
      if (list.length === 0) return 0;
      const i = list.indexOf(pivot);
      if (i < 0) return -1;
      list.splice(where === 'after' ? i + 1 : i, 0, element);
      return list.length;
    }
    case 'lrem':
      return removeFrom(list, step[1] as number, step[2] as string);
    case 'ltrim': {
      const [, start, stop] = step as [string, number, number];
      const kept = list.slice(start, stop === -1 ? undefined : stop + 1);
      list.splice(0, list.length, ...kept);
      return '+OK';
    }
    default: {
      const [, from, to] = step;
      const element = from === 'left' ? list.shift() : list.pop();
      if (element === undefined) return null;
      if (to === 'left') list.unshift(element);
      else list.push(element);
      return element;
    }
  }
}

test('a list is an array in every form', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(-2, -1, 1, 3, 16, 128),
      fc.constantFrom(0, 1, 2),
      fc.array(command, { minLength: 1, maxLength: 60 }),
      (listMaxListpackSize, listCompressDepth, steps) => {
        const f = fixture({ listMaxListpackSize, listCompressDepth });
        const list: string[] = [];
        for (const step of steps) {
          assert.deepEqual(f.run(...wordsOf(step)), model(list, step), wordsOf(step).join(' '));
          assert.deepEqual(f.line('lrange l 0 -1'), list);
          assert.equal(f.line('llen l'), list.length);
          assert.equal(f.line('exists l'), list.length > 0 ? 1 : 0);
        }
        f.line('del l');
        f.engine.settle();
      },
    ),
    { numRuns: 300 },
  );
});
