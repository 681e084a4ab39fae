import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { testNode } from './acl-fixture.ts';

const NEW_USER = 'off sanitize-payload resetchannels -@all';

/** Rules, and how the user they make from nothing is described. */
const descriptions: readonly (readonly [rules: string, description: string])[] = [
  ['', NEW_USER],
  ['reset', NEW_USER],
  ['on nopass', 'on nopass sanitize-payload resetchannels -@all'],
  ['on off', NEW_USER],
  ['ON NoPass ALLKEYS', 'on nopass sanitize-payload ~* resetchannels -@all'],
  ['skip-sanitize-payload', 'off skip-sanitize-payload resetchannels -@all'],
  ['skip-sanitize-payload sanitize-payload', NEW_USER],
  ['nopass resetpass', NEW_USER],
  [
    '>a >a >b',
    'off sanitize-payload #ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb #3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d resetchannels -@all',
  ],
  ['>a nopass', 'off nopass sanitize-payload resetchannels -@all'],
  ['nopass >a <a', NEW_USER],
  ['allkeys allchannels allcommands', 'off sanitize-payload ~* &* +@all'],
  ['~* &* +@all', 'off sanitize-payload ~* &* +@all'],
  ['~a ~b ~a &x &y &x', 'off sanitize-payload ~a ~b resetchannels &x &y -@all'],
  ['~a ~*', 'off sanitize-payload ~* resetchannels -@all'],
  ['~* resetkeys ~b', 'off sanitize-payload ~b resetchannels -@all'],
  ['&* resetchannels &b', 'off sanitize-payload resetchannels &b -@all'],
  ['%R~foo %W~foo %RW~bar', 'off sanitize-payload ~foo ~bar resetchannels -@all'],
  ['%r~a %w~b %wR~c', 'off sanitize-payload %R~a %W~b ~c resetchannels -@all'],
  ['(+get ~k)', `${NEW_USER} (~k resetchannels -@all +get)`],
  ['(+get ~k) ()', `${NEW_USER} (~k resetchannels -@all +get) (resetchannels -@all)`],
  ['(+get ~k) clearselectors', NEW_USER],
  [
    '(~a +get ) ( ~b +get )',
    `${NEW_USER} (~a resetchannels -@all +get) (~b resetchannels -@all +get)`,
  ],
  ['(%R~a &* +@all)', `${NEW_USER} (%R~a &* +@all)`],
];

test('a user is described as it was made', () => {
  for (const [rules, description] of descriptions) {
    const { acl } = testNode();
    assert.equal(acl.setUser('u', rules.split(' ')), undefined, rules);
    assert.equal(acl.user('u')?.describe(), description, rules);
  }
});

/** Command rules in order, and what ACL GETUSER shows of them; the first line of the suite's own cases. */
const commandRules: readonly (readonly [rules: string, commands: string])[] = [
  ['+@all -@hash -@slow +hget', '+@all -@hash -@slow +hget'],
  ['+@all -@hash -@slow +hget -@hash', '+@all -@slow +hget -@hash'],
  ['+@all -@slow +hget -@hash +@hash', '+@all -@slow +hget +@hash'],
  ['+@all -@slow -@all', '-@all'],
  ['-@string -@slow +@all', '+@all'],
  ['+@HASH +@hash +@HaSh', '-@all +@hash'],
  ['+HGET +hget +hGeT', '-@all +hget'],
  ['+@hash +@slow +@set +@set +@slow +@hash', '-@all +@set +@slow +@hash'],
  ['+hget -hset +hset -hget', '-@all +hset -hget'],
  [
    '+client|list +client|list +config|get +config +acl|list -acl',
    '-@all +client|list +config -acl',
  ],
  ['+select|0 +select|0 +debug|segfault +debug', '-@all +select|0 +debug'],
  ['-@dangerous', '-@all -@dangerous'],
  ['+config +config|get -config|set +config', '-@all +config'],
  ['+@all -client +client|id +client|setname', '+@all -client +client|id +client|setname'],
  ['+memory|doctor +memory', '-@all +memory'],
  ['+memory|doctor +@all +client|id', '+@all +client|id'],
  ['+@all -@string +get -debug +debug|digest', '+@all -@string +get -debug +debug|digest'],
  ['+get nocommands', '-@all'],
];

test('command rules are kept in order, without those that are void', () => {
  for (const [rules, commands] of commandRules) {
    const { acl } = testNode();
    assert.equal(acl.setUser('u', rules.split(' ')), undefined, rules);
    assert.equal(acl.user('u')?.selectors[0].describeCommands(), commands, rules);
  }
});

const KEY_AFTER_ALL =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns";
const CHANNEL_AFTER_ALL =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels";
const BAD_HASH =
  'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters';
const UNKNOWN = 'Unknown command or category name in ACL';

/** Rules that are wrong, the word that is blamed, and why. */
const wrongRules: readonly (readonly [rules: string[], word: string, problem: string])[] = [
  [['blue'], 'blue', 'Syntax error'],
  [['~*', '~a'], '~a', KEY_AFTER_ALL],
  [['allkeys', '%R~a'], '%R~a', KEY_AFTER_ALL],
  [['&*', '&a'], '&a', CHANNEL_AFTER_ALL],
  [['~a b'], '~a b', 'Syntax error'],
  [['~a\tb'], '~a\tb', 'Syntax error'],
  [['&a b'], '&a b', 'Syntax error'],
  [['%X~a'], '%X~a', 'Syntax error'],
  [['%RR~a'], '%RR~a', 'Syntax error'],
  [['%~a'], '%~a', 'Syntax error'],
  [['%'], '%', 'Syntax error'],
  [['+nosuch'], '+nosuch', UNKNOWN],
  [['-nosuch'], '-nosuch', UNKNOWN],
  [['+'], '+', UNKNOWN],
  [['+@nosuch'], '+@nosuch', UNKNOWN],
  [['+@'], '+@', UNKNOWN],
  [['+config|nosuch'], '+config|nosuch', UNKNOWN],
  [['-config|nosuch'], '-config|nosuch', UNKNOWN],
  [['-select|0'], '-select|0', UNKNOWN],
  [['+get|key1|key2'], '+get|key1|key2', UNKNOWN],
  [
    ['+config|get|appendonly'],
    '+config|get|appendonly',
    'Allowing first-arg of a subcommand is not supported',
  ],
  [['+debug|'], '+debug|', 'Syntax error'],
  [['+select|a b'], '+select|a b', 'Syntax error'],
  [['+select|"'], '+select|"', 'Syntax error'],
  [['#abc'], '#abc', BAD_HASH],
  [[`#${'A'.repeat(64)}`], `#${'A'.repeat(64)}`, BAD_HASH],
  [['!abc'], '!abc', BAD_HASH],
  [['<a'], '<a', 'The password you are trying to remove from the user does not exist'],
  [['(blue)'], '(blue)', 'Syntax error'],
  [['(&*', '&fail)'], '(&* &fail)', CHANNEL_AFTER_ALL],
  [['(on)'], '(on)', 'Syntax error'],
  [['(+ping', '(+select', '(+del', ')', ')', ')'], '(+ping (+select (+del )', 'Syntax error'],
  [[' () '], ' () ', 'Syntax error'],
  [[')'], ')', 'Syntax error'],
];

test('a wrong rule is named with its problem, and nothing is applied', () => {
  for (const [rules, word, problem] of wrongRules) {
    const { acl } = testNode();
    acl.setUser('u', ['on', '>pw', '+get']);
    const before = acl.user('u')?.describe();
    const text = `ERR Error in ACL SETUSER modifier '${word}': ${problem}`;
    assert.equal(acl.setUser('u', ['off', '+ping', ...rules]), text);
    assert.equal(acl.user('u')?.describe(), before);
    assert.equal(acl.setUser('new', rules), text);
    assert.equal(acl.user('new'), undefined);
  }
});

test('a parenthesis that nothing closes is named, and a name with spaces refused', () => {
  const { acl } = testNode();
  const unmatched = "ERR Unmatched parenthesis in acl selector starting at '(+ping'.";
  assert.equal(acl.setUser('u', ['on', '(+ping', '(+select', '(+del']), unmatched);
  assert.equal(
    acl.setUser('u', ['(']),
    "ERR Unmatched parenthesis in acl selector starting at '('.",
  );
  for (const name of ['a b', 'a\0b', 'a\nb']) {
    assert.equal(acl.setUser(name, []), "ERR Usernames can't contain spaces or null characters");
  }
  assert.equal(acl.user('u'), undefined);
});

/** Words that are rules, almost rules, or the ends of some. */
const ruleWord = fc.oneof(
  fc.constantFrom('on', 'off', 'reset', 'nopass', 'clearselectors', '+@all', '-@all', '~*', '&*'),
  fc.constantFrom('(', ')', '()', '(+get', '~k)', '(~a +get)', '(%R~a', '("', "('", '(()', '%R~x'),
  fc.constantFrom('+get', '-get', '+config|get', '+select|0', '+@read', '-@string', '%RW', '%W~'),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .tuple(fc.constantFrom('>', '<', '#', '!', '~', '&', '+', '-', '(', '%', '+@'), fc.string())
    .map(([mark, rest]) => mark + rest),
  fc.string().map((inner) => `(${inner})`),
);

test('no rules make it throw or apply by half, and plain descriptions can be read back', () => {
  fc.assert(
    fc.property(fc.array(fc.array(ruleWord, { maxLength: 6 }), { maxLength: 6 }), (changes) => {
      const { acl } = testNode();
      for (const words of changes) {
        const latin1 = words.map((word) => Buffer.from(word).toString('latin1'));
        const before = acl.user('u')?.describe();
        if (acl.setUser('u', latin1) !== undefined) {
          assert.equal(acl.user('u')?.describe(), before);
          continue;
        }
        const user = acl.user('u')!;
        const described = user.describe();
        // Inside a selector a quote or a further parenthesis is ambiguous, in Redis as well.
        const inside = user.selectors.slice(1).map((selector) => selector.describe());
        if (inside.some((text) => /["'\\()]/.test(text))) continue;
        assert.equal(acl.setUser('copy', ['reset', ...described.split(' ')]), undefined, described);
        assert.equal(acl.user('copy')?.describe(), described);
      }
    }),
    { numRuns: 400 },
  );
});
