// What the account says of writes whose fate is known: the judge of the other tests here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, type Observation } from './support/write-account.ts';
import type { Write } from './support/writer.ts';

const FAULT_MS = 100;

/** A write of `old`, acknowledged a millisecond after it was sent. */
function write(number: number, sentMs: number, other: Partial<Write> = {}): Write {
  return {
    number,
    sentMs,
    answeredMs: sentMs + 1,
    outcome: 'acknowledged',
    server: '10.0.0.1:6379',
    history: 'old',
    replicas: 0,
    error: '',
    ...other,
  };
}

const byNext = { server: '10.0.0.2:6379', history: 'new' };

function accountOf(
  writes: readonly Write[],
  counts: readonly (readonly [number, number])[],
  other: Partial<Observation> = {},
): ReturnType<typeof account> {
  return account({
    writes: new Map([['w', writes]]),
    found: [new Map([['w', new Map(counts)]])],
    finalHistory: 'new',
    faultMs: FAULT_MS,
    replicas: 2,
    ...other,
  });
}

test('lost writes have a cause', () => {
  const writes = [
    write(0, 10),
    write(1, 90),
    write(2, 110),
    write(3, 200, byNext),
    write(4, 300),
    write(5, 400, byNext),
  ];
  const { lost, acknowledged, gapMs, lastLostMs, violations } = accountOf(writes, [
    [0, 1],
    [3, 1],
    [5, 1],
  ]);
  assert.deepEqual(
    lost.map(({ write: { number }, cause }) => [number, cause]),
    [
      [1, 'not-replicated'],
      [2, 'isolated'],
      [4, 'replaced-master'],
    ],
  );
  assert.equal(acknowledged, 6);
  assert.equal(gapMs, 200);
  assert.equal(lastLostMs, 201);
  assert.deepEqual(violations, []);
});

test('what had no answer may be there or not', () => {
  const writes = [write(0, 10, { outcome: 'unknown' }), write(1, 20, { outcome: 'unknown' })];
  const { lost, unknown, unknownFound, violations } = accountOf(writes, [[1, 1]]);
  assert.deepEqual(
    { lost, unknown, unknownFound, violations },
    {
      ...{ lost: [], unknown: 2, unknownFound: 1, violations: [] },
    },
  );
});

test('broken promises', () => {
  const refused = { outcome: 'refused', error: 'READONLY no' } as const;
  const cases: readonly (readonly [
    RegExp,
    readonly Write[],
    readonly (readonly [number, number])[],
  ])[] = [
    [/was done 2 times/, [write(0, 10)], [[0, 2]]],
    [/was refused \(READONLY no\) and is there/, [write(0, 10, refused)], [[0, 1]]],
    [/its master still leads/, [write(0, 200, byNext)], []],
    [/WAIT counted all replicas/, [write(0, 10, { replicas: 2 })], []],
    [/a later write of the same history is there/, [write(0, 10), write(1, 20)], [[1, 1]]],
  ];
  for (const [expected, writes, counts] of cases) {
    const { violations } = accountOf(writes, counts);
    assert.equal(violations.length, 1, violations.join('\n'));
    assert.match(violations[0], expected);
  }
});

test('writes that overlapped may be kept in any order', () => {
  const overlapping = [write(0, 10, { answeredMs: 30 }), write(1, 20)];
  assert.deepEqual(accountOf(overlapping, [[1, 1]]).violations, []);
});

test('all servers hold the same writes', () => {
  const master = new Map([['w', new Map([[0, 1]])]]);
  const behind = new Map([['w', new Map<number, number>()]]);
  const { violations } = accountOf([write(0, 10)], [], { found: [master, master, behind] });
  assert.deepEqual(violations, ['replica 2 holds other writes than its master']);
});
