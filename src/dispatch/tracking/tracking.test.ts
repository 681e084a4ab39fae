import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputBuffer } from '../../protocol/output-buffer.ts';
import { Resp2Writer, Resp3Writer } from '../../protocol/reply-writer.ts';
import { Request } from '../../protocol/request.ts';
import { KeyedHash } from '../../util/hash.ts';
import { type Command, key, keysToEnd } from '../command.ts';
import {
  clientCaching,
  clientTracking,
  clientTrackingInfo,
  trackingRedirect,
} from './client-tracking.ts';
import { Tracking } from './tracking.ts';

interface Client {
  readonly id: number;
  resp: 2 | 3;
  subscriptions: object | undefined;
  transaction: object | undefined;
  tracking: object | undefined;
  /** Messages, with line ends as spaces. */
  readonly told: string[];
}

function read(name: string, keys: Command['keys'], flags: Command['flags'] = []): Command {
  return { name, summary: '', since: '', group: 'string', arity: -2, flags, keys };
}

const get = { command: read('get', key('RO', 'access')), fullName: 'get' };
const mget = { command: read('mget', keysToEnd(['RO', 'access'])), fullName: 'mget' };
const spublish = { command: read('spublish', key('RO'), ['pubsub']), fullName: 'spublish' };
const caching = { command: read('caching', []), fullName: 'client|caching' };

class Node {
  readonly settings = { trackingTableMaxKeys: 1000 };
  readonly clients = new Map<number, Client>();
  current: Client | undefined = undefined;
  #random = 0;
  readonly tracking: Tracking<Client> = new Tracking<Client>({
    hash: new KeyedHash(1, 2),
    settings: this.settings,
    interest: { interest: 0 },
    randomUint32: () => (this.#random = (this.#random * 1_103_515_245 + 12_345) >>> 0),
    sessionById: (id) => this.clients.get(id),
    current: () => this.current,
    deliver: (client, bytes) => client.told.push(String(bytes).replaceAll('\r\n', ' ').trim()),
  });

  client(resp: 2 | 3 = 3): Client {
    const id = this.clients.size + 1;
    const parts = { subscriptions: undefined, transaction: undefined, tracking: undefined };
    const client: Client = { id, resp, ...parts, told: [] };
    this.clients.set(id, client);
    return client;
  }

  /** The reply of CLIENT TRACKING with these words. */
  ask(client: Client, words: string): string {
    return replyOf(3, (reply) => {
      const request = Request.of(['CLIENT', 'TRACKING', ...words.split(' ')]);
      clientTracking(this.tracking, client, (id) => this.clients.has(id), request, reply);
    });
  }

  get(client: Client, ...keys: string[]): void {
    this.tracking.remember(client, mget, Request.of(['MGET', ...keys]));
  }

  set(keyName: string, by?: Client): void {
    this.current = by;
    this.tracking.keyChanged(Buffer.from(`<${keyName}>`), 1, keyName.length + 1, by);
    this.current = undefined;
  }
}

function replyOf(protocol: 2 | 3, write: (reply: Resp2Writer | Resp3Writer) => void): string {
  const out = new OutputBuffer();
  write(protocol === 2 ? new Resp2Writer(out) : new Resp3Writer(out));
  let text = '';
  out.take((bytes) => {
    text += String(bytes);
    return true;
  });
  return text.replaceAll('\r\n', ' ').trim();
}

test('a key that was read is told of once', () => {
  const node = new Node();
  const client = node.client();
  node.ask(client, 'ON');
  node.get(client, 'a', 'b');
  assert.deepEqual([node.tracking.totalKeys, node.tracking.totalItems], [2, 2]);
  node.set('a');
  node.set('a');
  node.set('other');
  assert.deepEqual(client.told, ['>2 $10 invalidate *1 $1 a']);
  assert.equal(node.tracking.totalKeys, 1);
});

test('every reader is told, and who has gone is not', () => {
  const node = new Node();
  const clients = [node.client(), node.client(), node.client()];
  for (const client of clients) {
    node.ask(client, 'ON');
    node.get(client, 'a');
    node.get(client, 'a');
  }
  assert.deepEqual([node.tracking.totalKeys, node.tracking.totalItems], [1, 3]);
  assert.ok(node.tracking.memoryBytes > 0);
  node.tracking.disable(clients[0]);
  node.clients.delete(clients[1].id);
  node.set('a');
  assert.deepEqual(
    clients.map(({ told }) => told.length),
    [0, 0, 1],
  );
  assert.equal(node.tracking.totalItems, 0);
});

test('NOLOOP spares the session its own changes', () => {
  const node = new Node();
  const [client, other] = [node.client(), node.client()];
  node.ask(client, 'ON NOLOOP');
  node.get(client, 'a', 'b');
  node.set('a', client);
  node.set('b', other);
  assert.deepEqual(client.told, ['>2 $10 invalidate *1 $1 b']);
});

test('OPTIN remembers after CACHING YES only, OPTOUT until CACHING NO, for one command', () => {
  const node = new Node();
  const client = node.client();
  const cache = (word: string): string =>
    replyOf(2, (reply) =>
      clientCaching(node.tracking.stateOf(client), Request.of(['CLIENT', 'CACHING', word]), reply),
    );
  node.ask(client, 'ON OPTIN');
  node.get(client, 'a');
  assert.equal(node.tracking.totalKeys, 0);
  assert.equal(cache('yes'), '+OK');
  node.tracking.afterCommand(client, caching);
  node.get(client, 'a');
  assert.equal(node.tracking.totalKeys, 1);
  node.tracking.afterCommand(client, get);
  node.get(client, 'b');
  assert.equal(node.tracking.totalKeys, 1);
  assert.equal(
    cache('no'),
    '-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
  );
  node.tracking.disable(client);
  node.ask(client, 'ON OPTOUT');
  assert.equal(cache('no'), '+OK');
  node.get(client, 'c');
  assert.equal(node.tracking.totalKeys, 1);
  client.transaction = {};
  node.tracking.afterCommand(client, get);
  node.get(client, 'c');
  client.transaction = undefined;
  node.tracking.afterCommand(client, get);
  node.get(client, 'd');
  assert.equal(node.tracking.totalKeys, 2);
  assert.equal(
    cache('yes'),
    '-ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
  );
  assert.equal(cache('maybe'), '-ERR syntax error');
  node.tracking.disable(client);
  assert.match(cache('yes'), /^-ERR CLIENT CACHING can be called only when/);
});

test('a RESP2 session is told through another that listens to channels', () => {
  const node = new Node();
  const [client, redirect] = [node.client(2), node.client(2)];
  node.ask(client, 'ON');
  node.get(client, 'a');
  node.set('a');
  assert.deepEqual(client.told, []);
  node.ask(client, `ON REDIRECT ${redirect.id}`);
  node.get(client, 'a');
  node.set('a');
  assert.deepEqual(redirect.told, []);
  redirect.subscriptions = {};
  node.get(client, 'a');
  node.set('a');
  assert.deepEqual(redirect.told, ['*3 $7 message $20 __redis__:invalidate *1 $1 a']);
  assert.equal(trackingRedirect(node.tracking.stateOf(client)), redirect.id);
});

test('a redirection to nobody is told to a RESP3 session and marked', () => {
  const node = new Node();
  const [client, redirect] = [node.client(), node.client()];
  node.ask(client, `ON REDIRECT ${redirect.id}`);
  node.get(client, 'a');
  node.clients.delete(redirect.id);
  node.set('a');
  assert.deepEqual(client.told, [`>2 $21 tracking-redir-broken :${redirect.id}`]);
  assert.match(info(node, client), /broken_redirect/);
  node.ask(client, 'ON');
  assert.doesNotMatch(info(node, client), /broken_redirect/);
});

function info(node: Node, client: Client): string {
  return replyOf(client.resp, (reply) => clientTrackingInfo(node.tracking.stateOf(client), reply));
}

test('broadcasting collects the changes of a poll, one message a prefix', () => {
  const node = new Node();
  const [all, some, other] = [node.client(), node.client(), node.client()];
  node.ask(all, 'ON BCAST');
  node.ask(some, 'ON BCAST PREFIX b: PREFIX a: NOLOOP');
  assert.equal(node.tracking.totalPrefixes, 3);
  node.get(all, 'a:1');
  assert.equal(node.tracking.totalKeys, 0);
  node.set('b:1', some);
  node.set('a:1', other);
  node.set('a:1', other);
  node.set('a:2', some);
  node.set('c:1');
  assert.deepEqual(all.told, []);
  node.tracking.flushBroadcast();
  node.tracking.flushBroadcast();
  assert.deepEqual(all.told, ['>2 $10 invalidate *4 $3 a:1 $3 a:2 $3 b:1 $3 c:1']);
  assert.deepEqual(some.told, ['>2 $10 invalidate *1 $3 a:1']);
  assert.ok(node.tracking.memoryOf(some) > node.tracking.memoryOf(all));
  node.tracking.disable(some);
  assert.equal(node.tracking.totalPrefixes, 1);
});

test('a change by nobody is told to those with NOLOOP too', () => {
  const node = new Node();
  const client = node.client();
  node.ask(client, 'ON BCAST NOLOOP');
  node.set('a', client);
  node.set('a');
  node.tracking.flushBroadcast();
  assert.deepEqual(client.told, ['>2 $10 invalidate *1 $1 a']);
});

test('a flush is a null to everybody, in the protocol of who tracks', () => {
  const node = new Node();
  const [modern, old, redirect] = [node.client(3), node.client(2), node.client(2)];
  redirect.subscriptions = {};
  node.ask(modern, 'ON BCAST');
  node.ask(old, `ON REDIRECT ${redirect.id}`);
  node.get(old, 'a');
  node.tracking.allKeysChanged();
  assert.deepEqual(modern.told, ['>2 $10 invalidate _']);
  assert.deepEqual(redirect.told, ['*3 $7 message $20 __redis__:invalidate $-1']);
  assert.equal(node.tracking.totalKeys, 0);
});

test('the table stays within its limit, and readers of what is dropped are told', () => {
  const node = new Node();
  const client = node.client();
  node.ask(client, 'ON');
  for (let i = 0; i < 250; i++) node.get(client, `key${i}`);
  node.settings.trackingTableMaxKeys = 0;
  node.tracking.limit();
  assert.equal(node.tracking.totalKeys, 250);
  node.settings.trackingTableMaxKeys = 1;
  node.tracking.limit();
  assert.equal(node.tracking.totalKeys, 150);
  node.tracking.limit();
  node.tracking.limit();
  assert.equal(node.tracking.totalKeys, 1);
  assert.equal(client.told.length, 249);
});

test('NOLOOP does not hide that a key was dropped from the table', () => {
  const node = new Node();
  const client = node.client();
  node.ask(client, 'ON NOLOOP');
  node.get(client, 'a', 'b');
  node.settings.trackingTableMaxKeys = 1;
  node.current = client;
  node.tracking.limit();
  assert.equal(client.told.length, 1);
});

test('the keys of pub/sub commands are not remembered', () => {
  const node = new Node();
  const client = node.client();
  node.ask(client, 'ON');
  node.tracking.remember(client, spublish, Request.of(['SPUBLISH', 'a', 'm']));
  assert.equal(node.tracking.totalKeys, 0);
});

const SWITCH_BCAST =
  "-ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.";
const SWITCH_OPT =
  "-ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.";

/** Words of CLIENT TRACKING in a row, and the reply to the last. */
const dialogues: readonly (readonly [asked: string[], reply: string])[] = [
  [['ON'], '+OK'],
  [['OFF'], '+OK'],
  [['maybe'], '-ERR syntax error'],
  [['ON blue'], '-ERR syntax error'],
  [['ON REDIRECT'], '-ERR syntax error'],
  [['ON REDIRECT x'], '-ERR value is not an integer or out of range'],
  [['ON REDIRECT 99'], '-ERR The client ID you want redirect to does not exist'],
  [['ON REDIRECT 1 REDIRECT 1'], '-ERR A client can only redirect to a single other client'],
  [['ON PREFIX a'], '-ERR PREFIX option requires BCAST mode to be enabled'],
  [['ON BCAST OPTIN'], '-ERR OPTIN and OPTOUT are not compatible with BCAST'],
  [['ON OPTIN OPTOUT'], "-ERR You can't specify both OPTIN mode and OPTOUT mode"],
  [['ON', 'ON BCAST'], SWITCH_BCAST],
  [['ON BCAST', 'ON'], SWITCH_BCAST],
  [['ON OPTIN', 'ON OPTOUT'], SWITCH_OPT],
  [['ON OPTOUT', 'ON OPTIN'], SWITCH_OPT],
  [['ON OPTIN', 'ON'], '+OK'],
  [
    ['ON BCAST PREFIX FOOBAR PREFIX FOO'],
    "-ERR Prefix 'FOOBAR' overlaps with another provided prefix 'FOO'. Prefixes for a single client must not overlap.",
  ],
  [
    ['ON BCAST PREFIX A PREFIX B PREFIX BAR'],
    "-ERR Prefix 'B' overlaps with another provided prefix 'BAR'. Prefixes for a single client must not overlap.",
  ],
  [
    ['ON BCAST PREFIX FOO', 'ON BCAST PREFIX FOOBAR'],
    "-ERR Prefix 'FOOBAR' overlaps with an existing prefix 'FOO'. Prefixes for a single client must not overlap.",
  ],
];

test('options that cannot be are refused in the words of Redis', () => {
  for (const [asked, expected] of dialogues) {
    const node = new Node();
    const client = node.client();
    const replies = asked.map((words) => node.ask(client, words));
    assert.equal(replies.at(-1), expected, asked.join(' / '));
  }
});

test('TRACKINGINFO tells what was asked for', () => {
  const node = new Node();
  const client = node.client(3);
  assert.equal(info(node, client), '%3 $5 flags ~1 $3 off $8 redirect :-1 $8 prefixes *0');
  node.ask(client, 'ON BCAST PREFIX b PREFIX a NOLOOP');
  assert.equal(
    info(node, client),
    '%3 $5 flags ~3 $2 on $5 bcast $6 noloop $8 redirect :0 $8 prefixes *2 $1 a $1 b',
  );
});
