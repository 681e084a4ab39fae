// Rules for users that are malformed in any way: refused in words, and the user stays as it was. What
// is accepted can be listed, and set again as it was listed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SeededRandom } from '../../src/util/seeded-random.ts';
import { Victim } from './victim.ts';

const BUDGET_MS = 3000;
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

const pieces = [
  ...[
    '(',
    ')',
    '()',
    '((',
    '))',
    '(~',
    '%',
    '%R',
    '%W',
    '%RW',
    '%R~',
    '%W~a',
    '~',
    '~*',
    '&',
    '&*',
    '*',
  ],
  ...[
    '+',
    '-',
    '@',
    '+@',
    '-@',
    '@all',
    'get',
    'config|get',
    'config|',
    '|',
    '||',
    '|get',
    'a',
    'on',
  ],
  ...[
    'allkeys',
    'allcommands',
    'nocommands',
    'resetkeys',
    'resetchannels',
    'clearselectors',
    'nopass',
  ],
  ...[
    '>',
    '<',
    '#',
    '!',
    '>secret',
    '<secret',
    `#${'0'.repeat(64)}`,
    `!${'f'.repeat(64)}`,
    '\0',
    '\r\n',
  ],
  ...['__proto__', 'constructor', ' ', '  ', '\t', '"', "'", '\\', '\u00ff', 'x'.repeat(300)],
];

let victim: Victim;

before(async () => {
  victim = await Victim.start();
});

after(() => victim?.stop());

test('selectors that are malformed are refused, and change nothing', async () => {
  await victim.ask('ACL', 'SETUSER', 'u', 'on', '+get', '~k', '(+set ~s)');
  const before = await victim.ask('ACL', 'LIST');
  for (const rules of [
    ['('],
    [')'],
    ['(~a', '+get'],
    ['(+get', '(~a)'],
    ['(()'],
    ['(on)'],
    ['(>password)'],
    ['(nopass)'],
    ['(reset)'],
    ['%'],
    ['%~a'],
    ['%RX~a'],
    ['%RWR'],
    ['#zz'],
    [`#${'A'.repeat(64)}`],
    ['!0'],
    ['<unknown'],
    ['+config|'],
    ['+|get'],
    ['+nosuch'],
    ['+@nosuch'],
    ['-@'],
    ['+config|nosuch'],
    ['+get|a|b'],
    ['unknownword'],
    ['~*', '~a'],
    ['&*', '&a'],
    ['+get', '~x', 'unknownword'],
  ]) {
    assert.match(await victim.ask('ACL', 'SETUSER', 'u', ...rules), /^-ERR /, rules.join(' '));
    assert.equal(await victim.ask('ACL', 'LIST'), before, rules.join(' '));
  }
  await victim.unharmed();
});

test('rules put together at random', async (context) => {
  context.diagnostic(`seed ${seed}`);
  const random = new SeededRandom(seed);
  const end = performance.now() + BUDGET_MS;
  while (performance.now() < end) {
    const rules = Array.from({ length: 1 + random.below(4) }, () => {
      const count = 1 + random.below(4);
      return Array.from({ length: count }, () => pieces[random.below(pieces.length)]).join('');
    });
    assert.match(await victim.ask('ACL', 'SETUSER', 'u', ...rules), /^(\+OK|-ERR )/);
    assert.match(await victim.ask('ACL', 'GETUSER', 'u'), /^(\[|nil)/);
    assert.match(await victim.ask('ACL', 'DRYRUN', 'u', 'GET', 'k'), /^(\+OK|"|-ERR User)/);
    if (random.below(10) === 0) await victim.ask('ACL', 'DELUSER', 'u');
    // None of them is a way to more rights for others.
    assert.equal(await victim.ask('ACL', 'WHOAMI'), '"default"');
  }
  await victim.unharmed();
});
