import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedHash } from '../../util/hash.ts';
import type { SubscriptionKind } from './channel.ts';
import { PubSub, type SubscriptionCounts } from './pubsub.ts';

interface Listener {
  readonly resp: 2 | 3;
  subscriptions: SubscriptionCounts | undefined;
  readonly heard: Buffer[];
}

function listener(resp: 2 | 3 = 2): Listener {
  return { resp, subscriptions: undefined, heard: [] };
}

function channels(): PubSub<Listener> {
  return new PubSub(new KeyedHash(1, 2), (session, bytes) => session.heard.push(bytes));
}

function join(
  pubsub: PubSub<Listener>,
  session: Listener,
  kind: SubscriptionKind,
  name: string | Buffer,
): boolean {
  const bytes = Buffer.from(name);
  return pubsub.subscribe(session, kind, bytes, 0, bytes.length);
}

function leave(
  pubsub: PubSub<Listener>,
  session: Listener,
  kind: SubscriptionKind,
  name: string,
): boolean {
  return pubsub.unsubscribe(session, kind, Buffer.from(name), 0, name.length);
}

test('a message goes to the channel first and then to every pattern that matches', () => {
  const pubsub = channels();
  const session = listener();
  join(pubsub, session, 'patterns', 'n*');
  join(pubsub, session, 'channels', 'news');
  join(pubsub, session, 'patterns', 'x*');
  assert.equal(pubsub.publish(Buffer.from('news'), Buffer.from('hello')), 2);
  assert.deepEqual(session.heard.map(String), [
    '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n',
    '*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$5\r\nhello\r\n',
  ]);
});

test('receivers of a protocol share the bytes, and the protocols differ in one', () => {
  const pubsub = channels();
  const sessions = [listener(2), listener(3), listener(2), listener(3)];
  for (const session of sessions) join(pubsub, session, 'channels', 'c');
  assert.equal(pubsub.publish(Buffer.from('c'), Buffer.from('m')), 4);
  const [old, modern, old2, modern2] = sessions.map(({ heard }) => heard[0]);
  assert.equal(old, old2);
  assert.equal(modern, modern2);
  assert.equal(String(modern), '>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n');
  assert.equal(String(old).slice(1), String(modern).slice(1));
});

test('channels and messages are bytes', () => {
  const pubsub = channels();
  const session = listener();
  const name = Buffer.from([0, 255, 13, 10]);
  join(pubsub, session, 'channels', name);
  const message = Buffer.from([10, 0, 200]);
  assert.equal(pubsub.publish(name, message), 1);
  const tail = Buffer.concat([Buffer.from('$3\r\n'), message, Buffer.from('\r\n')]);
  assert.deepEqual(session.heard[0].subarray(-tail.length), tail);
  assert.equal(pubsub.publish(Buffer.from([0, 254, 13, 10]), message), 0);
});

test('shard channels are a world of their own', () => {
  const pubsub = channels();
  const session = listener();
  join(pubsub, session, 'shardChannels', 'c');
  join(pubsub, session, 'patterns', '*');
  assert.equal(pubsub.publishShard(Buffer.from('c'), Buffer.from('m')), 1);
  assert.equal(String(session.heard[0]), '*3\r\n$8\r\nsmessage\r\n$1\r\nc\r\n$1\r\nm\r\n');
  assert.equal(pubsub.subscriptionsOf(session)?.count, 1);
  assert.equal(pubsub.subscriptionsOf(session)?.total, 2);
});

test('a subscription counts once, and a channel ends with its last listener', () => {
  const pubsub = channels();
  const [one, two] = [listener(), listener()];
  assert.equal(join(pubsub, one, 'channels', 'c'), true);
  assert.equal(join(pubsub, one, 'channels', 'c'), false);
  assert.equal(join(pubsub, two, 'channels', 'c'), true);
  assert.equal(pubsub.subscribersOf('channels', Buffer.from('c')), 2);
  assert.equal(pubsub.clients, 2);
  assert.equal(leave(pubsub, one, 'channels', 'c'), true);
  assert.equal(leave(pubsub, one, 'channels', 'c'), false);
  assert.equal(one.subscriptions, undefined);
  assert.equal(pubsub.count('channels'), 1);
  pubsub.unsubscribeAll(two);
  assert.equal(pubsub.count('channels'), 0);
  assert.equal(pubsub.clients, 0);
  assert.equal(pubsub.hasListeners, false);
});

test('a session that goes leaves everything', () => {
  const pubsub = channels();
  const session = listener();
  for (let i = 0; i < 100; i++) {
    join(pubsub, session, 'channels', `c${i}`);
    join(pubsub, session, 'patterns', `p${i}*`);
    join(pubsub, session, 'shardChannels', `s${i}`);
  }
  const seen: string[] = [];
  pubsub.forEachOf(session, (name, isPattern) => seen.push(`${name} ${isPattern}`));
  assert.equal(seen.length, 300);
  assert.ok(seen.includes('p5* true') && seen.includes('s5 false'));
  assert.ok(pubsub.memoryOf(session) > 0);
  pubsub.unsubscribeAll(session);
  pubsub.unsubscribeAll(session);
  assert.equal(session.subscriptions, undefined);
  assert.deepEqual([...pubsub.names('channels')], []);
  assert.equal(pubsub.count('patterns') + pubsub.count('shardChannels'), 0);
  assert.equal(pubsub.memoryOf(session), 0);
});
