// Every command of the server with arguments that were chosen to hurt: the ends of all number ranges,
// names that JavaScript's objects have by birth, keys of the wrong type, options in the wrong place.
// Replies may be anything that is a reply. The budget is fixed; the seed is printed and may be given:
// FUZZ_SEED=123 npm test -- tests/hostile/all-commands.test.ts

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SeededRandom } from '../../src/util/seeded-random.ts';
import { render } from '../support/render-reply.ts';
import type { RespConnection } from '../support/resp-connection.ts';
import { Victim } from './victim.ts';

const BUDGET_MS = 5000;
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

/**
 * Commands that do what they are for: end the server, silence the connection, wait for ever, or move
 * what the test itself stands on. They have tests of their own.
 */
const UNFIT: ReadonlySet<string> = new Set([
  ...[
    'shutdown',
    'debug',
    'monitor',
    'sync',
    'psync',
    'quit',
    'reset',
    'auth',
    'hello',
    'failover',
  ],
  ...[
    'replicaof',
    'slaveof',
    'subscribe',
    'psubscribe',
    'ssubscribe',
    'client|reply',
    'client|kill',
  ],
  ...['client|pause', 'client|no-evict', 'acl|setuser', 'config|set', 'config|rewrite', 'acl|save'],
  ...['acl|load', 'acl|deluser', 'save', 'bgsave', 'bgrewriteaof', 'wait', 'waitaof', 'replconf'],
]);

/** How a command of a type's family begins tells which key it would like. */
const keys = [
  'string',
  'number',
  'list',
  'set',
  'intset',
  'zset',
  'hash',
  'stream',
  'hll',
  'geo',
  'nokey',
];

const numbers = [
  ...['0', '-1', '1', '-0', '+1', '01', '1.5', '0x10', '1e400', '-1e400', '1e-400', 'nan', '-nan'],
  ...['inf', '-inf', '+inf', '(inf', '(nan', '(1', '2147483647', '2147483648', '-2147483648'],
  ...['4294967295', '4294967296', '9007199254740991', '9007199254740993', '9223372036854775807'],
  ...[
    '-9223372036854775808',
    '-9223372036854775807',
    '9223372036854775808',
    '-9223372036854775809',
  ],
  ...[
    '18446744073709551615',
    '18446744073709551616',
    '#4294967295',
    '#-1',
    '17976931348623157e300',
  ],
];

const words = [
  ...[
    '',
    ' ',
    '*',
    '?',
    '[',
    '\\',
    '[^',
    '$',
    '>',
    '-',
    '+',
    '(',
    '[a',
    '(a',
    '=',
    '~',
    '%',
    '\0',
    '\r\n',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'prototype'],
  ...[
    'NX',
    'XX',
    'GT',
    'LT',
    'CH',
    'INCR',
    'EX',
    'PX',
    'EXAT',
    'PXAT',
    'KEEPTTL',
    'GET',
    'COUNT',
    'ANY',
  ],
  ...['WITHSCORES', 'WITHVALUES', 'WITHSCORE', 'LIMIT', 'MATCH', 'TYPE', 'REV', 'BYSCORE', 'BYLEX'],
  ...[
    'WEIGHTS',
    'AGGREGATE',
    'SUM',
    'LEFT',
    'RIGHT',
    'MIN',
    'MAX',
    'BEFORE',
    'AFTER',
    'STORE',
    'BY',
  ],
  ...[
    'ALPHA',
    'ASC',
    'DESC',
    'FULL',
    'IDX',
    'LEN',
    'MINMATCHLEN',
    'WITHMATCHLEN',
    'BIT',
    'BYTE',
    'AND',
  ],
  ...[
    'XOR',
    'NOT',
    'OVERFLOW',
    'WRAP',
    'SAT',
    'FAIL',
    'u63',
    'u64',
    'i64',
    'i65',
    'u0',
    'i99999999999',
  ],
  ...['MAXLEN', 'MINID', '~', 'MKSTREAM', 'NOMKSTREAM', 'GROUP', 'STREAMS', 'BLOCK', '0-0', '1-*'],
  ...[
    '18446744073709551615-18446744073709551615',
    '0-18446744073709551616',
    '1-2-3',
    'ENTRIESREAD',
  ],
  ...[
    'FROMLONLAT',
    'FROMMEMBER',
    'BYRADIUS',
    'BYBOX',
    'm',
    'km',
    'STOREDIST',
    'WITHCOORD',
    'WITHHASH',
  ],
  ...[
    'REPLACE',
    'DB',
    'ABSTTL',
    'IDLETIME',
    'FREQ',
    'FILTERBY',
    'PATTERN',
    'ACLCAT',
    'MODULE',
    'ID',
  ],
  'a*'.repeat(60),
  'x'.repeat(5000),
];

let victim: Victim;

before(async () => {
  // Replies of a hostile count must not fill the machine: see docs/limits.md.
  victim = await Victim.start({
    'client-output-buffer-limit': 'normal 64mb 0 0',
    'proto-max-bulk-len': '16mb',
  });
});

after(() => victim?.stop());

test('every command withstands arguments that were chosen to hurt', async (context) => {
  context.diagnostic(`seed ${seed}`);
  const random = new SeededRandom(seed);
  const commands = await fitCommands();
  assert.ok(commands.length > 200, `${commands.length} commands`);
  let attacker = await Attacker.open();
  const end = performance.now() + BUDGET_MS;
  let requests = 0;
  for (let at = 0; performance.now() < end; at++) {
    if (at % 500 === 0) await fill();
    const request = hostileRequest(random, commands[random.below(commands.length)]);
    requests++;
    // A request may rightly cost its client the connection; never the server, nor another client.
    if (!(await attacker.ask(request))) attacker = await Attacker.open();
    assert.doesNotMatch(victim.server.output(), /BUG REPORT/, JSON.stringify(request));
  }
  context.diagnostic(`${requests} requests`);
  attacker.connection.close();
  await victim.alone();
  await victim.unharmed();
});

test('COMMAND GETKEYS finds keys of anything or says why not', async (context) => {
  context.diagnostic(`seed ${seed}`);
  const random = new SeededRandom(seed + 1);
  const commands = await fitCommands();
  const connection = await victim.open();
  const end = performance.now() + BUDGET_MS / 4;
  while (performance.now() < end) {
    for (const form of ['GETKEYS', 'GETKEYSANDFLAGS']) {
      const request = hostileRequest(random, commands[random.below(commands.length)]);
      const reply = await connection.call('COMMAND', form, ...request);
      if (reply.type === 'error') {
        assert.match(reply.text, /^ERR (Invalid|The command has no key arguments|unknown)/i);
        continue;
      }
      assert.ok(reply.type === 'array');
      for (const item of reply.items) {
        const key = form === 'GETKEYS' ? item : item.type === 'array' ? item.items[0] : item;
        assert.ok(key.type === 'bulk');
        assert.ok(request.includes(key.bytes.toString()), `${key.bytes} of ${request}`);
      }
    }
  }
  connection.close();
  await victim.alone();
  await victim.unharmed();
});

/** Names of commands, and of subcommands as 'container|name', by what the server says of itself. */
async function fitCommands(): Promise<readonly string[]> {
  const connection = await victim.open();
  const reply = await connection.call('COMMAND', 'LIST');
  connection.close();
  assert.ok(reply.type === 'array');
  return reply.items
    .map((item) => (item.type === 'bulk' ? item.bytes.toString() : ''))
    .filter((name) => !UNFIT.has(name) && !UNFIT.has(name.split('|')[0]));
}

function hostileRequest(random: SeededRandom, name: string): readonly string[] {
  const request = name.split('|');
  const count = random.below(random.below(4) === 0 ? 12 : 6);
  for (let i = 0; i < count; i++) {
    const kind = i === 0 ? random.below(4) : random.below(6);
    const pool = kind < 3 && i === 0 ? keys : [keys, numbers, words][kind % 3];
    request.push(pool[random.below(pool.length)]);
  }
  return request;
}

/** A client whose connection may end by what it asked for. */
class Attacker {
  readonly connection: RespConnection;
  readonly #id: string;

  private constructor(connection: RespConnection, id: string) {
    this.connection = connection;
    this.#id = id;
  }

  static async open(): Promise<Attacker> {
    const connection = await victim.open();
    return new Attacker(connection, render(await connection.call('CLIENT', 'ID')));
  }

  /** Whether the connection outlived the request. All replies have come when that to RESET has. */
  ask(request: readonly string[]): Promise<boolean> {
    this.connection.send(request);
    this.connection.send(['RESET']);
    // A blocked client would wait for ever; to any other this means nothing.
    return victim.during(this.#untilReset(), ['CLIENT', 'UNBLOCK', this.#id]);
  }

  async #untilReset(): Promise<boolean> {
    try {
      while (render(await this.connection.next()) !== '+RESET');
      return true;
    } catch (error) {
      assert.match(String(error), /closed|ECONNRESET|EPIPE/);
      return false;
    }
  }
}

/** One key of each type. */
async function fill(): Promise<void> {
  await victim.ask('FLUSHALL');
  await victim.ask('MSET', 'string', 'text', 'number', '9223372036854775806');
  await victim.ask('RPUSH', 'list', 'a', 'b', '3', '__proto__');
  await victim.ask('SADD', 'set', 'a', 'b', '__proto__');
  await victim.ask('SADD', 'intset', '1', '2', '9223372036854775807');
  await victim.ask('ZADD', 'zset', '-inf', 'a', '1.5', 'b', 'inf', 'constructor');
  await victim.ask('HSET', 'hash', 'f', '9223372036854775806', '__proto__', '1e300');
  await victim.ask('XADD', 'stream', '18446744073709551615-1', 'f', 'v');
  await victim.ask('XGROUP', 'CREATE', 'stream', 'constructor', '0');
  await victim.ask('PFADD', 'hll', 'a', 'b');
  await victim.ask('GEOADD', 'geo', '180', '85.05112878', 'a', '-180', '-85', 'b');
}
