import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSyntax, type SyntaxArgument, showSyntax } from './syntax.ts';

const plain = { optional: false, multiple: false, multipleToken: false };

function only(text: string): SyntaxArgument {
  const args = parseSyntax(text);
  assert.equal(args.length, 1, text);
  return args[0];
}

test('reads arguments, types, key specifications and display texts', () => {
  assert.deepEqual(only('value'), { name: 'value', type: 'string', ...plain });
  assert.deepEqual(only('key'), { name: 'key', type: 'key', keySpecIndex: 0, ...plain });
  assert.deepEqual(only('destination:key#1'), {
    name: 'destination',
    type: 'key',
    keySpecIndex: 1,
    ...plain,
  });
  assert.deepEqual(only('addr{ip:port}'), {
    name: 'addr',
    type: 'string',
    display: 'ip:port',
    ...plain,
  });
  assert.equal(only('at:unix-time').type, 'unix-time');
});

test('reads tokens, alone, before an argument, named and quoted', () => {
  assert.deepEqual(only('NX'), { name: 'nx', type: 'pure-token', token: 'NX', ...plain });
  assert.deepEqual(only('EX seconds:integer'), {
    name: 'seconds',
    type: 'integer',
    token: 'EX',
    ...plain,
  });
  assert.equal(only("equal='='").token, '=');
  assert.equal(only("equal='='").name, 'equal');
  assert.equal(only('change=CH').name, 'change');
  assert.deepEqual(
    parseSyntax('ALPHA [STORE destination:key#2]').map(({ name }) => name),
    ['alpha', 'destination'],
  );
});

test('reads groups and their names', () => {
  const condition = only('condition=[NX|XX]');
  assert.equal(condition.type, 'oneof');
  assert.equal(condition.name, 'condition');
  assert.equal(condition.optional, true);
  assert.deepEqual(
    condition.arguments?.map(({ token }) => token),
    ['NX', 'XX'],
  );
  const limit = only('[LIMIT (offset:integer count:integer)]');
  assert.equal(limit.type, 'block');
  assert.equal(limit.name, 'limit');
  assert.equal(limit.token, 'LIMIT');
  assert.equal(limit.optional, true);
  assert.equal(only('[COUNT count:integer [ANY]]').type, 'block');
  assert.equal(only('unit=<M|KM>').optional, false);
});

test('reads repetitions and versions', () => {
  const args = parseSyntax('key... [GET pattern]... [WEIGHTS weight:integer...@6.2.0] old@-2.8.12');
  assert.deepEqual(
    args.map(({ multiple, multipleToken }) => [multiple, multipleToken]),
    [
      [true, false],
      [true, true],
      [true, false],
      [false, false],
    ],
  );
  assert.equal(args[2].since, '6.2.0');
  assert.equal(args[3].deprecatedSince, '2.8.12');
});

test('refuses what it does not understand', () => {
  for (const text of ['[a', 'a)', '%', 'a:', '<a|b']) {
    assert.throws(() => parseSyntax(text), /Bad syntax notation/, text);
  }
});

test('shows arguments to people', () => {
  const show = (text: string) => showSyntax(parseSyntax(text));
  assert.equal(show('key value [NX|XX] [GET]'), '<key> <value> [NX|XX] [GET]');
  assert.equal(show('<ON|OFF> [REDIRECT id:integer]'), '(ON|OFF) [REDIRECT <id>]');
  assert.equal(show('key...'), '<key> [<key> ...]');
  assert.equal(show('[GET pattern]...'), '[GET <pattern> [GET <pattern> ...]]');
});
