import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CommandFixture } from '../command-fixture.ts';
import { stringCommands } from './string-commands.ts';

function fixture(a: string, b: string): CommandFixture {
  const f = new CommandFixture(stringCommands);
  f.run('mset', 'a', a, 'b', b);
  return f;
}

/** The table of lengths, as the textbook has it. */
function lengths(a: string, b: string): number[][] {
  const table = [new Array<number>(b.length + 1).fill(0)];
  for (let i = 1; i <= a.length; i++) {
    const row = [0];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row.push(same ? table[i - 1][j - 1] + 1 : Math.max(table[i - 1][j], row[j - 1]));
    }
    table.push(row);
  }
  return table;
}

/** The way back as Redis walks it: up when that is longer, otherwise left. */
function sequence(a: string, b: string): string {
  const table = lengths(a, b);
  let result = '';
  for (let i = a.length, j = b.length; i > 0 && j > 0; ) {
    if (a[i - 1] === b[j - 1]) {
      result = a[i - 1] + result;
      i--;
      j--;
    } else if (table[i - 1][j] > table[i][j - 1]) i--;
    else j--;
  }
  return result;
}

test('LCS finds the same subsequence as the table of lengths', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 90 })
    .map((letters) => letters.join(''));
  fc.assert(
    fc.property(text, text, (a, b) => {
      const f = fixture(a, b);
      assert.equal(f.line('lcs a b'), sequence(a, b));
      assert.equal(f.line('lcs a b len'), lengths(a, b)[a.length][b.length]);
    }),
  );
});

test('LCS tells where the parts lie', () => {
  const f = fixture('ohmytext', 'mynewtext');
  assert.equal(f.line('lcs a b'), 'mytext');
  const matches = [
    [
      [4, 7],
      [5, 8],
    ],
    [
      [2, 3],
      [0, 1],
    ],
  ];
  assert.deepEqual(f.line('lcs a b idx'), ['matches', matches, 'len', 6]);
  assert.deepEqual(f.line('lcs a b idx minmatchlen 4 withmatchlen'), [
    'matches',
    [[[4, 7], [5, 8], 4]],
    'len',
    6,
  ]);
});

test('LCS refuses what it cannot do', () => {
  const f = fixture('abc', 'abd');
  assert.equal(
    f.line('lcs a b len idx'),
    '-ERR If you want both the length and indexes, please just use IDX.',
  );
  assert.equal(f.line('lcs a b minmatchlen'), '-ERR syntax error');
  assert.equal(f.line('lcs a none'), '');
  assert.equal(f.line('lcs none nothing len'), 0);
  const megabyte = 'x'.repeat(1 << 20);
  f.run('mset', 'a', megabyte, 'b', megabyte);
  assert.equal(
    f.line('lcs a b'),
    '-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
  );
});

test('LCS of the longest strings allowed', () => {
  const f = fixture('ab'.repeat(5792), 'ba'.repeat(5782));
  assert.equal(f.line('lcs a b len'), 11_564);
});
