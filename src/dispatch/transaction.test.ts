import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestNode } from './dispatch-fixture.ts';

test('queues after MULTI and runs all at EXEC, failures included', () => {
  const client = new TestNode().client();
  assert.equal(client.run('MULTI', 'push k', 'fail', 'push k'), '+OK +QUEUED +QUEUED +QUEUED');
  assert.equal(client.session.transaction?.queue.length, 3);
  assert.equal(client.run('EXEC'), '*3 :1 -WRONGTYPE it always fails :2');
  assert.equal(client.session.transaction, undefined);
});

test('queued requests are copies: the input they came in may change', () => {
  const client = new TestNode().client();
  client.run('MULTI');
  client.run('push abc');
  const { queue } = client.session.transaction ?? { queue: [] };
  client.session.request.buffer.fill(0);
  assert.equal(queue[0].request.text(1), 'abc');
});

test('a refusal while queueing aborts EXEC, and what follows is not kept', () => {
  for (const wrong of ['push', 'nosuch', 'box nosuch']) {
    const node = new TestNode();
    const client = node.client();
    client.run('MULTI', 'push k', wrong, 'push k');
    assert.equal(client.session.transaction?.queue.length, 1);
    assert.equal(
      client.run('EXEC'),
      '-EXECABORT Transaction discarded because of previous errors.',
    );
    assert.equal(node.data.lists.size, 0);
    assert.equal(client.run('MULTI', 'len k', 'EXEC'), '+OK +QUEUED *1 :0');
  }
});

test('a change of a watched key by anybody makes EXEC reply null, once', () => {
  const node = new TestNode();
  const [client, other] = [node.client(), node.client()];
  client.run('WATCH a b', 'MULTI', 'push k');
  other.run('push b');
  assert.equal(client.run('EXEC'), '*-1');
  assert.equal(client.run('MULTI', 'push k', 'EXEC'), '+OK +QUEUED *1 :1');
  client.run('WATCH a', 'push a', 'MULTI');
  assert.equal(client.run('EXEC'), '*-1');
  assert.equal(node.dispatcher.watches.watchedKeys, 0);
});

test('DISCARD and the end of the session forget the marks', () => {
  const node = new TestNode();
  const [a, b] = [node.client(), node.client()];
  a.run('WATCH k', 'MULTI', 'DISCARD');
  b.run('WATCH k');
  assert.equal(node.dispatcher.watches.watchedKeys, 1);
  b.session.closed();
  assert.equal(node.dispatcher.watches.watchedKeys, 0);
});

test('a watched key whose time runs out breaks the transaction', () => {
  const node = new TestNode();
  const client = node.client();
  client.run('push k', 'WATCH k', 'MULTI');
  node.data.expired.add('k');
  assert.equal(client.run('EXEC'), '*-1');
});

test('a key that was expired when it was watched may be removed, but not come back', () => {
  const node = new TestNode();
  const [client, other] = [node.client(), node.client()];
  client.run('push k');
  node.data.expired.add('k');
  client.run('WATCH k', 'MULTI', 'len k');
  node.data.lists.delete('k');
  node.data.expired.delete('k');
  node.changed(0, 'k');
  assert.equal(client.run('EXEC'), '*1 :0');
  other.run('push k');
  node.data.expired.add('k');
  client.run('WATCH k', 'MULTI');
  node.data.lists.delete('k');
  node.data.expired.delete('k');
  node.changed(0, 'k');
  other.run('push k');
  assert.equal(client.run('EXEC'), '*-1');
});

test('a flush touches the watched keys that are there', () => {
  const node = new TestNode();
  const [here, absent, client] = [node.client(), node.client(), node.client()];
  client.run('push here');
  here.run('WATCH here', 'MULTI');
  absent.run('WATCH absent', 'MULTI');
  node.dispatcher.watches.touchDatabase(0);
  node.data.lists.clear();
  assert.equal(here.run('EXEC'), '*-1');
  assert.equal(absent.run('EXEC'), '*0');
});
