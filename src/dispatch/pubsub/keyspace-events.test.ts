import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedHash } from '../../util/hash.ts';
import { formatKeyspaceEvents, KeyspaceEvents, parseKeyspaceEvents } from './keyspace-events.ts';
import { PubSub, type SubscriptionCounts } from './pubsub.ts';

/** What is set, and what CONFIG GET shows of it. */
const settings: readonly (readonly [string, string])[] = [
  ['', ''],
  ['KEA', 'AKE'],
  ['EKA', 'AKE'],
  ['Kx', 'xK'],
  ['g$lshzxetd', 'A'],
  ['g$lshzxet', 'g$lshzxet'],
  ['Amn', 'Am'],
  ['nmK', 'nKm'],
  ['KKKggg', 'gK'],
  ['lsEK', 'lsKE'],
];

test('the letters are printed in one order, with A for all of a group', () => {
  for (const [set, shown] of settings) {
    assert.equal(formatKeyspaceEvents(parseKeyspaceEvents(set)!), shown, set);
  }
  assert.equal(parseKeyspaceEvents('KEq'), undefined);
});

interface Listener {
  readonly resp: 2 | 3;
  subscriptions: SubscriptionCounts | undefined;
}

const STRING = 1 << 3;
const LIST = 1 << 4;

function node(letters: string): { notify: (bit: number, key: string) => void; heard: string[] } {
  const heard: string[] = [];
  const pubsub = new PubSub<Listener>(new KeyedHash(1, 2), (_session, bytes) => {
    heard.push(
      String(bytes)
        .split('\r\n')
        .filter((_, i) => i > 0 && i % 2 === 0)
        .join(' '),
    );
  });
  const everything = Buffer.from('__key*');
  pubsub.subscribe({ resp: 2, subscriptions: undefined }, 'patterns', everything, 0, 6);
  const events = new KeyspaceEvents(pubsub, {
    notifyKeyspaceEvents: parseKeyspaceEvents(letters)!,
  });
  return {
    heard,
    notify: (bit, key) => events.notify(bit, 'set', 3, Buffer.from(`<${key}>`), 1, key.length + 1),
  };
}

test('an event is a message about the key, and one about the event', () => {
  const { heard, notify } = node('KEA');
  notify(STRING, 'foo');
  assert.deepEqual(heard, [
    'pmessage __key* __keyspace@3__:foo set',
    'pmessage __key* __keyevent@3__:set foo',
  ]);
});

test('only the classes and forms that are asked for are sent', () => {
  const { heard, notify } = node('E$');
  notify(LIST, 'foo');
  notify(STRING, 'foo');
  assert.deepEqual(heard, ['pmessage __key* __keyevent@3__:set foo']);
});

test('keys of any length fit', () => {
  const { heard, notify } = node('K$');
  const key = 'k'.repeat(10_000);
  notify(STRING, key);
  assert.deepEqual(heard, [`pmessage __key* __keyspace@3__:${key} set`]);
});
