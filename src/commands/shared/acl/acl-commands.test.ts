import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '../../../dispatch/command.ts';
import { key, keysToEnd } from '../../../dispatch/command.ts';
import { pubsubCommands } from '../pubsub/pubsub-commands.ts';
import { SharedFixture, testTransactions } from '../shared-fixture.ts';
import { aclCommands } from './acl-commands.ts';

const facts = { summary: '', since: '1.0.0', group: 'string' } as const;

/** Two commands with keys, and one to log in with. */
const others: readonly Command[] = [
  {
    ...facts,
    name: 'get',
    arity: 2,
    flags: ['readonly', 'fast'],
    categories: ['string'],
    keys: key('RO', 'access'),
    run: (_session, _request, reply) => reply.null(),
  },
  {
    ...facts,
    name: 'mget',
    arity: -2,
    flags: ['readonly', 'fast'],
    categories: ['string'],
    keys: keysToEnd(['RO', 'access']),
    run: (_session, _request, reply) => reply.null(),
  },
  {
    ...facts,
    name: 'auth',
    arity: 3,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth'],
    categories: ['connection'],
    run(session, request, reply) {
      const { acl } = session.dispatcher;
      const problem = acl.authenticate(session, request.text(1), request.bytes(2));
      if (problem === undefined) reply.ok();
      else reply.error(problem);
    },
  },
];

function node(): SharedFixture {
  return new SharedFixture([...others, ...aclCommands, ...pubsubCommands, ...testTransactions]);
}

/** Words sent one after the other by one client, and the reply to the last. */
const dialogues: readonly (readonly [lines: string[], reply: string])[] = [
  [['ACL WHOAMI'], '$7 default'],
  [['ACL USERS'], '*1 $7 default'],
  [['ACL SETUSER zoe', 'ACL SETUSER adam on', 'ACL USERS'], '*3 $4 adam $7 default $3 zoe'],
  [['ACL LIST'], '*1 $51 user default on nopass sanitize-payload ~* &* +@all'],
  [['ACL SETUSER a b'], "-ERR Error in ACL SETUSER modifier 'b': Syntax error"],
  [['ACL DELUSER default'], "-ERR The 'default' user cannot be removed"],
  [['ACL SETUSER a', 'ACL DELUSER a b'], ':1'],
  [['ACL GETUSER nobody'], '$-1'],
  [
    ['ACL SETUSER u on -@all +get &c %R~k (~x)', 'ACL GETUSER u'],
    '*12 $5 flags *2 $2 on $16 sanitize-payload $9 passwords *0 $8 commands $10 -@all +get $4 keys $4 %R~k $8 channels $2 &c $9 selectors *1 *6 $8 commands $5 -@all $4 keys $2 ~x $8 channels $0',
  ],
  [['ACL CAT nosuch'], "-ERR Unknown category 'nosuch'"],
  [['ACL CAT STRING'], '*2 $3 get $4 mget'],
  [
    ['ACL CAT a b'],
    "-ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.",
  ],
  [['ACL GENPASS 5'], '$2 aa'],
  [['ACL GENPASS'], `$64 ${'a'.repeat(64)}`],
  [
    ['ACL GENPASS 4097'],
    '-ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
  ],
  [['ACL GENPASS x'], '-ERR value is not an integer or out of range'],
  [['ACL HELP x'], "-ERR wrong number of arguments for 'acl|help' command"],
  [['ACL DRYRUN nobody get k'], "-ERR User 'nobody' not found"],
  [['ACL DRYRUN default nosuch k'], "-ERR Command 'nosuch' not found"],
  [['ACL DRYRUN default get'], "-ERR wrong number of arguments for 'get' command"],
  [['ACL DRYRUN default get k'], '+OK'],
  [
    ['ACL SETUSER u +get ~a', 'ACL DRYRUN u get b'],
    "$48 User u has no permissions to access the 'b' key",
  ],
  [
    ['ACL SETUSER u', 'ACL DRYRUN u acl list'],
    "$55 User u has no permissions to run the 'acl|list' command",
  ],
  [
    ['ACL SETUSER u +@all', 'ACL DRYRUN u publish b m'],
    "$52 User u has no permissions to access the 'b' channel",
  ],
  [['ACL LOG x'], '-ERR value is not an integer or out of range'],
  [['ACL LOG'], '*0'],
  [['ACL LOG RESET'], '+OK'],
  [['ACL SETUSER u on nopass +get', 'AUTH u x', 'GET k'], '-NOPERM No permissions to access a key'],
  [
    ['ACL SETUSER u on nopass', 'AUTH u x', 'GET k'],
    "-NOPERM User u has no permissions to run the 'get' command",
  ],
];

test('dialogues', () => {
  for (const [lines, reply] of dialogues) {
    const client = node().client();
    const replies = lines.map((line) => client.send(line));
    const lengths = (text: string): string => text.replace(/\$\d\d+/g, '$');
    assert.equal(lengths(replies.at(-1)!), lengths(reply), lines.join(' / '));
  }
});

test('GETUSER is a map with a set of flags in RESP3', () => {
  const client = node().client(3);
  assert.match(client.send('ACL GETUSER default'), /^%6 \$5 flags ~3 \$2 on \$6 nopass /);
  assert.equal(client.send('ACL GETUSER nobody'), '_');
});

test('the log names who, what and when', () => {
  const fixture = node();
  const [admin, client] = [fixture.client(), fixture.client()];
  admin.send('ACL SETUSER u on >pw +mget ~a');
  client.send('AUTH u wrong');
  client.send('AUTH u pw');
  client.send('MULTI');
  fixture.nowMs += 1500;
  assert.match(
    admin.send('ACL LOG 1'),
    /^\*1 \*20 \$5 count :1 \$6 reason \$7 command \$7 context \$8 toplevel \$6 object \$5 multi \$8 username \$1 u \$11 age-seconds \$3 1\.5 \$11 client-info \$\d+ id=2 .*cmd=multi.* \$8 entry-id :1 \$17 timestamp-created :1700000000000 \$22 timestamp-last-updated :1700000000000$/,
  );
  admin.send('ACL SETUSER u +multi');
  client.send('MULTI');
  client.send('MGET a b');
  assert.match(
    admin.send('ACL LOG 1'),
    /\$6 reason \$3 key \$7 context \$5 multi \$6 object \$1 b /,
  );
  assert.match(admin.send('ACL LOG -1'), /^\*0$/);
  assert.match(admin.send('ACL LOG'), /\$4 auth .* \$4 AUTH /);
});

test('rules that change between MULTI and EXEC hold in EXEC', () => {
  const fixture = node();
  const [admin, client] = [fixture.client(), fixture.client()];
  admin.send('ACL SETUSER u on nopass +@all ~*');
  client.send('AUTH u x');
  client.send('MULTI');
  client.send('GET k');
  admin.send('ACL SETUSER u -get');
  assert.equal(
    client.send('EXEC'),
    '*1 -NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to execute the command or subcommand',
  );
});

test('who deletes itself gets the reply, and what others hear is cut', () => {
  const fixture = node();
  const [admin, client, subscriber] = [fixture.client(), fixture.client(), fixture.client()];
  admin.send('ACL SETUSER u on nopass +@all ~* &c');
  client.send('AUTH u x');
  subscriber.send('AUTH u x');
  subscriber.send('SUBSCRIBE c');
  admin.send('ACL SETUSER u resetchannels');
  assert.equal(subscriber.closed, 'now');
  assert.equal(client.closed, 'no');
  assert.equal(client.send('ACL DELUSER u'), ':1');
  assert.equal(client.closed, 'after replies');
});

test('secrets in ACL SETUSER are redacted for the slowlog', () => {
  const fixture = node();
  fixture.settings.slowlogLogSlowerThan = 0;
  fixture.client().send('ACL SETUSER u >secret');
  const shown = fixture.dispatcher.slowlog.entries[0]?.args.map(String);
  assert.deepEqual(shown, ['ACL', 'SETUSER', '(redacted)', '(redacted)']);
});
