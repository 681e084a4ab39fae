import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestNode } from '../../../dispatch/dispatch-fixture.ts';
import { connectionCommands } from './connection-commands.ts';

/** The fixture's own short forms of these make room for the real ones. */
function newNode(): TestNode {
  const node = new TestNode();
  for (const { name } of connectionCommands) node.dispatcher.commands.rename(name, `test-${name}`);
  const own = new Set([...node.dispatcher.commands.aclCommands()].map(({ fullName }) => fullName));
  node.dispatcher.use(connectionCommands.filter(({ name }) => !own.has(name)));
  return node;
}

test('ECHO and QUIT', () => {
  const client = newNode().client();
  assert.equal(client.run('ECHO abc', 'QUIT', 'ECHO never'), '$3 abc +OK');
  assert.deepEqual(client.link.closes, ['afterReplies']);
});

test('HELLO agrees on the protocol and tells about the node', () => {
  const client = newNode().client();
  assert.equal(
    client.run('HELLO'),
    '*14 $6 server $5 redis $7 version $5 7.2.4 $5 proto :2 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0',
  );
  assert.match(client.run('HELLO 3 SETNAME me'), /^%7 .*\$5 proto :3 /);
  assert.equal(client.session.name, 'me');
  assert.equal(client.run('CLIENT GETNAME'), '$2 me');
  assert.match(client.run('HELLO 2'), /^\*14 /);
});

test('HELLO refuses what it does not understand, and changes nothing then', () => {
  const client = newNode().client();
  assert.equal(client.run('HELLO x'), '-ERR Protocol version is not an integer or out of range');
  assert.equal(client.run('HELLO 4'), '-NOPROTO unsupported protocol version');
  assert.equal(client.run('HELLO 3 AUTH a'), "-ERR Syntax error in HELLO option 'AUTH'");
  assert.equal(
    client.run('HELLO 3 SETNAME a\nb'),
    '-ERR Client names cannot contain spaces, newlines or special characters.',
  );
  assert.equal(client.session.resp, 2);
});

test('HELLO logs in, and without that says what is needed', () => {
  const node = newNode();
  node.dispatcher.acl.setDefaultPassword('pw');
  const client = node.client();
  assert.match(client.run('HELLO 3'), /^-NOAUTH HELLO must be called with the client already/);
  assert.match(client.run('HELLO 3 AUTH default no'), /^-WRONGPASS/);
  assert.match(client.run('HELLO 3 AUTH default pw'), /^%7 /);
});

test('RESET makes the connection new, but for the name of its library', () => {
  const node = newNode();
  const client = node.client();
  client.run('HELLO 3 SETNAME me', 'CLIENT SETINFO LIB-NAME lib', 'CLIENT NO-EVICT ON');
  client.run('CLIENT TRACKING ON', 'MULTI');
  client.session.select(5);
  assert.equal(client.run('CLIENT REPLY OFF', 'RESET'), '+QUEUED +RESET');
  client.run('CLIENT REPLY OFF');
  assert.equal(client.run('RESET'), '+RESET');
  const { session } = client;
  assert.deepEqual(
    [session.resp, session.name, session.libName, session.noEvict, session.dbIndex],
    [2, '', 'lib', false, 0],
  );
  assert.equal(session.transaction, undefined);
  assert.equal(session.tracking, undefined);
});

test('CLIENT names are plain text', () => {
  const client = newNode().client();
  assert.equal(client.run('CLIENT GETNAME'), '$-1');
  assert.equal(client.run('CLIENT SETNAME a', 'CLIENT GETNAME'), '+OK $1 a');
  assert.match(client.run('CLIENT SETNAME \x00'), /^-ERR Client names cannot contain/);
  assert.equal(client.run('CLIENT SETNAME ', 'CLIENT GETNAME'), '+OK $-1');
  assert.equal(client.run('CLIENT SETINFO LIB-VER 1.2'), '+OK');
  assert.equal(client.run('CLIENT SETINFO x y'), "-ERR Unrecognized option 'x'");
  assert.match(client.run('CLIENT SETINFO lib-name a\tb'), /^-ERR lib-name cannot contain spaces/);
});

test('CLIENT LIST prints the fields of Redis 7.2 in their order', () => {
  const node = newNode();
  const client = node.client();
  node.time.pass(3000);
  const [header, ...words] = client.run('CLIENT INFO').split(' ');
  assert.match(header, /^\$\d+$/);
  const fields = words.map((word) => word.split('=')[0]);
  assert.equal(
    fields.join(' ').trim(),
    'id addr laddr fd name age idle flags db sub psub ssub multi qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll omem tot-mem events cmd user redir resp lib-name lib-ver',
  );
  const line = words.join(' ');
  assert.match(line, /^id=1 addr=127\.0\.0\.1:50001 laddr=127\.0\.0\.1:6379 fd=8 name= age=3 /);
  assert.match(line, / flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=26 .* cmd=client\|info /);
});

test('CLIENT LIST filters, and shows what sessions are in the middle of', () => {
  const node = newNode();
  const [a, b, c] = [node.client(), node.client(), node.client()];
  b.run('bpop k 0');
  c.run('MULTI', 'len k');
  const lines = a
    .run('CLIENT LIST')
    .split('\n')
    .filter((line) => line !== '');
  assert.equal(lines.length, 3);
  assert.match(lines[1], / flags=b .* cmd=bpop /);
  assert.match(lines[2], / flags=x .* multi=1 .* cmd=len /);
  assert.match(a.run('CLIENT LIST ID 3 99 2'), /^\$\d+ id=3 .*\nid=2 /);
  assert.equal(a.run('CLIENT LIST TYPE pubsub'), '$0');
  assert.equal(a.run('CLIENT LIST TYPE x'), "-ERR Unknown client type 'x'");
  assert.equal(a.run('CLIENT LIST ID x'), '-ERR Invalid client ID');
  assert.equal(a.run('CLIENT LIST ID'), '-ERR syntax error');
});

test('CLIENT KILL selects in the old form and by filters', () => {
  const node = newNode();
  const [a, b, c, d] = [node.client(), node.client(), node.client(), node.client()];
  assert.equal(a.run('CLIENT KILL 127.0.0.1:1'), '-ERR No such client');
  assert.equal(a.run(`CLIENT KILL ${b.link.address}`), '+OK');
  assert.deepEqual(b.link.closes, ['now']);
  assert.equal(node.dispatcher.clients.byId(2), undefined);
  assert.equal(a.run('CLIENT KILL ID 3 TYPE pubsub'), ':0');
  assert.equal(a.run('CLIENT KILL ID 3 TYPE normal USER default SKIPME yes'), ':1');
  assert.deepEqual(c.link.closes, ['now']);
  assert.equal(a.run('CLIENT KILL ID 0'), '-ERR client-id should be greater than 0');
  assert.equal(a.run('CLIENT KILL USER nobody'), "-ERR No such user 'nobody'");
  assert.equal(a.run('CLIENT KILL SKIPME maybe'), '-ERR syntax error');
  assert.equal(a.run('CLIENT KILL ID 1 ADDR'), '-ERR syntax error');
  assert.equal(a.run('CLIENT KILL LADDR 127.0.0.1:6379 SKIPME no'), ':2');
  assert.deepEqual([a.link.closes, d.link.closes], [['afterReplies'], ['now']]);
});

test('CLIENT UNBLOCK ends a wait in either way, and only a wait', () => {
  const node = newNode();
  const [waiter, other] = [node.client(), node.client()];
  assert.equal(other.run('CLIENT UNBLOCK 1'), ':0');
  waiter.run('bpop k 0');
  assert.equal(other.run('CLIENT UNBLOCK 1 TIMEOUT'), ':1');
  assert.equal(waiter.read(), '*-1');
  waiter.run('bpop k 0');
  assert.equal(other.run('CLIENT UNBLOCK 1 ERROR'), ':1');
  assert.equal(waiter.read(), '-UNBLOCKED client unblocked via CLIENT UNBLOCK');
  assert.equal(
    other.run('CLIENT UNBLOCK 1 x'),
    '-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR',
  );
  assert.equal(other.run('CLIENT UNBLOCK x'), '-ERR value is not an integer or out of range');
  assert.match(other.run('CLIENT UNBLOCK 1 ERROR x'), /^-ERR unknown subcommand or wrong number/);
});

test('CLIENT PAUSE and UNPAUSE', () => {
  const node = newNode();
  const [client, admin] = [node.client(), node.client()];
  assert.equal(admin.run('CLIENT PAUSE x'), '-ERR timeout is not an integer or out of range');
  assert.equal(admin.run('CLIENT PAUSE -1'), '-ERR timeout is negative');
  assert.equal(admin.run('CLIENT PAUSE 9223372036854775807'), '-ERR timeout is out of range');
  assert.equal(admin.run('CLIENT PAUSE 1 x'), '-ERR CLIENT PAUSE mode must be WRITE or ALL');
  assert.equal(admin.run('CLIENT PAUSE 1000 WRITE'), '+OK');
  assert.equal(client.run('push k'), '');
  assert.equal(admin.run('CLIENT UNPAUSE'), '+OK');
  assert.equal(client.read(), ':1');
});

test('CLIENT REPLY switches replies off, on and for one command', () => {
  const node = newNode();
  const [client, pusher] = [node.client(), node.client()];
  assert.equal(client.run('CLIENT REPLY OFF', 'len k', 'CLIENT REPLY SKIP', 'len k'), '');
  assert.equal(client.run('CLIENT REPLY ON', 'len k'), '+OK :0');
  assert.equal(client.run('CLIENT REPLY SKIP', 'len k', 'len k'), ':0');
  assert.equal(client.run('CLIENT REPLY SKIP', 'nosuch', 'len k'), ':0');
  assert.equal(client.run('CLIENT REPLY SKIP', 'CLIENT REPLY SKIP', 'len k', 'len k'), ':0');
  assert.equal(client.run('CLIENT REPLY SKIP', 'bpop k 0'), '');
  pusher.run('push k');
  assert.equal(client.read(), '');
  assert.equal(client.run('len k'), ':0');
});

test('CLIENT HELP says how each subcommand is called', () => {
  const client = newNode().client();
  const help = client.run('client help');
  assert.match(
    help,
    /^\*\d+ \+CLIENT <subcommand> \[<arg> \[value\] \[opt\] \.\.\.\]\. Subcommands are: /,
  );
  assert.match(help, /\+PAUSE <timeout> \[WRITE\|ALL\] /);
  assert.match(help, /\+HELP \+ {4}Print this help\.$/);
});
