// Both forms of a sorted set against a sorted array, and the way from one to the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Database } from './database.ts';
import { testEngine } from './engine-fixture.ts';
import { isListpack } from './listpack-check.ts';
import { Encoding, Kind } from './record.ts';
import { SortedSet } from './sorted-set.ts';
import { ValueKey } from './value-key.ts';
import {
  zsetCountBelowName,
  zsetCountBelowScore,
  zsetDelete,
  zsetDeleteRange,
  zsetForEach,
  zsetLength,
  zsetRank,
  zsetScore,
  zsetSet,
  zsetStore,
} from './zset-value.ts';

const NAME = Buffer.from('z');
type Pair = [member: string, score: number];

/** A sorted set in a database, by strings. */
class Subject {
  readonly db: Database;
  readonly key: ValueKey;

  constructor(maxEntries: number, maxValue = 64) {
    const changes = { zsetMaxListpackEntries: maxEntries, zsetMaxListpackValue: maxValue };
    this.db = testEngine(7, changes).databases[0];
    this.key = new ValueKey().set(this.db, NAME, 0, NAME.length);
  }

  get ref(): number {
    return this.db.lookupWrite(NAME, 0, NAME.length);
  }

  get encoding(): number {
    return this.db.encoding(this.ref);
  }

  set(member: string, score: number): boolean {
    const b = Buffer.from(member);
    return zsetSet(this.key, this.ref, b, 0, b.length, score);
  }

  delete(member: string): boolean {
    const b = Buffer.from(member);
    return zsetDelete(this.key, this.ref, b, 0, b.length);
  }

  score(member: string): number | undefined {
    const b = Buffer.from(member);
    return zsetScore(this.db, this.ref, b, 0, b.length);
  }

  rank(member: string): number | undefined {
    const b = Buffer.from(member);
    return zsetRank(this.db, this.ref, b, 0, b.length);
  }

  range(rank: number, n: number, reverse: boolean): Pair[] {
    const found: Pair[] = [];
    zsetForEach(this.db, this.ref, rank, n, reverse, ({ bytes, start, end }, score) => {
      found.push([Buffer.from(bytes.subarray(start, end)).toString(), score]);
    });
    return found;
  }
}

function inOrder(model: ReadonlyMap<string, number>): Pair[] {
  return [...model].sort(
    (a, b) => a[1] - b[1] || Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0])),
  );
}

function holdAgainst(subject: Subject, model: ReadonlyMap<string, number>): void {
  const pairs = inOrder(model);
  assert.equal(zsetLength(subject.db, subject.ref), pairs.length);
  assert.deepEqual(subject.range(0, pairs.length, false), pairs);
  assert.deepEqual(subject.range(pairs.length - 1, pairs.length, true), [...pairs].reverse());
  for (const [rank, [member, score]] of pairs.entries()) {
    assert.equal(subject.score(member), score);
    assert.equal(subject.rank(member), rank);
    const below = pairs.filter(([, other]) => other < score).length;
    const upTo = pairs.filter(([, other]) => other <= score).length;
    assert.equal(zsetCountBelowScore(subject.db, subject.ref, score, false), below);
    assert.equal(zsetCountBelowScore(subject.db, subject.ref, score, true), upTo);
  }
  assert.equal(subject.score('absent'), undefined);
  assert.equal(subject.rank('absent'), undefined);
  if (subject.encoding !== Encoding.listpack) return;
  const { db, ref } = subject;
  const start = db.valueStart(ref);
  assert.ok(isListpack(db.page(ref), start, start + db.valueLength(ref)));
}

const members = fc.constantFrom(
  ...[
    'a',
    'b',
    'c',
    'd',
    'aa',
    'ab',
    '',
    '1',
    '2',
    '-3',
    '12345678901',
    'é',
    '\0',
    'long'.repeat(9),
  ],
);
const scores = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.5, -1.25, 1e17, 1e300, Infinity, -Infinity, 2 ** 53, 4096, 127, 128),
);
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('set' as const), member: members, score: scores }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), member: members }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('range' as const), from: fc.nat(12), n: fc.nat(3) }),
    },
  ),
  { maxLength: 60 },
);

for (const [form, maxEntries] of [
  ['packed', 128],
  ['large', 0],
  ['growing', 5],
] as const) {
  test(`a ${form} sorted set behaves as a sorted array`, () => {
    fc.assert(
      fc.property(steps, (list) => {
        const subject = new Subject(maxEntries);
        const model = new Map<string, number>();
        subject.set('first', 1);
        model.set('first', 1);
        for (const step of list) {
          if (step.kind === 'set') {
            assert.equal(subject.set(step.member, step.score), !model.has(step.member));
            model.set(step.member, step.score);
          } else if (step.kind === 'delete') {
            assert.equal(subject.delete(step.member), model.delete(step.member));
          } else {
            const gone = inOrder(model).slice(step.from, step.from + step.n);
            if (gone.length === 0) continue;
            zsetDeleteRange(subject.key, subject.ref, step.from, gone.length);
            for (const [member] of gone) model.delete(member);
          }
        }
        holdAgainst(subject, model);
      }),
      { numRuns: 150 },
    );
  });
}

test('names are counted up to a bound in both forms', () => {
  for (const maxEntries of [128, 0]) {
    const subject = new Subject(maxEntries);
    for (const member of ['b', 'd', 'da', 'f', '']) subject.set(member, 2);
    const below = (name: string, orEqual: boolean): number => {
      const b = Buffer.from(name);
      return zsetCountBelowName(subject.db, subject.ref, b, 0, b.length, orEqual);
    };
    assert.deepEqual(
      ['', 'a', 'b', 'c', 'd', 'da', 'daa', 'f', 'g'].map((name) => [
        below(name, false),
        below(name, true),
      ]),
      [
        [0, 1],
        [1, 1],
        [1, 2],
        [2, 2],
        [2, 3],
        [3, 4],
        [4, 4],
        [4, 5],
        [5, 5],
      ],
    );
  }
});

test('the form changes with the number of members and their length, and never back', () => {
  const byCount = new Subject(3);
  for (const member of ['a', 'b', 'c']) byCount.set(member, 1);
  byCount.set('c', 2);
  assert.equal(byCount.encoding, Encoding.listpack);
  byCount.set('d', 0);
  assert.equal(byCount.encoding, Encoding.skiplist);
  byCount.delete('d');
  assert.equal(byCount.encoding, Encoding.skiplist);

  const byLength = new Subject(128, 4);
  byLength.set('1234', 1);
  assert.equal(byLength.encoding, Encoding.listpack);
  byLength.set('12345', 1);
  assert.equal(byLength.encoding, Encoding.skiplist);
  holdAgainst(
    byLength,
    new Map([
      ...([
        ['1234', 1],
        ['12345', 1],
      ] as Pair[]),
    ]),
  );
});

test('a set that was built elsewhere is stored in the form that its size asks for', () => {
  for (const [n, longest, encoding] of [
    [5, 3, Encoding.listpack],
    [6, 3, Encoding.skiplist],
    [5, 65, Encoding.skiplist],
  ] as const) {
    const subject = new Subject(5);
    const set = new SortedSet(subject.db.engine.newDict());
    const model = new Map<string, number>();
    for (let i = 0; i < n; i++) {
      const member = Buffer.from(`m${i}`);
      set.set(member, 0, member.length, 5 - i / 2);
      model.set(`m${i}`, 5 - i / 2);
    }
    zsetStore(subject.key, set, longest);
    assert.equal(subject.encoding, encoding);
    assert.equal(subject.db.kind(subject.ref), Kind.zset);
    holdAgainst(subject, model);
  }
});
