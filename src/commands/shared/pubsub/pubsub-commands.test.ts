import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monitorCommands } from '../monitor/monitor-commands.ts';
import { SharedFixture, testTransactions } from '../shared-fixture.ts';
import { pubsubCommands } from './pubsub-commands.ts';

function node(): SharedFixture {
  return new SharedFixture([...pubsubCommands, ...testTransactions, ...monitorCommands]);
}

test('each channel is confirmed with the number of subscriptions', () => {
  const client = node().client();
  assert.equal(
    client.send('SUBSCRIBE a b a'),
    '*3 $9 subscribe $1 a :1 *3 $9 subscribe $1 b :2 *3 $9 subscribe $1 a :2',
  );
  assert.equal(client.send('PSUBSCRIBE p*'), '*3 $10 psubscribe $2 p* :3');
  assert.equal(client.send('SSUBSCRIBE s'), '*3 $10 ssubscribe $1 s :1');
  assert.equal(
    client.send('UNSUBSCRIBE a x'),
    '*3 $11 unsubscribe $1 a :2 *3 $11 unsubscribe $1 x :2',
  );
  assert.equal(client.send('PUNSUBSCRIBE'), '*3 $12 punsubscribe $2 p* :1');
  assert.equal(client.send('UNSUBSCRIBE'), '*3 $11 unsubscribe $1 b :0');
  assert.equal(client.send('SUNSUBSCRIBE'), '*3 $12 sunsubscribe $1 s :0');
});

test('leaving without having joined is answered too', () => {
  const fixture = node();
  assert.equal(fixture.client().send('UNSUBSCRIBE'), '*3 $11 unsubscribe $-1 :0');
  assert.equal(fixture.client().send('PUNSUBSCRIBE'), '*3 $12 punsubscribe $-1 :0');
  assert.equal(fixture.client(3).send('SUNSUBSCRIBE'), '>3 $12 sunsubscribe _ :0');
});

test('RESP3 has pushes, and may do anything else meanwhile', () => {
  const client = node().client(3);
  assert.equal(client.send('SUBSCRIBE c'), '>3 $9 subscribe $1 c :1');
  assert.equal(client.send('PUBLISH c hello'), ':1 >3 $7 message $1 c $5 hello');
});

test('a subscribed RESP2 client may only subscribe further', () => {
  const client = node().client();
  client.send('SUBSCRIBE c');
  assert.equal(
    client.send('PUBLISH c m'),
    "-ERR Can't execute 'publish': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
  );
  client.send('UNSUBSCRIBE');
  assert.equal(client.send('PUBLISH c m'), ':0');
});

test('a message to oneself follows the reply of the whole transaction', () => {
  const client = node().client(3);
  client.send('SUBSCRIBE c');
  client.send('MULTI');
  client.send('PUBLISH c m');
  client.send('PUBLISH c n');
  assert.equal(client.send('EXEC'), '*2 :1 :1 >3 $7 message $1 c $1 m >3 $7 message $1 c $1 n');
});

test('SUBSCRIBE works inside MULTI, SSUBSCRIBE does not', () => {
  const client = node().client(3);
  client.send('MULTI');
  client.send('SUBSCRIBE c');
  client.send('SSUBSCRIBE s');
  assert.equal(
    client.send('EXEC'),
    "*2 >3 $9 subscribe $1 c :1 -ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client",
  );
});

test('confirmations and messages come even when replies are switched off', () => {
  const fixture = node();
  const client = fixture.client(3);
  client.session.reply.suppressed = true;
  assert.equal(client.send('SUBSCRIBE c'), '>3 $9 subscribe $1 c :1');
  assert.equal(client.send('PUBLISH c m'), '>3 $7 message $1 c $1 m');
  assert.equal(client.session.reply.suppressed, true);
});

test('PUBSUB tells who listens to what', () => {
  const fixture = node();
  const [one, two, asking] = [fixture.client(), fixture.client(), fixture.client()];
  one.send('SUBSCRIBE news x');
  two.send('SUBSCRIBE news');
  two.send('PSUBSCRIBE n* m*');
  two.send('SSUBSCRIBE shard');
  assert.equal(asking.send('PUBSUB NUMSUB news x none'), '*6 $4 news :2 $1 x :1 $4 none :0');
  assert.equal(asking.send('PUBSUB NUMSUB'), '*0');
  assert.equal(asking.send('PUBSUB NUMPAT'), ':2');
  assert.equal(asking.send('PUBSUB CHANNELS n*'), '*1 $4 news');
  assert.match(asking.send('PUBSUB CHANNELS'), /^\*2 /);
  assert.equal(asking.send('PUBSUB SHARDCHANNELS'), '*1 $5 shard');
  assert.equal(asking.send('PUBSUB SHARDNUMSUB shard news'), '*4 $5 shard :1 $4 news :0');
  assert.match(asking.send('pubsub help'), /^\*13 \+PUBSUB <subcommand>/);
  assert.equal(
    asking.send('PUBSUB CHANNELS a b'),
    "-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.",
  );
  assert.equal(asking.send('PUBLISH news m'), ':3');
  assert.equal(asking.send('SPUBLISH shard m'), ':1');
  assert.equal(
    two.received(),
    '*3 $7 message $4 news $1 m *4 $8 pmessage $2 n* $4 news $1 m *3 $8 smessage $5 shard $1 m',
  );
});

test('the dispatcher drops what a session that ends listened to', () => {
  const fixture = node();
  const client = fixture.client();
  client.send('SUBSCRIBE a');
  client.session.closed();
  assert.equal(fixture.client().send('PUBLISH a m'), ':0');
});

test('MONITOR shows what others do, once asked for, and not what is administrative', () => {
  const fixture = node();
  const [watcher, client] = [fixture.client(), fixture.client()];
  client.send('PUBLISH a b');
  assert.equal(watcher.send('MONITOR'), '+OK');
  assert.equal(watcher.send('MONITOR'), '');
  client.send('PUBLISH a b');
  client.send('MONITOR');
  assert.equal(watcher.received(), '+1700000000.000000 [0 127.0.0.1:5000] "PUBLISH" "a" "b"');
});
