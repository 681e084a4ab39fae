// Sentinel's lines in and out: the order they may come in, what is refused in which words, and that what
// was written is read back as it was.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitArguments } from '../../util/split-arguments.ts';
import type { SavedState } from '../core/settings.ts';
import { rewriteStateLines } from './rewrite-state-lines.ts';
import { type ReadResult, readSentinelLines, type SentinelLine } from './sentinel-lines.ts';
import { stateLines } from './state-lines.ts';

const ID = '4858d584002cae3c9c4548621d70b226c4e99d8a';
const context = {
  port: 26_379,
  requirePass: '',
  isExecutable: (path: string) => path === '/bin/sh',
};

function parse(text: string): readonly SentinelLine[] {
  return text.split('\n').flatMap((line, i) => {
    const words = splitArguments(Buffer.from(line, 'latin1'))?.map((one) => one.toString('latin1'));
    if (words?.[0] !== 'sentinel') return [];
    return [{ words: words.slice(1), line: i + 1, text: line }];
  });
}

function read(text: string): ReadResult {
  return readSentinelLines(parse(text), context);
}

function stateOf(text: string): SavedState {
  const result = read(text);
  assert.ok('state' in result, 'error' in result ? result.error : '');
  return result.state;
}

test('lines may stand before the master they speak of', () => {
  const state = stateOf(
    [
      'sentinel known-replica m 10.0.0.2 6379',
      'sentinel down-after-milliseconds m 5000',
      'sentinel monitor m name 6379 2',
      'sentinel resolve-hostnames yes',
      'sentinel config-epoch m 7',
      `sentinel known-sentinel m 10.0.0.3 26379 ${ID}`,
      'sentinel known-sentinel m 10.0.0.4 26379',
      'sentinel rename-command m config GUESSED',
      'sentinel primary-reboot-down-after-period m 100',
    ].join('\n'),
  );
  const [master] = state.masters;
  assert.equal(state.currentEpoch, 7);
  assert.deepEqual(
    [master.host, master.settings.quorum, master.settings.downAfterMs, master.configEpoch],
    ['name', 2, 5000, 7],
  );
  assert.deepEqual(master.replicas, [{ host: '10.0.0.2', port: 6379 }]);
  assert.deepEqual(master.sentinels, [{ host: '10.0.0.3', port: 26_379, runId: ID }]);
  assert.deepEqual([...master.settings.renamedCommands], [['CONFIG', 'GUESSED']]);
  assert.equal(master.settings.rebootDownAfterMs, 100);
});

test('what is wrong is said in redis-sentinel words, with its line', () => {
  const monitor = 'sentinel monitor m 10.0.0.1 6379 2\n';
  for (const [text, error] of [
    ['sentinel monitor m 10.0.0.1 6379 x', 'Quorum must be 1 or greater.'],
    ['sentinel monitor m 10.0.0.1 70000 2', 'Invalid port number.'],
    ['sentinel monitor m name 6379 2', "Can't resolve instance hostname."],
    [`${monitor}${monitor}`, 'Duplicate master name.'],
    ['sentinel auth-pass x y', 'No such master with specified name.'],
    [`${monitor}sentinel down-after-milliseconds m 0`, 'negative or zero time parameter.'],
    [`${monitor}sentinel master-reboot-down-after-period m -1`, 'negative time parameter.'],
    [
      `${monitor}sentinel notification-script m /none`,
      'Notification script seems non existing or non executable.',
    ],
    [
      `${monitor}sentinel client-reconfig-script m /none`,
      'Client reconfiguration script seems non existing or non executable.',
    ],
    ['sentinel myid abc', 'Malformed Sentinel id in myid option.'],
    [
      'sentinel deny-scripts-reconfig maybe',
      'Please specify yes or no for the deny-scripts-reconfig options.',
    ],
    ['sentinel resolve-hostnames 1', 'Please specify yes or no for the resolve-hostnames option.'],
    [
      `${monitor}${'sentinel known-replica m 10.0.0.2 1\n'.repeat(2)}`,
      'Duplicate hostname and port for replica.',
    ],
    [
      `${monitor}${`sentinel known-sentinel m 10.0.0.2 1 ${ID}\n`.repeat(2)}`,
      'Duplicate runid for sentinel.',
    ],
    [
      `${monitor}${'sentinel rename-command m a b\n'.repeat(2)}`,
      'Same command renamed multiple times with rename-command.',
    ],
    ['sentinel nonsense', 'Unrecognized sentinel configuration statement.'],
    ['sentinel monitor m', 'Unrecognized sentinel configuration statement.'],
    ['sentinel myid a b', 'Unrecognized sentinel configuration statement.'],
  ]) {
    const result = read(text);
    assert.ok('error' in result, text);
    assert.equal(result.error, error);
    assert.equal(result.at.text, text.trimEnd().split('\n').at(-1));
  }
});

test('epochs of another world are cut to what counts exactly', () => {
  const state = stateOf('sentinel current-epoch 18446744073709551615');
  assert.equal(state.currentEpoch, Number.MAX_SAFE_INTEGER);
});

const plain = { noNullPrototype: true } as const;
const word = fc.string({
  unit: fc.nat(255).map((code) => String.fromCharCode(code)),
  minLength: 1,
});
const port = fc.integer({ min: 0, max: 65_535 });
const natural = fc.nat(2 ** 31 - 1);
const address = fc.record({ host: fc.ipV4(), port }, plain);
const unique = <T extends { host: string; port: number }>(one: T): string =>
  `${one.host}:${one.port}`;
const masterSettings = fc.record(
  {
    quorum: fc.integer({ min: 1, max: 9 }),
    downAfterMs: fc.integer({ min: 1, max: 99_999 }),
    failoverTimeoutMs: fc.integer({ min: 1, max: 99_999 }),
    parallelSyncs: fc.nat(9),
    rebootDownAfterMs: fc.nat(9999),
    authUser: fc.oneof(fc.constant(''), word),
    authPass: fc.oneof(fc.constant(''), word),
    notificationScript: fc.constantFrom('', '/bin/sh'),
    clientReconfigScript: fc.constantFrom('', '/bin/sh'),
    renamedCommands: fc
      .uniqueArray(fc.tuple(fc.constantFrom('PING', 'CONFIG', 'EXEC'), word), {
        selector: ([from]) => from,
      })
      .map((pairs) => new Map(pairs)),
  },
  plain,
);
const masters = fc.uniqueArray(
  fc.record(
    {
      name: word,
      host: fc.ipV4(),
      port,
      settings: masterSettings,
      configEpoch: natural,
      leaderEpoch: natural,
      replicas: fc.uniqueArray(address, { selector: unique, maxLength: 3 }),
      sentinels: fc
        .uniqueArray(address, { selector: unique, maxLength: 3 })
        .map((list) => list.map((one, i) => ({ ...one, runId: String(i).repeat(40) }))),
    },
    plain,
  ),
  { selector: (one) => one.name, maxLength: 4 },
);
const states: fc.Arbitrary<SavedState> = fc
  .record(
    {
      currentEpoch: natural,
      announceIp: fc.oneof(fc.constant(''), word),
      announcePort: port,
      flags: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      sentinelUser: fc.oneof(fc.constant(''), word),
      sentinelPass: fc.oneof(fc.constant(''), word),
      masters,
    },
    plain,
  )
  .map(({ currentEpoch, flags, masters: list, ...rest }) => ({
    myId: ID,
    currentEpoch: Math.max(currentEpoch, ...list.map((one) => one.configEpoch)),
    settings: {
      ...rest,
      port: context.port,
      requirePass: '',
      resolveHostnames: flags[0],
      announceHostnames: flags[1],
      denyScriptsReconfig: flags[2],
    },
    masters: list,
  }));

test('every state is read back as it was, from a new file and from any older one', () => {
  fc.assert(
    fc.property(states, states, (older, state) => {
      const first = rewriteStateLines('port 1\n', stateLines(older));
      assert.deepEqual(stateOf(first), older);
      const second = rewriteStateLines(first, stateLines(state));
      const again = stateOf(second);
      assert.deepEqual(new Set(again.masters), new Set(state.masters));
      assert.deepEqual({ ...again, masters: [] }, { ...state, masters: [] });
      assert.equal(rewriteStateLines(second, stateLines(again)), second);
    }),
  );
});

test('a file keeps its lines, comments and order; what is new follows at its end', () => {
  const old = [
    '# a comment',
    'port 26379',
    '# how long',
    'sentinel down-after-milliseconds setmaster 20000',
    '',
    'sentinel parallel-syncs setmaster 1',
    'sentinel monitor setmaster 10.0.0.1 30000 2',
    'sentinel known-slave setmaster 10.0.0.2 30001',
    '',
  ].join('\n');
  const state = { ...stateOf(old), myId: ID };
  const text = rewriteStateLines(old, stateLines(state));
  assert.equal(
    text,
    `${old.replace('known-slave', 'known-replica')}
# Generated by CONFIG REWRITE
sentinel myid ${ID}
sentinel config-epoch setmaster 0
sentinel leader-epoch setmaster 0
sentinel current-epoch 0
`,
  );
  const without = rewriteStateLines(text, stateLines({ ...state, masters: [] }));
  assert.equal(without.includes('setmaster'), false);
  assert.match(without, /^# a comment\nport 26379\n# how long\n/);
});
