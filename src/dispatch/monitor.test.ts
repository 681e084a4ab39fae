import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Request } from '../protocol/request.ts';
import { type MonitoredSession, Monitors } from './monitor.ts';

interface Client extends MonitoredSession {
  readonly seen: string[];
}

function client(facts: Partial<MonitoredSession> = {}): Client {
  return {
    dbIndex: 0,
    address: '127.0.0.1:60866',
    link: { isUnix: false },
    isRedacted: () => false,
    reexecuting: false,
    seen: [],
    ...facts,
  };
}

function monitors(): Monitors<Client> {
  return new Monitors<Client>({
    wallUs: () => 1_339_518_083_000_412,
    deliver: (session, bytes) => session.seen.push(bytes.toString('latin1')),
  });
}

function shown(
  facts: Partial<MonitoredSession>,
  args: (string | Buffer)[],
  source?: string,
): string {
  const service = monitors();
  const watcher = client();
  service.add(watcher);
  service.feed(client(facts), Request.of(args), source);
  return watcher.seen.join('');
}

test('a line has the time, the database, the address and the quoted arguments', () => {
  assert.equal(
    shown({ dbIndex: 3 }, ['keys', '*']),
    '+1339518083.000412 [3 127.0.0.1:60866] "keys" "*"\r\n',
  );
  assert.equal(
    shown({ address: '/tmp/redis.sock:0', link: { isUnix: true } }, ['PING']),
    '+1339518083.000412 [0 unix:/tmp/redis.sock] "PING"\r\n',
  );
  assert.equal(shown({}, ['get', 'a'], 'lua'), '+1339518083.000412 [0 lua] "get" "a"\r\n');
});

test('bytes that do not print are escaped', () => {
  const value = Buffer.from('x\r\n\t\x07\b\0\xff"\\ z\x7f', 'latin1');
  assert.match(shown({}, ['SET', value]), /"x\\r\\n\\t\\a\\b\\x00\\xff\\"\\\\ z\\x7f"\r\n$/);
});

test('secrets are not shown', () => {
  assert.match(
    shown({ isRedacted: (i) => i > 0 }, ['AUTH', 'user', 'password']),
    /"AUTH" "\(redacted\)" "\(redacted\)"\r\n$/,
  );
});

test('all who watch get the same line, until they are removed', () => {
  const service = monitors();
  const [one, two] = [client(), client()];
  service.add(one);
  service.add(two);
  assert.equal(service.sessions, 2);
  service.feed(client(), Request.of(['PING']));
  service.remove(one);
  service.feed(client(), Request.of(['PING']));
  assert.deepEqual([one.seen.length, two.seen.length], [1, 2]);
  assert.equal(one.seen[0], two.seen[0]);
});
