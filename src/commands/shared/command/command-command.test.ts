import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, keyAt } from '../../../dispatch/command.ts';
import { type TestClient, TestNode } from '../../../dispatch/dispatch-fixture.ts';
import { commandCommands } from './command-command.ts';

const sample: Command = {
  name: 'sample',
  summary: 'Does a thing.',
  since: '2.0.0',
  group: 'string',
  complexity: 'O(1)',
  arity: -3,
  flags: ['fast', 'write', 'may_replicate'],
  categories: ['string'],
  keys: [
    { ...keyAt(1, 'update', 'RW'), notes: 'A note.' },
    { flags: ['RO'], begin: { keyword: 'FROM', from: 2 }, find: { keynum: 0, first: 1, step: 1 } },
  ],
  syntax: 'key value... order=[ASC|DESC]@6.2.0',
  tips: ['nondeterministic_output'],
  history: [['3.0.0', 'Something more.']],
  deprecated: { since: '7.0.0', replacedBy: '`OTHER`' },
  run: (_session, _request, reply) => reply.ok(),
};

function newClient(): TestClient {
  return new TestNode([...commandCommands, sample]).client();
}

test('COMMAND INFO replies ten elements, null for what does not exist', () => {
  const client = newClient();
  client.session.resp = 3;
  assert.equal(
    client.run('COMMAND INFO nosuch sample'),
    [
      '*2 _ *10 $6 sample :-3 ~3 +write +fast +movablekeys :1 :1 :1',
      '~3 +@write +@string +@fast ~1 $23 nondeterministic_output ~2',
      '%4 $5 notes $7 A note. $5 flags ~2 +RW +update',
      '$12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :1',
      '$9 find_keys %2 $4 type $5 range $4 spec %3 $7 lastkey :0 $7 keystep :1 $5 limit :0',
      '%3 $5 flags ~1 +RO',
      '$12 begin_search %2 $4 type $7 keyword $4 spec %2 $7 keyword $4 FROM $9 startfrom :2',
      '$9 find_keys %2 $4 type $6 keynum $4 spec %3 $9 keynumidx :0 $8 firstkey :1 $7 keystep :1',
      '~0',
    ].join(' '),
  );
  assert.match(client.run('COMMAND INFO box'), / \*1 \*10 \$7 box\|one :2 ~1 \+fast :0 :0 :0 /);
  assert.match(client.run('COMMAND INFO box|one'), /^\*1 \*10 \$7 box\|one /);
});

test('COMMAND DOCS replies what there is, and leaves out unknown names', () => {
  const client = newClient();
  client.session.resp = 3;
  assert.equal(
    client.run('COMMAND DOCS nosuch sample'),
    [
      '%1 $6 sample %9 $7 summary $13 Does a thing. $5 since $5 2.0.0 $5 group $6 string',
      '$10 complexity $4 O(1) $9 doc_flags ~1 +deprecated $16 deprecated_since $5 7.0.0',
      '$11 replaced_by $7 `OTHER` $7 history ~1 *2 $5 3.0.0 $15 Something more.',
      '$9 arguments *3',
      '%4 $4 name $3 key $4 type $3 key $12 display_text $3 key $14 key_spec_index :0',
      '%4 $4 name $5 value $4 type $6 string $12 display_text $5 value $5 flags ~1 +multiple',
      '%5 $4 name $5 order $4 type $5 oneof $5 since $5 6.2.0 $5 flags ~1 +optional $9 arguments *2',
      '%4 $4 name $3 asc $4 type $10 pure-token $12 display_text $3 asc $5 token $3 ASC',
      '%4 $4 name $4 desc $4 type $10 pure-token $12 display_text $4 desc $5 token $4 DESC',
    ].join(' '),
  );
  assert.match(client.run('COMMAND DOCS box'), /\$11 subcommands %1 \$7 box\|one %/);
});

test('COMMAND COUNT and LIST with its filters', () => {
  const client = newClient();
  const all = client.run('COMMAND LIST');
  assert.match(all, /\$7 box\|one/);
  const count = Number(client.run('COMMAND COUNT').slice(1));
  assert.equal(Number(/^\*(\d+)/.exec(client.run('COMMAND'))?.[1]), count);
  assert.equal(client.run('COMMAND LIST FILTERBY PATTERN BOX*'), '*2 $3 box $7 box|one');
  assert.equal(client.run('COMMAND LIST FILTERBY MODULE x'), '*0');
  assert.equal(client.run('COMMAND LIST FILTERBY ACLCAT string'), '*1 $6 sample');
  assert.equal(client.run('COMMAND LIST FILTERBY ACLCAT nosuch'), '*0');
  assert.equal(client.run('COMMAND LIST FILTERBY x y'), '-ERR syntax error');
  assert.equal(client.run('COMMAND LIST FILTERBY PATTERN'), '-ERR syntax error');
});

test('COMMAND GETKEYS finds keys, or says why not', () => {
  const client = newClient();
  assert.equal(client.run('COMMAND GETKEYS sample a FROM 2 b c'), '*3 $1 a $1 b $1 c');
  assert.equal(client.run('COMMAND GETKEYSANDFLAGS sample a x'), '*1 *2 $1 a *2 +RW +update');
  assert.equal(client.run('COMMAND GETKEYS nosuch'), '-ERR Invalid command specified');
  assert.equal(client.run('COMMAND GETKEYS ping'), '-ERR The command has no key arguments');
  assert.equal(
    client.run('COMMAND GETKEYS sample'),
    '-ERR Invalid number of arguments specified for command',
  );
  assert.equal(
    client.run('COMMAND GETKEYS sample a FROM x'),
    '-ERR Invalid arguments specified for command',
  );
});
