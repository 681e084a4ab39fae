import assert from 'node:assert/strict';
import test from 'node:test';
import { CommandFixture, type PlainReply } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { streamCommands } from './stream-commands.ts';

const NOW = 1_700_000_000_000;

/** A stream `s` with entries 1-1 … n-1 and a group `g` at its start. */
function withGroup(n: number): CommandFixture {
  const f = new CommandFixture([...streamCommands, ...keysCommands]);
  for (let i = 1; i <= n; i++) f.line(`xadd s ${i}-1 f v`);
  f.line('xgroup create s g 0 mkstream');
  return f;
}

/** A flat list of names and values as an object. */
function named(reply: PlainReply): Record<string, PlainReply> {
  const flat = reply as PlainReply[];
  const entries = flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]]] : []));
  return Object.fromEntries(entries) as Record<string, PlainReply>;
}

const group = (f: CommandFixture): Record<string, PlainReply> =>
  named((f.line('xinfo groups s') as PlainReply[])[0]);

const claimOf = (
  consumer: string,
  id: string,
  ms: number,
  count: number,
  last: string,
): string[] => {
  const options = ['TIME', String(ms), 'RETRYCOUNT', String(count), 'FORCE', 'JUSTID'];
  return ['XCLAIM', 's', 'g', consumer, '0', id, ...options, 'LASTID', last];
};

test('what a group is given is propagated as claims', () => {
  const f = withGroup(3);
  assert.deepEqual(f.line('xreadgroup group g c count 2 streams s >'), [
    [
      's',
      [
        ['1-1', ['f', 'v']],
        ['2-1', ['f', 'v']],
      ],
    ],
  ]);
  assert.deepEqual(f.events, ['xgroup-createconsumer s']);
  assert.deepEqual(f.propagated, [
    claimOf('c', '1-1', NOW, 1, '1-1'),
    claimOf('c', '2-1', NOW, 1, '2-1'),
  ]);
  f.line('xreadgroup group g d noack streams s >');
  assert.deepEqual(f.propagated, [
    ['XGROUP', 'CREATECONSUMER', 's', 'g', 'd'],
    ['XGROUP', 'SETID', 's', 'g', '3-1', 'ENTRIESREAD', '3'],
  ]);
  f.line('xreadgroup group g e streams s >');
  assert.deepEqual(f.propagated, [], 'a reader who gets nothing is nobody to others');
  f.line('xreadgroup group g c streams s 0');
  assert.deepEqual(f.propagated, []);
});

test('history is what is pending, entries that are gone included', () => {
  const f = withGroup(3);
  f.line('xreadgroup group g c streams s >');
  f.line('xdel s 2-1');
  assert.deepEqual(f.line('xreadgroup group g c streams s 1-1'), [
    [
      's',
      [
        ['2-1', null],
        ['3-1', ['f', 'v']],
      ],
    ],
  ]);
  const counts = (f.line('xpending s g - + 10') as PlainReply[][]).map((entry) => entry[3]);
  assert.deepEqual(counts, [1, 1, 2]);
  assert.equal(f.line('xack s g 1-1 1-1 9-9'), 1);
  assert.equal(f.dirty, 1);
  assert.deepEqual(f.events, []);
});

test('XPENDING looks at idle times, consumers and ranges', () => {
  const f = withGroup(4);
  f.line('xreadgroup group g b count 2 streams s >');
  f.advance(100);
  f.line('xreadgroup group g a count 1 streams s >');
  assert.deepEqual(f.line('xpending s g'), [
    3,
    '1-1',
    '3-1',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ]);
  assert.deepEqual(f.line('xpending s g idle 50 - + 10'), [
    ['1-1', 'b', 100, 1],
    ['2-1', 'b', 100, 1],
  ]);
  assert.deepEqual(f.line('xpending s g (1-1 + 1'), [['2-1', 'b', 100, 1]]);
  assert.deepEqual(f.line('xpending s g - + 10 a'), [['3-1', 'a', 0, 1]]);
  assert.deepEqual(f.line('xpending s g - + 10 nobody'), []);
  assert.equal(f.line('xpending s g idle 1 - +'), '-ERR syntax error');
});

test('XCLAIM moves, counts, forces and forgets', () => {
  const f = withGroup(3);
  f.line('xreadgroup group g c count 2 streams s >');
  f.advance(1000);
  assert.deepEqual(f.line('xclaim s g d 2000 1-1'), []);
  assert.deepEqual(f.line('xclaim s g d 1000 1-1'), [['1-1', ['f', 'v']]]);
  assert.deepEqual(f.propagated, [claimOf('d', '1-1', NOW + 1000, 2, '2-1')]);
  assert.deepEqual(f.line('xclaim s g d 0 2-1 justid idle 400 lastid 3-1'), ['2-1']);
  assert.deepEqual(f.propagated, [claimOf('d', '2-1', NOW + 600, 1, '3-1')]);
  assert.deepEqual(f.line('xclaim s g d 0 3-1'), [], 'not pending');
  assert.deepEqual(f.line('xclaim s g d 0 3-1 force retrycount 9 time 5'), [['3-1', ['f', 'v']]]);
  assert.deepEqual(f.propagated, [claimOf('d', '3-1', 5, 9, '3-1')]);
  f.line('xdel s 3-1');
  assert.deepEqual(f.line('xclaim s g c 0 3-1'), []);
  assert.deepEqual(f.propagated, [claimOf('d', '3-1', 5, 9, '3-1')]);
  assert.deepEqual(f.line('xclaim s g c 0 9-9 lastid 9-9'), []);
  assert.deepEqual(f.propagated, [['XGROUP', 'SETID', 's', 'g', '9-9', 'ENTRIESREAD', '2']]);
  assert.equal(f.line('xclaim s g c x 1-1'), '-ERR Invalid min-idle-time argument for XCLAIM');
  assert.equal(f.line('xclaim s g c 0 1-1 idle'), "-ERR Unrecognized XCLAIM option 'idle'");
  assert.equal(f.line('xclaim s g c 0 1-1 TIME x'), '-ERR Invalid TIME option argument for XCLAIM');
});

test('XAUTOCLAIM says where to go on, and which entries are gone', () => {
  const f = withGroup(5);
  f.line('xreadgroup group g c streams s >');
  f.line('xdel s 1-1 4-1');
  assert.deepEqual(f.line('xautoclaim s g d 0 - count 2'), ['3-1', [['2-1', ['f', 'v']]], ['1-1']]);
  assert.deepEqual(f.line('xautoclaim s g d 0 3-1 count 10 justid'), [
    '0-0',
    ['3-1', '5-1'],
    ['4-1'],
  ]);
  const pending = (f.line('xpending s g - + 10 d') as PlainReply[][]).map((e) => [e[0], e[3]]);
  assert.deepEqual(pending, [
    ['2-1', 2],
    ['3-1', 1],
    ['5-1', 1],
  ]);
  assert.deepEqual(f.line('xautoclaim s g d 5000 -'), ['0-0', [], []]);
});

test('a lag is known as long as nothing was deleted in the middle', () => {
  const f = withGroup(5);
  const lag = (): PlainReply[] => [group(f)['entries-read'], group(f).lag];
  assert.deepEqual(lag(), [null, 5]);
  f.line('xreadgroup group g c count 1 streams s >');
  assert.deepEqual(lag(), [1, 4]);
  f.line('xdel s 3-1');
  assert.deepEqual(lag(), [1, null]);
  f.line('xreadgroup group g c count 1 streams s >');
  assert.deepEqual(lag(), [null, null]);
  f.line('xreadgroup group g c streams s >');
  assert.deepEqual(lag(), [5, 0]);
  f.line('xadd s 9-1 f v');
  assert.deepEqual(lag(), [5, 1]);
  f.line('xtrim s maxlen 0');
  f.line('xgroup setid s g 0 entriesread 2');
  assert.deepEqual(lag(), [2, 4]);
});

test('groups and consumers come and go with their events', () => {
  const f = withGroup(1);
  assert.deepEqual(f.events, ['xgroup-create s']);
  assert.equal(f.line('xgroup create s g $'), '-BUSYGROUP Consumer Group name already exists');
  assert.equal(f.line('xgroup createconsumer s g c'), 1);
  assert.deepEqual([f.events, f.dirty], [['xgroup-createconsumer s'], 1]);
  assert.equal(f.line('xgroup createconsumer s g c'), 0);
  assert.deepEqual([f.events, f.dirty], [[], 0]);
  f.line('xreadgroup group g c streams s >');
  assert.equal(f.line('xgroup delconsumer s g c'), 1);
  assert.deepEqual(f.events, ['xgroup-delconsumer s']);
  assert.equal((f.line('xpending s g') as PlainReply[])[0], 0);
  assert.equal(f.line('xgroup setid s g -'), '+OK');
  assert.deepEqual(f.events, ['xgroup-setid s']);
  assert.equal(
    f.line('xgroup setid s h 0'),
    "-NOGROUP No such consumer group 'h' for key name 's'",
  );
  assert.equal(f.line('xgroup destroy s g'), 1);
  assert.deepEqual(f.events, ['xgroup-destroy s']);
  assert.equal(f.line('xgroup destroy s g'), 0);
  assert.match(f.line('xgroup create none g 0') as string, /requires the key to exist/);
});

test('a consumer is seen when it asks and active when it is given something', () => {
  const f = withGroup(1);
  f.line('xreadgroup group g c streams s >');
  f.advance(70);
  f.line('xreadgroup group g c streams s >');
  f.line('xreadgroup group g d streams s >');
  f.advance(30);
  const consumers = (f.line('xinfo consumers s g') as PlainReply[]).map(named);
  assert.deepEqual(
    consumers.map(({ name, pending, idle, inactive }) => [name, pending, idle, inactive]),
    [
      ['c', 1, 30, 100],
      ['d', 0, 30, -1],
    ],
  );
  const full = named(f.line('xinfo stream s full'));
  const shown = named((full.groups as PlainReply[])[0]);
  assert.deepEqual(shown.pending, [['1-1', 'c', NOW, 1]]);
  assert.deepEqual(named((shown.consumers as PlainReply[])[0]), {
    name: 'c',
    'seen-time': NOW + 70,
    'active-time': NOW,
    'pel-count': 1,
    pending: [['1-1', NOW, 1]],
  });
});
