import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Request } from '../../protocol/request.ts';
import type { AclFile } from './acl-file.ts';
import { type TestNode, testNode } from './acl-fixture.ts';
import { AclVerdict } from './acl-selector.ts';

function withUser(rules: string, name = 'u'): TestNode {
  const node = testNode();
  assert.equal(node.acl.setUser(name, rules.split(' ')), undefined);
  return node;
}

const NO_KEY = 'NOPERM No permissions to access a key';
const NO_CHANNEL = 'NOPERM No permissions to access a channel';
const noCommand = (name: string): string =>
  `NOPERM User u has no permissions to run the '${name}' command`;

/** A user's rules, what it sends, and the answer. */
const checks: readonly (readonly [rules: string, words: string, answer: string])[] = [
  ['-@all ~*', 'get k', noCommand('get')],
  ['-@all ~*', 'auth x', 'OK'],
  ['+get ~a*', 'get abc', 'OK'],
  ['+get ~a*', 'get b', NO_KEY],
  ['+@all ~a', 'mget a a', 'OK'],
  ['+@all ~a', 'mget a b', NO_KEY],
  ['+@all %R~a', 'get a', 'OK'],
  ['+@all %R~a', 'set a v', NO_KEY],
  ['+@all %W~a', 'set a v', 'OK'],
  ['+@all %W~a', 'set a v GET', NO_KEY],
  ['+@all %W~a', 'strlen a', 'OK'],
  ['+@all %R~r %W~w', 'copy r w', 'OK'],
  ['+@all %R~r %W~w', 'copy w r', NO_KEY],
  ['(%R~r +@all) (%W~w +@all)', 'copy r w', NO_KEY],
  ['+@write ~w (+@read ~r)', 'get r', 'OK'],
  ['+@write ~w (+@read ~r)', 'set w v', 'OK'],
  ['+@write ~w (+@read ~r)', 'get w', NO_KEY],
  ['+@write ~w (+@read ~r)', 'ping', noCommand('ping')],
  ['+@read ~*', 'eval_ro x 0', noCommand('eval_ro')],
  ['+config -config|set', 'config get x', 'OK'],
  ['+config -config|set', 'config set x y', noCommand('config|set')],
  ['+@all -client +client|id ~*', 'client id', 'OK'],
  ['+@all -client +client|id ~*', 'client list', noCommand('client|list')],
  ['+select|0', 'select 0', 'OK'],
  ['+select|0', 'select 1', noCommand('select')],
  ['+select|0', 'select', noCommand('select')],
  ['+debug|Object', 'debug OBJECT k', 'OK'],
  ['+select|0 +select -select', 'select 0', noCommand('select')],
  ['+@pubsub &foo:1 &bar:*', 'publish foo:1 m', 'OK'],
  ['+@pubsub &foo:1 &bar:*', 'publish bar:x m', 'OK'],
  ['+@pubsub &foo:1 &bar:*', 'publish zap m', NO_CHANNEL],
  ['+@pubsub &foo:1 &bar:*', 'spublish zap m', NO_CHANNEL],
  ['+@pubsub &foo:1 &bar:*', 'publish foo:1 zap', 'OK'],
  ['+@pubsub &foo:1 &bar:*', 'subscribe foo:1 zap', NO_CHANNEL],
  ['+@pubsub &foo:1 &bar:*', 'psubscribe bar:*', 'OK'],
  ['+@pubsub &foo:1 &bar:*', 'psubscribe bar:baz', NO_CHANNEL],
  ['+@pubsub &foo:1 &bar:*', 'unsubscribe zap', 'OK'],
  ['+@all allkeys', 'publish c m', NO_CHANNEL],
];

test('a command runs when one selector allows all of it', () => {
  for (const [rules, words, answer] of checks) {
    assert.equal(withUser(rules).run('u', ...words.split(' ')), answer, `${rules}: ${words}`);
  }
});

test('only who may do everything is unrestricted', () => {
  const { acl } = withUser('+@all ~* &*');
  assert.equal(acl.defaultUser.unrestricted, true);
  assert.equal(acl.user('u')?.unrestricted, true);
  acl.setUser('u', ['-get', '+get']);
  assert.equal(acl.user('u')?.unrestricted, false);
  acl.setUser('u', ['(+@all ~* &*)']);
  assert.equal(acl.user('u')?.unrestricted, true);
  acl.setUser('u', ['clearselectors']);
  assert.equal(acl.user('u')?.unrestricted, false);
});

test('the argument to blame is the last one that no selector could match', () => {
  const { acl, table } = withUser('+mget ~key (+mget ~key ~otherkey)');
  const blamed = (words: string[]): string => {
    const request = Request.of(words);
    const decision = acl.user('u')!.check(table.lookup(request)!, request);
    assert.equal(decision.verdict, AclVerdict.key);
    return request.text(decision.position);
  };
  assert.equal(blamed(['mget', 'otherkey', 'someotherkey']), 'someotherkey');
  assert.equal(blamed(['mget', 'key', 'otherkey', 'someotherkey']), 'someotherkey');
});

test('access to keys that no argument names needs a pattern for all of them', () => {
  const request = Request.of(['get', 'k']);
  for (const [rules, allowed] of [
    ['+get ~k', false],
    ['+get ~k ~v*', false],
    ['+get ~k %W~*', false],
    ['+get ~k %R~*', true],
    ['+get ~*', true],
  ] as const) {
    const { acl, table } = withUser(rules);
    const entry = table.lookup(request)!;
    assert.equal(acl.user('u')?.allowsWithAnyKey(entry, request, 1), allowed, rules);
  }
});

test('logging in needs a user that is on and one of its passwords', () => {
  const { acl, ...node } = withUser('on >one >two');
  const session = node.login('default');
  const logIn = (name: string, password: string): string | undefined => {
    session.request = Request.of(['AUTH', name, password]);
    return acl.authenticate(session, name, Buffer.from(password));
  };
  const wrong = 'WRONGPASS invalid username-password pair or user is disabled.';
  assert.equal(logIn('u', 'three'), wrong);
  assert.equal(logIn('nobody', 'one'), wrong);
  assert.equal(session.user, acl.defaultUser);
  assert.equal(logIn('u', 'two'), undefined);
  assert.equal(session.user, acl.user('u'));
  acl.setUser('u', ['off']);
  assert.equal(logIn('u', 'two'), wrong);
  acl.setUser('u', ['on', 'nopass']);
  assert.equal(logIn('u', 'anything'), undefined);
  assert.equal(acl.log.denied.auth, 3);
  assert.equal(acl.log.entries[0].object, 'AUTH');
});

test('requirepass is the password of the default user', () => {
  const { acl } = testNode();
  assert.equal(acl.authRequired(), false);
  acl.setDefaultPassword('secret');
  assert.equal(acl.authRequired(), true);
  assert.equal(acl.defaultUserHasPassword(), true);
  assert.equal(acl.defaultUser.allowsPassword(Buffer.from('secret')), true);
  acl.setDefaultPassword('other');
  assert.equal(acl.defaultUser.passwords.length, 1);
  acl.setDefaultPassword(undefined);
  assert.equal(acl.authRequired(), false);
  acl.setUser('default', ['off']);
  assert.equal(acl.authRequired(), true);
});

test('refusals of a queued command and of a script have texts of their own', () => {
  const { acl, table, ...node } = withUser('-@all');
  const session = node.login('u');
  const request = Request.of(['get', 'k']);
  const entry = table.lookup(request)!;
  assert.equal(
    acl.deny(session, entry, request, 'exec'),
    'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to execute the command or subcommand',
  );
  assert.equal(acl.log.entries[0].context, 'multi');
  assert.equal(
    acl.deny(session, entry, request, 'lua'),
    "ERR ACL failure in script: User u has no permissions to run the 'get' command",
  );
  assert.equal(acl.log.entries[0].context, 'lua');
});

test('similar refusals within a minute are one entry, and the log is bounded', () => {
  const node = withUser('-@all');
  const { acl } = node;
  for (let i = 0; i < 3; i++) {
    node.run('u', 'get', 'k');
    node.nowMs += 10;
  }
  assert.equal(acl.log.entries.length, 1);
  const [entry] = acl.log.entries;
  assert.deepEqual(
    [entry.count, entry.id, entry.createdMs, entry.updatedMs, entry.clientInfo],
    [3, 0, 1_000_000, 1_000_020, 'cmd=get'],
  );
  node.nowMs += 60_001;
  node.run('u', 'get', 'k');
  assert.deepEqual(
    acl.log.entries.map(({ id }) => id),
    [1, 0],
  );
  node.settings.acllogMaxLen = 2;
  node.run('u', 'ping');
  assert.deepEqual(
    acl.log.entries.map(({ object }) => object),
    ['ping', 'get'],
  );
  assert.equal(acl.log.denied.command, 5);
  acl.log.clear();
  assert.equal(acl.log.entries.length, 0);
});

test('the keys and channels of refusals are logged by name', () => {
  const node = withUser('+@all ~a &c');
  node.run('u', 'get', 'secret');
  node.run('u', 'publish', 'channel', 'm');
  const seen = node.acl.log.entries.map(({ reason, object }) => `${reason} ${object}`);
  assert.deepEqual(seen, ['channel channel', 'key secret']);
});

test('deleting a user ends its sessions, the one that asks after its reply', () => {
  const { acl, ...node } = withUser('on nopass');
  const [one, two, other] = ['u', 'u', 'default'].map((name) => node.login(name));
  assert.equal(acl.deleteUsers(['u', 'nobody', 'default'], one), 1);
  assert.deepEqual([one.ended, two.ended, other.ended], ['after reply', 'now', 'no']);
  assert.equal(two.user, acl.defaultUser);
  assert.equal(two.authenticated, false);
  assert.equal(acl.user('u'), undefined);
});

/** Channel rules before and after, what the session listens to, and whether it survives. */
const restrictions: readonly (readonly [string, string, string[], boolean])[] = [
  ['&foo:1', 'resetchannels', ['foo:1'], false],
  ['&bar:*', 'resetchannels', ['*bar'], false],
  ['&*', 'resetchannels', ['foo'], false],
  ['&*', 'resetchannels &foo', ['foo'], true],
  ['&*', 'resetchannels &f*', ['*f'], false],
  ['&foo &bar', 'resetchannels &foo &bar &more', ['foo'], true],
  ['&foo', 'resetchannels allchannels', ['foo'], true],
  ['&foo', 'resetchannels &bar (&foo)', ['foo'], true],
];

test('who listens to what it may no longer hear is disconnected', () => {
  for (const [before, after, listens, survives] of restrictions) {
    const { acl, ...node } = withUser(`on ${before}`);
    const session = node.login('u');
    session.listens = listens;
    const silent = node.login('u');
    acl.setUser('u', after.split(' '));
    assert.equal(session.ended, survives ? 'no' : 'now', `${before} -> ${after}`);
    assert.equal(silent.ended, 'no');
  }
});

test('users of the configuration replace the default one and are told when wrong', () => {
  const { acl, logged } = testNode();
  assert.equal(acl.declareUser(['default', 'on', 'nopass', '~*', '+@all']), undefined);
  assert.equal(acl.declareUser(['bob', '+get']), undefined);
  assert.match(acl.declareUser(['bob', '+get'])!, /Duplicate user found/);
  assert.match(acl.declareUser(['x', 'blue'])!, /'blue': Syntax error/);
  assert.equal(acl.loadAtStart(), true);
  assert.deepEqual(acl.descriptions(), [
    'bob off sanitize-payload resetchannels -@all +get',
    'default on nopass sanitize-payload ~* resetchannels +@all',
  ]);
  assert.match(logged[0], /^notice The user 'bob' is disabled/);
  acl.declareUser(['eve', '+nosuch']);
  assert.equal(acl.loadAtStart(), false);
  assert.equal(logged.at(-1), 'warning Critical error while loading ACLs. Exiting.');
  assert.match(
    logged.at(-2)!,
    /Error loading ACL rule '\+nosuch' for the user named 'eve': Unknown command/,
  );
});

function memoryFile(text: string): AclFile & { text: string } {
  const file = {
    path: 'users.acl',
    text,
    read: () => ({ text: file.text }),
    replace: (next: string) => {
      file.text = next;
      return undefined;
    },
  };
  return file;
}

test('a file is loaded as a whole, and its sessions but the default ones end', () => {
  const file = memoryFile('\nuser alice on nopass ~* &* +@all\n\nuser bob off (+get ~b)\n');
  const { acl, ...node } = testNode(file);
  acl.setUser('default', ['-get']);
  acl.setUser('alice', ['on']);
  const [alice, anybody] = ['alice', 'default'].map((name) => node.login(name));
  assert.equal(acl.load(alice), undefined);
  assert.deepEqual(
    acl.users().map(({ name }) => name),
    ['alice', 'bob', 'default'],
  );
  assert.deepEqual([alice.ended, anybody.ended], ['after reply', 'no']);
  // Not in the file: as a new node has it, in the same object.
  assert.equal(acl.defaultUser.unrestricted, true);
  assert.equal(anybody.user, acl.user('default'));
  const before = acl.descriptions();
  assert.equal(acl.save(), undefined);
  assert.equal(acl.load(), undefined);
  assert.deepEqual(acl.descriptions(), before);
});

const END =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed';

/** Files with errors, and ACL LOAD's text. */
const wrongFiles: readonly (readonly [text: string, problem: string])[] = [
  ['# comment', 'users.acl:1 should start with user keyword followed by the username. '],
  ['\nuser', 'users.acl:2 should start with user keyword followed by the username. '],
  ['user a\tb on', "'users.acl:1: username 'a\tb' contains invalid characters. "],
  ['user a on\nuser a off', "WARNING: Duplicate user 'a' found on line 2. "],
  ['user a blue >x green', 'users.acl:1: Syntax error. '],
  [
    'user a +nosuch blue +none',
    "users.acl:1: Error in applying operation '+nosuch': Unknown command or category name in ACL. users.acl:1: Syntax error. users.acl:1: Error in applying operation '+none': Unknown command or category name in ACL. ",
  ],
  ['user a (+get', 'users.acl:1: Unmatched parenthesis in selector definition.'],
];

test('a file with an error changes nothing and every error is told', () => {
  for (const [text, problem] of wrongFiles) {
    const { acl, ...node } = testNode(memoryFile(text));
    acl.setUser('kept', ['on', 'nopass']);
    const session = node.login('kept');
    const before = acl.descriptions();
    assert.equal(acl.load(), `ERR ${problem}${END}`);
    assert.deepEqual(acl.descriptions(), before);
    assert.equal(session.ended, 'no');
  }
});

test('without a file LOAD and SAVE say so, and a failure names its cause', () => {
  const none = testNode().acl;
  assert.match(none.load()!, /not configured to use an ACL file/);
  assert.match(none.save()!, /not configured to use an ACL file/);
  const broken: AclFile = {
    path: '/etc/users.acl',
    read: () => ({ error: 'No such file or directory' }),
    replace: () => 'Opening temp ACL file for ACL SAVE: Permission denied',
  };
  const { acl, logged } = testNode(broken);
  assert.equal(
    acl.load(),
    "ERR Error loading ACLs, opening file '/etc/users.acl': No such file or directory",
  );
  assert.equal(
    acl.save(),
    'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
  );
  assert.deepEqual(logged, ['warning Opening temp ACL file for ACL SAVE: Permission denied']);
});
