import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionCommands } from '../commands/shared/connection/connection-commands.ts';
import { transactionsCommands } from '../commands/transactions/transactions-commands.ts';
import { TestNode } from './dispatch-fixture.ts';

function newNode(): TestNode {
  return new TestNode([...connectionCommands, ...transactionsCommands]);
}

test('serves who waits in order of arrival, within the same turn', () => {
  const node = newNode();
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
  const node = newNode();
  const [waiter, pusher] = [node.client(), node.client()];
  waiter.run('bpop k 0');
  assert.equal(pusher.run('MULTI', 'push k', 'del k', 'EXEC'), '+OK +QUEUED +QUEUED *2 :1 :1');
  assert.equal(waiter.read(), '');
  pusher.run('MULTI', 'push k', 'len k', 'EXEC');
  assert.equal(waiter.read(), '$1 k');
});

test('goes on through chains of waiters', () => {
  const node = newNode();
  const [mover, last, pusher] = [node.client(), node.client(), node.client()];
  last.run('bpop b 0');
  mover.run('bmove a b');
  pusher.run('push a');
  assert.equal(mover.read(), '$1 b');
  assert.equal(last.read(), '$1 b');
});

test('a session waits once for a key it names twice, and in one queue a key', () => {
  const node = newNode();
  const [waiter, pusher] = [node.client(), node.client()];
  waiter.run('bpop k j k 0');
  assert.equal(node.dispatcher.blocking.keyCounts().total, 2);
  pusher.run('push j');
  assert.equal(waiter.read(), '$1 j');
  assert.equal(node.dispatcher.blocking.keyCounts().total, 0);
});

test('times out at its deadline, with the rest of its time after a wake-up in vain', () => {
  const node = newNode();
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
  const node = newNode();
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
  const client = newNode().client();
  assert.equal(client.run('MULTI', 'bpop k 0', 'EXEC'), '+OK +QUEUED *1 *-1');
});

test('CLIENT UNBLOCK ends a wait in either way, and only a wait', () => {
  const node = newNode();
  const [waiter, other] = [node.client(), node.client()];
  const { id } = waiter.session;
  assert.equal(other.run(`CLIENT UNBLOCK ${id}`), ':0');
  waiter.run('bpop k 0');
  assert.equal(other.run(`CLIENT UNBLOCK ${id} TIMEOUT`), ':1');
  assert.equal(waiter.read(), '*-1');
  waiter.run('bpop k 0');
  assert.equal(other.run(`CLIENT UNBLOCK ${id} ERROR`), ':1');
  assert.equal(waiter.read(), '-UNBLOCKED client unblocked via CLIENT UNBLOCK');
  assert.equal(
    other.run(`CLIENT UNBLOCK ${id} x`),
    '-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR',
  );
  assert.equal(other.run('CLIENT UNBLOCK x'), '-ERR value is not an integer or out of range');
});

test('a session that goes leaves no trace, and the next one is served', () => {
  const node = newNode();
  const [first, second, other] = [node.client(), node.client(), node.client()];
  first.run('bpop k 50');
  second.run('bpop k 0');
  assert.equal(other.run(`CLIENT KILL ID ${first.session.id}`), ':1');
  other.run('push k');
  assert.equal(second.read(), '$1 k');
  assert.equal(first.read(), '');
  node.time.pass(100);
  assert.equal(node.dispatcher.blocking.count, 0);
});

test('a change of role ends all waits', () => {
  const node = newNode();
  const waiter = node.client();
  waiter.run('bpop k 0');
  node.dispatcher.waiting.disconnectAll();
  assert.match(waiter.read(), /^-UNBLOCKED force unblock from blocking operation/);
  assert.deepEqual(waiter.link.closes, ['afterReplies']);
});

test('a pause makes writes wait and lets them through in order', () => {
  const node = newNode();
  const [a, b, admin] = [node.client(), node.client(), node.client()];
  assert.equal(admin.run('CLIENT PAUSE 1000 WRITE'), '+OK');
  assert.equal(a.run('push k'), '');
  assert.equal(b.run('push k'), '');
  assert.equal(b.session.blockedOn?.blocked.kind, 'postponed');
  assert.equal(admin.run('len k'), ':0');
  assert.equal(admin.run(`CLIENT UNBLOCK ${a.session.id}`), ':0');
  assert.equal(admin.run('CLIENT UNPAUSE'), '+OK');
  assert.deepEqual([a.read(), b.read()], [':1', ':2']);
  assert.equal(a.link.resumed, 1);
});

test('a pause ends by itself, and a second one does not shorten or weaken it', () => {
  const node = newNode();
  const [client, admin] = [node.client(), node.client()];
  admin.run('CLIENT PAUSE 100 ALL');
  assert.equal(client.run('len k'), '');
  assert.equal(admin.run('PING'), '');
  node.time.pass(99);
  assert.equal(client.read(), '');
  node.time.pass(1);
  assert.equal(client.read(), ':0');
  assert.equal(admin.read(), '+PONG');
  node.dispatcher.waiting.pause('failover', 'write', node.time.wallMs() + 50);
  admin.run('CLIENT PAUSE 20 WRITE');
  assert.equal(client.run('push k'), '');
  node.time.pass(30);
  assert.equal(client.read(), '');
  node.time.pass(30);
  assert.equal(client.read(), ':1');
});

test('a waiter that is woken during a pause is served when it is over', () => {
  const node = newNode();
  const [waiter, pusher] = [node.client(), node.client()];
  waiter.run('bpop k 0');
  assert.equal(
    pusher.run('MULTI', 'push k', 'CLIENT PAUSE 100 WRITE', 'EXEC').split(' ').at(-1),
    '+OK',
  );
  assert.equal(waiter.read(), '');
  node.time.pass(100);
  assert.equal(waiter.read(), '$1 k');
});

test('CLIENT REPLY SKIP is about the command that follows, even if that one waits', () => {
  const node = newNode();
  const [waiter, pusher] = [node.client(), node.client()];
  assert.equal(waiter.run('CLIENT REPLY SKIP', 'bpop k 0'), '');
  pusher.run('push k');
  assert.equal(waiter.read(), '');
  assert.equal(waiter.run('len k'), ':0');
});
