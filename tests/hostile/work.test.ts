// Requests that are short to write and long to do. Each has a bound, or its time grows with what is
// stored and not with what the pattern or the count says: another client is answered meanwhile.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { render } from '../support/render-reply.ts';
import { Victim } from './victim.ts';

const KEYS = 2000;
const LONG_KEY = 'a'.repeat(200);

/** Patterns that take a matcher that recurses at every star for ever. */
const patterns: readonly string[] = [
  `${'*a'.repeat(100)}b`,
  `${'a*'.repeat(500)}b`,
  `${'*'.repeat(10_000)}b`,
  `${'*?'.repeat(100)}b`,
  `*${'[a-z]*'.repeat(100)}b`,
  `${'[^b]*'.repeat(100)}[b`,
  `*${'\\a*'.repeat(100)}\\`,
  '['.repeat(10_000),
];

let victim: Victim;

before(async () => {
  victim = await Victim.start();
  for (let i = 0; i < KEYS; i += 100) {
    const pairs = Array.from({ length: 100 }, (_, j) => [`${LONG_KEY}${i + j}`, 'v']);
    await victim.ask('MSET', ...pairs.flat());
  }
});

afterEach(async () => {
  await victim.alone();
  await victim.unharmed();
});

after(() => victim?.stop());

for (const pattern of patterns) {
  const name = `${pattern.slice(0, 12)}… of ${pattern.length} characters`;

  test(`the pattern ${name}, wherever patterns are taken`, async () => {
    const attacker = await victim.open();
    const requests: readonly (readonly string[])[] = [
      ['KEYS', pattern],
      ['SCAN', '0', 'MATCH', pattern, 'COUNT', '1000000'],
      ['CONFIG', 'GET', pattern],
      ['COMMAND', 'LIST', 'FILTERBY', 'PATTERN', pattern],
      ['PUBSUB', 'CHANNELS', pattern],
      ['ACL', 'SETUSER', 'u', 'on', 'nopass', '+@all', `~${pattern}`, `&${pattern}`],
      ['ACL', 'DRYRUN', 'u', 'GET', LONG_KEY],
      ['ACL', 'DELUSER', 'u'],
      ['PSUBSCRIBE', pattern],
      ['PUNSUBSCRIBE', pattern],
    ];
    for (const request of requests) {
      const reply = await victim.during(attacker.call(...request));
      assert.notEqual(reply.type, 'error', `${request[0]}: ${render(reply)}`);
    }
    await attacker.call('PSUBSCRIBE', pattern);
    const publisher = await victim.open();
    await victim.during(publisher.call('PUBLISH', LONG_KEY, 'message'));
    publisher.close();
    attacker.close();
  });
}

test('LCS of two strings of a megabyte is refused or bounded', async () => {
  await victim.ask('MSET', 'one', 'ab'.repeat(524_288), 'two', 'ba'.repeat(524_288));
  const attacker = await victim.open();
  for (const options of [[], ['LEN'], ['IDX', 'MINMATCHLEN', '4']]) {
    const reply = await victim.during(attacker.call('LCS', 'one', 'two', ...options));
    assert.match(
      render(reply),
      /^-ERR (Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len|Insufficient memory, failed allocating transient memory for LCS)/,
    );
  }
  attacker.close();
  await victim.ask('DEL', 'one', 'two');
});

test('transactions, subscriptions and watches without an end are held and let go', async () => {
  const attacker = await victim.open();
  attacker.sendRaw(Buffer.from(`MULTI\r\n${'PING\r\n'.repeat(50_000)}`));
  attacker.send(['EXEC']);
  for (let i = 0; i <= 50_000; i++) await attacker.next();
  const reply = await victim.during(attacker.next());
  assert.equal(reply.type === 'array' && reply.items.length, 50_000);
  const names = Array.from({ length: 20_000 }, (_, i) => `channel:${i}`);
  attacker.send(['WATCH', ...names]);
  assert.equal(render(await victim.during(attacker.next())), '+OK');
  attacker.send(['SUBSCRIBE', ...names]);
  for (let i = 0; i < names.length; i++) await attacker.next();
  attacker.close();
  await victim.until(/^\[\]$/, 'PUBSUB', 'CHANNELS');
});

test('a request of 100 000 arguments, and one that is nothing but its own echo', async () => {
  const attacker = await victim.open();
  const many = Array.from({ length: 100_000 }, (_, i) => String(i));
  assert.equal(render(await victim.during(attacker.call('SADD', 'many', ...many))), '100000');
  assert.match(render(await victim.during(attacker.call(...many))), /^-ERR unknown command '0'/);
  const echo = await victim.during(attacker.call('ECHO', 'x'.repeat(4 * 1024 * 1024)));
  assert.equal(echo.type === 'bulk' && echo.bytes.length, 4 * 1024 * 1024);
  assert.match(render(await attacker.call('x'.repeat(1_000_000))), /^-ERR unknown command/);
  attacker.close();
  await victim.ask('DEL', 'many');
});
