import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CommandFixture, type PlainReply } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { streamCommands } from './stream-commands.ts';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const BAD_ID = '-ERR Invalid stream ID specified as stream command argument';
const NOW = 1_700_000_000_000;
const LAST = '18446744073709551615';

const all = [...streamCommands, ...keysCommands, ...stringCommands];
const fixture = (...settings: ConstructorParameters<typeof CommandFixture>[1][]): CommandFixture =>
  new CommandFixture(all, settings[0] ?? {});
const ids = (reply: PlainReply): PlainReply[] => (reply as PlainReply[][]).map((entry) => entry[0]);

test('XADD chooses ids that grow, whatever the clock does, and says which it chose', () => {
  const f = fixture();
  assert.equal(f.line('xadd s * f v'), `${NOW}-0`);
  assert.deepEqual(f.events, ['xadd s']);
  assert.equal(f.dirty, 1);
  assert.deepEqual(f.propagated, [['xadd', 's', `${NOW}-0`, 'f', 'v']]);
  assert.equal(f.line('xadd s * f v'), `${NOW}-1`);
  f.advance(-5000);
  assert.equal(f.line('xadd s * f v'), `${NOW}-2`);
  f.advance(6000);
  assert.equal(f.line('xadd s * f v'), `${NOW + 1000}-0`);
  assert.equal(f.line(`xadd s ${NOW + 1000}-* f v`), `${NOW + 1000}-1`);
  assert.deepEqual(f.propagated?.[0][2], `${NOW + 1000}-1`);
  assert.equal(f.line(`xadd s ${NOW + 2000}-7 f v`), `${NOW + 2000}-7`);
  assert.equal(f.propagated, undefined, 'what is exact goes out as it came');
});

test('XADD takes ids up to 2^64-1, and then no more', () => {
  const f = fixture();
  assert.equal(f.line(`xadd s ${LAST}-18446744073709551614 f v`), `${LAST}-18446744073709551614`);
  assert.equal(f.line('xadd s * f v'), `${LAST}-${LAST}`);
  const exhausted = '-ERR The stream has exhausted the last possible ID, unable to add more items';
  assert.equal(f.line('xadd s * f v'), exhausted);
  assert.equal(f.line(`xadd s ${LAST}-* f v`), exhausted);
  assert.equal(f.line(`xadd t 9007199254740993-${LAST} f v`), `9007199254740993-${LAST}`);
  assert.match(f.line('xadd t 9007199254740993-* f v') as string, /equal or smaller/);
  assert.deepEqual(ids(f.line('xrange t 9007199254740993 9007199254740993')), [
    `9007199254740993-${LAST}`,
  ]);
  for (const id of [
    '18446744073709551616-1',
    '1-18446744073709551616',
    '-1-1',
    '1-',
    '-',
    '+',
    '',
  ]) {
    assert.equal(f.run('xadd', 'u', id, 'f', 'v'), BAD_ID, id);
  }
  assert.equal(f.line('exists u'), 0);
});

test('trimming is propagated as the exact one that had the same result', () => {
  const f = fixture({ streamNodeMaxEntries: 3 });
  for (let i = 1; i <= 8; i++) f.line(`xadd s ${i}-1 f v`);
  assert.equal(f.line('xadd s maxlen ~ 4 limit 100 9-1 f v'), '9-1');
  assert.deepEqual(f.events, ['xadd s', 'xtrim s']);
  assert.deepEqual(f.propagated, [
    ['xadd', 's', 'maxlen', '=', '6', 'limit', '100', '9-1', 'f', 'v'],
  ]);
  assert.equal(f.line('xtrim s minid ~ 8'), 3);
  assert.deepEqual(f.propagated, [['xtrim', 's', 'minid', '=', '7-1']]);
  assert.equal(f.line('xtrim s minid 8'), 1);
  assert.equal(f.propagated, undefined);
  assert.equal(f.dirty, 1);
  assert.deepEqual(f.events, ['xtrim s']);
  assert.equal(f.line('xtrim s maxlen 5'), 0);
  assert.deepEqual([f.events, f.dirty], [[], 0]);
  assert.equal(f.line('xdel s 8-1 9-1 7-7'), 2);
  assert.deepEqual([f.events, f.dirty], [['xdel s'], 2]);
  assert.equal(f.line('type s'), '+stream', 'an empty stream stays');
});

test('ranges take ids in every form that strtoull reads', () => {
  const f = fixture();
  for (const id of ['1-1', '1-2', '2-0', '3-5']) f.line(`xadd s ${id} f v`);
  assert.deepEqual(ids(f.line('xrange s 1 2')), ['1-1', '1-2', '2-0']);
  assert.deepEqual(ids(f.line('xrange s (1-1 (3-5')), ['1-2', '2-0']);
  assert.deepEqual(ids(f.run('xrange', 's', ' +001-02', '+')), ['1-2', '2-0', '3-5']);
  assert.deepEqual(ids(f.line('xrange s 0-0 0--0')), []);
  assert.deepEqual(ids(f.line('xrevrange s + - count 2')), ['3-5', '2-0']);
  assert.equal(f.line('xrange s - + count 0'), null);
  assert.deepEqual(f.line('xrange none - + count 0'), []);
  assert.equal(f.line(`xrange s (${LAST}-${LAST} +`), '-ERR invalid start ID for the interval');
  assert.equal(f.line('xrange s - (0-0'), '-ERR invalid end ID for the interval');
  assert.equal(f.line('xrange s ( +'), BAD_ID);
  assert.equal(f.line('xrange s (- +'), BAD_ID);
});

test('XREAD replies pairs in RESP2 and a map in RESP3', () => {
  const f = fixture();
  f.line('xadd s 1-1 f v');
  f.line('xadd t 1-1 f v');
  const entries = [['1-1', ['f', 'v']]];
  assert.deepEqual(f.line('xread streams s t none 0 0 0'), [
    ['s', entries],
    ['t', entries],
  ]);
  assert.equal(f.line('xread streams s $'), null);
  f.useResp3();
  const { kind } = f.runRaw('xread', 'streams', 's', 't', '0', '0');
  assert.equal(kind, 'map');
  assert.equal(f.runRaw('xread', 'count', '1', 'streams', 's', '1').kind, 'map');
  assert.equal(f.runRaw('xread', 'streams', 's', '1-1').kind, 'null');
});

test('a wait is for data, not for any change of a key', () => {
  const f = fixture();
  f.line('xread block 0 streams s $');
  assert.ok(f.blocked);
  assert.equal(f.line('xread block -1 streams s $'), '-ERR timeout is negative');
  assert.equal(
    f.line('xread block x streams s $'),
    '-ERR timeout is not an integer or out of range',
  );
  assert.equal(
    f.line('xread block 9223372036854775807 streams s $'),
    '-ERR timeout is out of range',
  );
  f.line('xgroup create s g $ mkstream');
  f.line('xreadgroup group g c block 0 streams s >');
  assert.ok(f.blocked);
  assert.deepEqual(f.line('xreadgroup group g c block 0 streams s 0'), [['s', []]]);
  assert.ok(!f.blocked, 'history is never waited for');
});

test('XSETID keeps what is known about a stream consistent', () => {
  const f = fixture();
  assert.equal(f.line('xsetid none 1-1'), '-ERR no such key');
  f.line('xadd s 5-5 f v');
  assert.match(f.line('xsetid s 5-4') as string, /smaller than the target stream top item/);
  assert.match(f.line('xsetid s 9-9 entriesadded 0') as string, /smaller than the target/);
  assert.equal(f.line('xsetid s 9-9 entriesadded 7 maxdeletedid 8-8'), '+OK');
  assert.deepEqual(f.events, ['xsetid s']);
  assert.match(f.line('xsetid s 8-7') as string, /smaller than current max_deleted_entry_id/);
  assert.match(f.line('xadd s 9-9 f v') as string, /^-ERR The ID specified in XADD/);
});

test('every command refuses what is no stream', () => {
  const f = fixture();
  f.line('set s v');
  const lines = [
    'xadd s * f v',
    'xlen s',
    'xrange s - +',
    'xrevrange s + -',
    'xdel s 1',
    'xtrim s maxlen 1',
    'xread streams s 0',
    'xreadgroup group g c streams s >',
    'xack s g 1',
    'xgroup create s g $ mkstream',
    'xgroup setid s g $',
    'xpending s g',
    'xclaim s g c 0 1',
    'xautoclaim s g c 0 0',
    'xinfo stream s',
    'xsetid s 1-1',
  ];
  for (const line of lines) assert.equal(f.line(line), WRONG_TYPE, line);
});

test('COPY makes an independent stream with its groups', () => {
  const f = fixture();
  f.line('xadd s 1-1 f v');
  f.line('xgroup create s g 0');
  f.line('xreadgroup group g c streams s >');
  assert.equal(f.line('copy s t'), 1);
  f.line('xadd s 2-1 f v');
  f.line('xack s g 1-1');
  assert.equal(f.line('xlen t'), 1);
  assert.equal((f.line('xpending t g') as PlainReply[])[0], 1);
  assert.equal((f.line('xpending s g') as PlainReply[])[0], 0);
});

test('what XREAD returns one by one is what XRANGE returns at once', () => {
  const names = fc.constantFrom('f', 'g', '1');
  fc.assert(
    fc.property(fc.array(fc.tuple(names, fc.nat(9)), { maxLength: 60 }), (entries) => {
      const f = fixture({ streamNodeMaxEntries: 4 });
      for (const [name, n] of entries) f.line(`xadd s ${n}-* ${name} ${n}`);
      const whole = f.line('xrange s - +') as PlainReply[];
      const read: PlainReply[] = [];
      let after: PlainReply = '0';
      for (;;) {
        const reply = f.line(`xread count 1 streams s ${after}`) as PlainReply[][] | null;
        if (reply === null) break;
        const entry = (reply[0][1] as PlainReply[][])[0];
        read.push(entry);
        after = entry[0];
      }
      assert.deepEqual(read, whole);
    }),
    { numRuns: 30 },
  );
});
