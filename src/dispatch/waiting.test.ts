import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestNode } from './dispatch-fixture.ts';

test('serves who waits in order of arrival, within the same turn', () => {
  const node = new TestNode();
  const [a, b, c, pusher] = [node.client(), node.client(), node.client(), node.client()];
  for (const client of [a, b, c]) assert.equal(client.run('bpop k 0'), '');
  assert.equal(node.dispatcher.blocking.count, 3);
  assert.equal(pusher.run('push k 1 2'), ':2');
  assert.deepEqual([a.read(), b.read(), c.read()], ['$1 k', '$1 k', '']);
  assert.equal(a.link.resumed, 1);
  assert.equal(c.link.resumed, 0);
  assert.equal(pusher.run('push k'), ':1');
  assert.equal(c.read(), '$1 k');
  assert.deepEqual(node.dispatcher.blocking.keyCounts(), { total: 0, onNoKey: 0 });
});

test('wakes only after the whole transaction, and not for what is gone by then', () => {
  const node = new TestNode();
  const [waiter, pusher] = [node.client(), node.client()];
  waiter.run('bpop k 0');
  assert.equal(pusher.run('MULTI', 'push k', 'del k', 'EXEC'), '+OK +QUEUED +QUEUED *2 :1 :1');
  assert.equal(waiter.read(), '');
  pusher.run('MULTI', 'push k', 'len k', 'EXEC');
  assert.equal(waiter.read(), '$1 k');
});

test('the time that a transaction took counts before anybody is woken', () => {
  const node = new TestNode();
  const [waiter, pusher] = [node.client(), node.client()];
  waiter.run('bpop k 0');
  const before = node.dispatcher.data.wallMs;
  pusher.run('MULTI', 'push k', 'slow 200000', 'EXEC');
  assert.ok(node.dispatcher.data.wallMs >= before + 200);
});

test('goes on through chains of waiters', () => {
  const node = new TestNode();
  const [mover, last, pusher] = [node.client(), node.client(), node.client()];
  last.run('bpop b 0');
  mover.run('bmove a b');
  pusher.run('push a');
  assert.equal(mover.read(), '$1 b');
  assert.equal(last.read(), '$1 b');
});

test('a session waits once for a key it names twice, and in one queue a key', () => {
  const node = new TestNode();
  const [waiter, pusher] = [node.client(), node.client()];
  waiter.run('bpop k j k 0');
  assert.equal(node.dispatcher.blocking.keyCounts().total, 2);
  pusher.run('push j');
  assert.equal(waiter.read(), '$1 j');
  assert.equal(node.dispatcher.blocking.keyCounts().total, 0);
});

test('times out at its deadline, with the rest of its time after a wake-up in vain', () => {
  const node = new TestNode();
  const [a, b, pusher] = [node.client(), node.client(), node.client()];
  a.run('bpop k 0');
  b.run('bpop k 100');
  node.time.pass(60);
  pusher.run('push k');
  assert.equal(a.read(), '$1 k');
  node.time.pass(39);
  assert.equal(b.read(), '');
  node.time.pass(1);
  assert.equal(b.read(), '*-1');
  assert.equal(b.link.resumed, 1);
  assert.equal(node.dispatcher.blocking.count, 0);
});

test('counts a command that waited as one call, when it is over', () => {
  const node = new TestNode();
  const [waiter, pusher] = [node.client(), node.client()];
  const entry = node.dispatcher.commands.byFullName('bpop');
  waiter.run('bpop k 0');
  assert.equal(entry?.calls, 0);
  pusher.run('push k');
  assert.equal(entry?.calls, 1);
  waiter.run('bpop k 5');
  node.time.pass(10);
  assert.equal(entry?.calls, 2);
});

test('answers at once inside a transaction', () => {
  const client = new TestNode().client();
  assert.equal(client.run('MULTI', 'bpop k 0', 'EXEC'), '+OK +QUEUED *1 *-1');
});

test('a wait can be ended either way, and only a wait', () => {
  const node = new TestNode();
  const { waiting } = node.dispatcher;
  const { session } = node.client();
  assert.equal(waiting.timeOut(session), false);
  const waiter = node.client();
  waiter.run('bpop k 0');
  assert.equal(waiting.timeOut(waiter.session), true);
  assert.equal(waiter.read(), '*-1');
  waiter.run('bpop k 0');
  assert.equal(waiting.endWithError(waiter.session, 'UNBLOCKED test'), true);
  assert.equal(waiter.read(), '-UNBLOCKED test');
  assert.equal(node.dispatcher.statistics.errors.get('UNBLOCKED'), 1);
});

test('a session that goes leaves no trace, and the next one is served', () => {
  const node = new TestNode();
  const [first, second, other] = [node.client(), node.client(), node.client()];
  first.run('bpop k 50');
  second.run('bpop k 0');
  first.session.closed();
  other.run('push k');
  assert.equal(second.read(), '$1 k');
  assert.equal(first.read(), '');
  node.time.pass(100);
  assert.equal(node.dispatcher.blocking.count, 0);
});

test('a change of role ends all waits', () => {
  const node = new TestNode();
  const waiter = node.client();
  waiter.run('bpop k 0');
  node.dispatcher.waiting.disconnectAll();
  assert.match(waiter.read(), /^-UNBLOCKED force unblock from blocking operation/);
  assert.deepEqual(waiter.link.closes, ['afterReplies']);
});

test('a pause makes writes wait and lets them through in order', () => {
  const node = new TestNode();
  const [a, b, admin] = [node.client(), node.client(), node.client()];
  assert.equal(admin.run('pause 1000 WRITE'), '+OK');
  assert.equal(a.run('push k'), '');
  assert.equal(b.run('push k'), '');
  assert.equal(b.session.blockedOn?.blocked.kind, 'postponed');
  assert.equal(admin.run('len k'), ':0');
  assert.equal(node.dispatcher.waiting.timeOut(a.session), false);
  assert.equal(admin.run('pause 0'), '+OK');
  assert.deepEqual([a.read(), b.read()], [':1', ':2']);
  assert.equal(a.link.resumed, 1);
});

test('a pause ends by itself, and a second one does not shorten or weaken it', () => {
  const node = new TestNode();
  const [client, admin] = [node.client(), node.client()];
  admin.run('pause 100 ALL');
  assert.equal(client.run('len k'), '');
  assert.equal(admin.run('PING'), '');
  node.time.pass(99);
  assert.equal(client.read(), '');
  node.time.pass(1);
  assert.equal(client.read(), ':0');
  assert.equal(admin.read(), '+OK');
  node.dispatcher.waiting.pause('failover', 'write', node.time.wallMs() + 50);
  admin.run('pause 20 WRITE');
  assert.equal(client.run('push k'), '');
  node.time.pass(30);
  assert.equal(client.read(), '');
  node.time.pass(30);
  assert.equal(client.read(), ':1');
});

test('a waiter that is woken during a pause is served when it is over', () => {
  const node = new TestNode();
  const [waiter, pusher] = [node.client(), node.client()];
  waiter.run('bpop k 0');
  assert.equal(pusher.run('MULTI', 'push k', 'pause 100 WRITE', 'EXEC').split(' ').at(-1), '+OK');
  assert.equal(waiter.read(), '');
  node.time.pass(100);
  assert.equal(waiter.read(), '$1 k');
});
