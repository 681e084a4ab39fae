import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Restriction } from './admission.ts';
import { TestNode } from './dispatch-fixture.ts';
import { commandStatsLines, errorStatsLines } from './statistics.ts';

test('says what is wrong with a command that cannot run', () => {
  const client = new TestNode().client();
  assert.equal(
    client.run('nosuch a b\rc'),
    "-ERR unknown command 'nosuch', with args beginning with: 'a' 'b c'",
  );
  assert.equal(client.run('box nosuch'), "-ERR unknown subcommand 'nosuch'. Try BOX HELP.");
  assert.equal(client.run('box'), "-ERR wrong number of arguments for 'box' command");
  assert.equal(client.run('Box One x'), "-ERR wrong number of arguments for 'box|one' command");
  assert.equal(client.run('Box One'), '+ONE');
  assert.equal(client.run('PuSh'), "-ERR wrong number of arguments for 'push' command");
});

test('cuts the text about an unknown command at 128 bytes each', () => {
  const client = new TestNode().client();
  const long = 'x'.repeat(200);
  const cut = 'x'.repeat(128);
  assert.equal(
    client.run(`${long} ${long} b`),
    `-ERR unknown command '${cut}', with args beginning with: '${cut}'`,
  );
  // The space that ends the list is cut off by the fixture; the second argument has no room.
  assert.equal(
    client.run(`z ${'y'.repeat(120)} abcdefgh`),
    `-ERR unknown command 'z', with args beginning with: '${'y'.repeat(120)}' 'abcde'`,
  );
});

test('closes connections that speak HTTP, and logs it at most once a minute', () => {
  const node = new TestNode();
  const client = node.client();
  assert.equal(client.run('POST / HTTP/1.1', 'push k'), '');
  assert.deepEqual(client.link.closes, ['now']);
  node.client().run('Host: example');
  assert.equal(node.warnings.length, 1);
  assert.match(
    node.warnings[0],
    /^Possible SECURITY ATTACK detected.*127\.0\.0\.1:50001 aborted\.$/,
  );
  node.time.pass(60_000);
  node.client().run('post');
  assert.equal(node.warnings.length, 2);
  assert.equal(node.data.lists.size, 0);
});

test('wants a password before anything but what leads to one', () => {
  const node = new TestNode();
  node.dispatcher.acl.setDefaultPassword('secret');
  const client = node.client();
  assert.equal(client.run('len k'), '-NOAUTH Authentication required.');
  assert.equal(client.run('nosuch'), "-ERR unknown command 'nosuch', with args beginning with:");
  assert.equal(client.run('len'), "-ERR wrong number of arguments for 'len' command");
  assert.match(client.run('AUTH default wrong'), /^-WRONGPASS /);
  assert.equal(client.run('AUTH default secret', 'len k'), '+OK :0');
});

test('asks the access rules of restricted users, once more at EXEC', () => {
  const node = new TestNode();
  const { acl } = node.dispatcher;
  acl.setUser('bob', ['on', '>pw', '~a*', '+@all']);
  const client = node.client();
  client.run('AUTH bob pw');
  assert.equal(client.run('push a1'), ':1');
  assert.equal(client.run('push b1'), '-NOPERM No permissions to access a key');
  client.run('MULTI', 'push a2');
  acl.setUser('bob', ['-push']);
  assert.match(client.run('EXEC'), /^\*1 -NOPERM ACLs rules changed between/);
});

test('counts calls, refusals and failures as Redis does', () => {
  const node = new TestNode();
  const client = node.client();
  client.run('push k', 'push', 'fail', 'nosuch', 'MULTI', 'fail', 'fail', 'EXEC');
  const lines = commandStatsLines(node.dispatcher.commands.all());
  const line = (name: string) => lines.find((text) => text.startsWith(`cmdstat_${name}:`)) ?? '';
  assert.match(line('push'), /calls=1,.*rejected_calls=1,failed_calls=0$/);
  assert.match(line('fail'), /calls=3,.*rejected_calls=0,failed_calls=3$/);
  assert.match(line('exec'), /calls=1,.*rejected_calls=0,failed_calls=0$/);
  assert.deepEqual(errorStatsLines(node.dispatcher.statistics), [
    'errorstat_ERR:count=2',
    'errorstat_WRONGTYPE:count=3',
  ]);
  assert.equal(node.dispatcher.statistics.errorReplies, 5);
  assert.equal(node.dispatcher.statistics.commandsProcessed, 6);
});

test('keeps the number of error codes bounded', () => {
  const { statistics } = new TestNode().dispatcher;
  for (let i = 0; i < 1000; i++) statistics.countError(`CODE${i} text`);
  assert.ok(statistics.errors.size <= 129);
  assert.equal(statistics.errors.get('ERRORSTATS_OVERFLOW'), 1000 - 128);
});

test('times what can be slow, and everything when the slowlog asks for it', () => {
  const node = new TestNode();
  const client = node.client();
  client.run('slow 9000', 'len k', 'slow 20000', 'slow 500');
  const { slowlog, commands } = node.dispatcher;
  assert.deepEqual(
    slowlog.entries.map(({ us, args }) => [us, args.join(' ')]),
    [[20_000, 'slow 20000']],
  );
  assert.equal(commands.byFullName('slow')?.usec, 29_500);
  node.settings.slowlogLogSlowerThan = 0;
  client.run('len k');
  assert.equal(slowlog.entries[0].args.join(' '), 'len k');
  node.settings.slowlogLogSlowerThan = -1;
  client.run('slow 50000');
  assert.equal(slowlog.entries[0].args.join(' '), 'len k');
});

test('bounds slowlog entries and hides secrets', () => {
  const node = new TestNode();
  node.settings.slowlogLogSlowerThan = 0;
  node.settings.slowlogMaxLen = 2;
  const client = node.client();
  client.run(`push k ${'x'.repeat(200)}`);
  const [entry] = node.dispatcher.slowlog.entries;
  assert.equal(String(entry.args[2]), `${'x'.repeat(128)}... (72 more bytes)`);
  client.run(`push k${' y'.repeat(40)}`);
  const { args } = node.dispatcher.slowlog.entries[0];
  assert.equal(args.length, 32);
  assert.equal(String(args[31]), '... (11 more arguments)');
  client.run('AUTH u p');
  assert.deepEqual(node.dispatcher.slowlog.entries[0].args.map(String), [
    'AUTH',
    'u',
    '(redacted)',
  ]);
  assert.equal(node.dispatcher.slowlog.entries.length, 2);
});

test('remembers latency spikes, one a second', () => {
  const node = new TestNode();
  node.settings.latencyMonitorThreshold = 10;
  const client = node.client();
  client.run('slow 15000', 'slow 30000', 'slow 5000');
  const event = node.dispatcher.latency.events.get('command');
  assert.equal(event?.maxMs, 30);
  assert.deepEqual(
    event?.samples.map(({ ms }) => ms),
    [30],
  );
});

test('refuses by the state of the node, in the order of Redis', () => {
  const node = new TestNode();
  const { dispatcher } = node;
  const client = node.client();
  const cases: readonly (readonly [number, string, RegExp])[] = [
    [Restriction.loading, 'len k', /^-LOADING /],
    [Restriction.stale, 'len k', /^-MASTERDOWN /],
    [Restriction.readOnly, 'push k', /^-READONLY /],
    [Restriction.fewReplicas, 'push k', /^-NOREPLICAS /],
    [Restriction.diskError, 'push k', /^-MISCONF test$/],
    [Restriction.diskError, 'ping', /^-MISCONF test$/],
    [Restriction.busy, 'len k', /^-BUSY /],
    [Restriction.memory, 'push k', /^-OOM /],
    [Restriction.readOnly | Restriction.fewReplicas, 'push k', /^-NOREPLICAS /],
    [Restriction.loading | Restriction.readOnly, 'push k', /^-READONLY /],
  ];
  dispatcher.diskErrorText = 'MISCONF test';
  dispatcher.makeRoom = () => false;
  for (const [bits, line, expected] of cases) {
    dispatcher.restrict(bits, true);
    assert.match(client.run(line), expected, line);
    dispatcher.restrict(bits, false);
  }
  dispatcher.restrict(Restriction.readOnly | Restriction.memory, true);
  assert.equal(client.run('len k'), ':0');
  // Inside MULTI even a read takes memory, the queue's.
  assert.match(client.run('MULTI', 'len k'), /^\+OK -OOM /);
  assert.equal(client.run('DISCARD'), '+OK');
});

test('EXEC is refused for what is in its queue', () => {
  const node = new TestNode();
  const client = node.client();
  client.run('MULTI', 'push k');
  node.dispatcher.restrict(Restriction.readOnly, true);
  assert.equal(
    client.run('EXEC'),
    "-EXECABORT Transaction discarded because of: READONLY You can't write against a read only replica.",
  );
  assert.equal(client.session.transaction, undefined);
});

test('a RESP2 session that is subscribed may do little else', () => {
  const node = new TestNode();
  const client = node.client();
  const name = Buffer.from('news');
  node.dispatcher.pubsub.subscribe(client.session, 'channels', name, 0, name.length);
  assert.match(client.run('len k'), /^-ERR Can't execute 'len': only \(P\|S\)SUBSCRIBE/);
  assert.match(client.run('box one'), /^-ERR Can't execute 'box\|one'/);
  assert.equal(client.run('PING'), '+OK');
  client.session.resp = 3;
  assert.equal(client.run('len k'), ':0');
});

test('a message to oneself follows the reply', () => {
  const node = new TestNode();
  const client = node.client();
  const { dispatcher } = node;
  dispatcher.use([
    {
      name: 'shout',
      summary: 'For tests.',
      since: '1.0.0',
      group: 'pubsub',
      arity: 1,
      flags: [],
      run(session, _request, reply) {
        dispatcher.deliver(session, Buffer.from('>1\r\n'));
        reply.ok();
      },
    },
  ]);
  assert.equal(
    client.run('MULTI', 'shout', 'shout', 'EXEC'),
    '+OK +QUEUED +QUEUED *2 +OK +OK >1 >1',
  );
});

test('monitors see a command that waits once, and what a transaction runs', () => {
  const node = new TestNode();
  const [watcher, client, pusher] = [node.client(), node.client(), node.client()];
  node.dispatcher.monitors.add(watcher.session);
  const seen = () => watcher.read().replaceAll(/\+\S+ \[0 \S+\] /g, '');
  client.run('bpop k 0');
  assert.equal(seen(), '"bpop" "k" "0"');
  pusher.run('push k');
  assert.equal(seen(), '"push" "k"');
  client.run('MULTI', 'len k', 'EXEC');
  assert.equal(seen(), '"MULTI" "len" "k" "EXEC"');
  client.run('AUTH default secret');
  assert.equal(seen(), '"AUTH" "default" "(redacted)"');
});

test('shares the time of a chunk among the commands that have no clock of their own', () => {
  const node = new TestNode();
  const { dispatcher, time } = node;
  dispatcher.use([
    {
      name: 'step',
      summary: 'For tests.',
      since: '1.0.0',
      group: 'generic',
      complexity: 'O(1)',
      arity: 1,
      flags: ['fast'],
      run(_session, _request, reply) {
        time.nowUs += 10;
        reply.ok();
      },
    },
  ]);
  const client = node.client();
  const step = dispatcher.commands.byFullName('step');
  client.run('step', 'slow 500', 'len k', 'step');
  assert.ok(Math.abs((step?.usec ?? 0) - 2 * (20 / 3)) < 0.001, `${step?.usec}`);
  // Of small chunks few are measured; what is told of the others comes near it.
  for (let i = 0; i < 1000; i++) client.run('step');
  const each = (step?.usec ?? 0) / (step?.calls ?? 1);
  assert.ok(each > 9 && each <= 10, `${each}`);
  assert.equal(step?.latency?.total, 1002);
});
