// Names that JavaScript's objects have by birth, in every place where a client may choose a name: each
// is a name like any other, and absent until somebody uses it.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { render } from '../support/render-reply.ts';
import { Victim } from './victim.ts';

let victim: Victim;

before(async () => {
  victim = await Victim.start({ 'enable-debug-command': 'yes' });
});

afterEach(async () => {
  await victim.alone();
  await victim.unharmed();
});

after(() => victim?.stop());

for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
  test(`${name} is a name like any other`, async () => {
    await data(name);
    await channels(name);
    await configuration(name);
    await users(name);
    await commands(name);
  });
}

async function answers(
  replies: readonly (readonly [request: string, reply: string | RegExp])[],
): Promise<void> {
  for (const [request, reply] of replies) {
    const answer = await victim.ask(...request.split(' '));
    if (typeof reply === 'string') assert.equal(answer, reply, request);
    else assert.match(answer, reply, request);
  }
}

async function data(name: string): Promise<void> {
  await answers([
    [`EXISTS ${name}`, '0'],
    [`GET ${name}`, 'nil'],
    [`SET ${name} ${name}`, '+OK'],
    [`GET ${name}`, `"${name}"`],
    [`HGET h ${name}`, 'nil'],
    [`HSET h ${name} ${name} f v`, '2'],
    [`HGET h ${name}`, `"${name}"`],
    [`SADD s ${name} a`, '2'],
    [`SISMEMBER s ${name}`, '1'],
    [`ZADD z 1 ${name}`, '1'],
    [`ZSCORE z ${name}`, '"1"'],
    [`XADD x 1-1 ${name} v`, '"1-1"'],
    [`XGROUP CREATE x ${name} 0`, '+OK'],
    [`XREADGROUP GROUP ${name} ${name} STREAMS x >`, /"1-1"/],
    [`XINFO CONSUMERS x ${name}`, new RegExp(`"${name}"`)],
    [`SORT s BY ${name}*->${name} ALPHA GET ${name}*`, '[nil, nil]'],
    [`LCS ${name} ${name}`, `"${name}"`],
    [`OBJECT ENCODING ${name}`, '"embstr"'],
    ['FLUSHALL', '+OK'],
  ]);
}

async function channels(name: string): Promise<void> {
  const subscriber = await victim.open();
  assert.equal(render(await subscriber.call('SUBSCRIBE', name)), `["subscribe", "${name}", 1]`);
  assert.equal(render(await subscriber.call('PSUBSCRIBE', name)), `["psubscribe", "${name}", 2]`);
  await answers([
    [`PUBSUB NUMSUB ${name} length`, `["${name}", 1, "length", 0]`],
    [`PUBLISH ${name} hello`, '2'],
    [`SPUBLISH ${name} hello`, '0'],
  ]);
  assert.equal(render(await subscriber.next()), `["message", "${name}", "hello"]`);
  assert.equal(render(await subscriber.next()), `["pmessage", "${name}", "${name}", "hello"]`);
  subscriber.close();
}

async function configuration(name: string): Promise<void> {
  const unknown = `-ERR Unknown option or number of arguments for CONFIG SET - '${name}'`;
  await answers([
    [`CONFIG GET ${name}`, '[]'],
    [`CONFIG SET ${name} 1`, unknown],
    [`INFO ${name}`, '""'],
    [`LATENCY HISTORY ${name}`, '[]'],
    [`LATENCY RESET ${name}`, '0'],
    [`LATENCY HISTOGRAM ${name}`, '[]'],
    [`CLIENT SETNAME ${name}`, '+OK'],
    ['CLIENT GETNAME', `"${name}"`],
    ['CLIENT INFO', new RegExp(` name=${name} `)],
    [`CLIENT SETINFO LIB-NAME ${name}`, '+OK'],
    [`CLIENT SETINFO ${name} 1`, `-ERR Unrecognized option '${name}'`],
    [`CLIENT LIST TYPE ${name}`, `-ERR Unknown client type '${name}'`],
  ]);
}

async function users(name: string): Promise<void> {
  await answers([
    [`ACL GETUSER ${name}`, 'nil'],
    [`AUTH ${name} secret`, /^-WRONGPASS /],
    [`ACL SETUSER ${name} on >secret ~${name} +get`, '+OK'],
    [`ACL DRYRUN ${name} GET ${name}`, '+OK'],
    [`ACL DRYRUN ${name} GET other`, /"User .* has no permissions to access the 'other' key"/],
    [`ACL CAT ${name}`, `-ERR Unknown category '${name}'`],
    [`ACL SETUSER u +${name}`, /Unknown command or category name in ACL/],
    [`ACL SETUSER u +@${name}`, /Unknown command or category name in ACL/],
    [`ACL DELUSER ${name}`, '1'],
    [`ACL GETUSER ${name}`, 'nil'],
  ]);
}

async function commands(name: string): Promise<void> {
  await answers([
    [`${name} a`, new RegExp(`^-ERR unknown command '${name}', with args beginning with: 'a'`)],
    [`COMMAND INFO ${name}`, '[nil]'],
    [`COMMAND DOCS ${name}`, '[]'],
    [`COMMAND GETKEYS ${name} a`, '-ERR Invalid command specified'],
    [`COMMAND LIST FILTERBY PATTERN ${name}`, '[]'],
    [`COMMAND LIST FILTERBY ACLCAT ${name}`, '[]'],
    [`OBJECT ${name} k`, `-ERR unknown subcommand '${name}'. Try OBJECT HELP.`],
    [`CLIENT ${name}`, `-ERR unknown subcommand '${name}'. Try CLIENT HELP.`],
    [`CONFIG ${name}`, `-ERR unknown subcommand '${name}'. Try CONFIG HELP.`],
    [`DEBUG ${name}`, /^-ERR unknown subcommand or wrong number of arguments/],
    [`DEBUG OBJECT ${name}`, '-ERR no such key'],
  ]);
}
