import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createDashboard, type Dashboard } from './dashboard.ts';
import { NOON_MS, PaperFleet, steadyView, timelineEvent } from './fleet-fixture.ts';
import type { PageMessage } from './messages.ts';
import { EventReader } from './model/event-reader.ts';
import { type PageFiles, readPageFiles } from './page-files.ts';

const files: PageFiles = new Map([
  ['/', { type: 'text/html; charset=utf-8', body: new TextEncoder().encode('<p>page</p>') }],
]);

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Question {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

let fleet: PaperFleet;
let dashboard: Dashboard;

before(async () => {
  fleet = new PaperFleet();
  dashboard = await createDashboard({ fleet, files });
});

after(() => dashboard.close());

/** By node:http and not by fetch, which sets Host and Origin as it likes. */
async function ask(
  path: string,
  { method = 'GET', headers = {}, body }: Question = {},
): Promise<Answer> {
  const request = httpRequest(`${dashboard.origin}${path}`, { method, headers, agent: false });
  request.end(body);
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

const bearer = (): OutgoingHttpHeaders => ({ Authorization: `Bearer ${dashboard.token}` });

function act(body: unknown, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  return ask('/api/actions', {
    method: 'POST',
    headers: { ...bearer(), 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('who is let in', () => {
  test('the page is served with a policy that lets nothing in from elsewhere', async () => {
    const { status, headers, text } = await ask('/');
    assert.equal(status, 200);
    assert.equal(text, '<p>page</p>');
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  });

  test('the token is in the fragment of the address and in no answer', async () => {
    assert.equal(new URL(dashboard.url).hash, `#token=${dashboard.token}`);
    assert.ok(dashboard.token.length >= 32);
    for (const path of ['/', '/metrics', '/health', '/nodes/server1/primary']) {
      assert.ok(!(await ask(path)).text.includes(dashboard.token), path);
    }
  });

  test('another Host is refused everywhere: DNS rebinding', async () => {
    for (const path of ['/', '/page.js', '/metrics', '/health', '/api/stream']) {
      const Host = `attacker.example:${dashboard.port}`;
      const answer = await ask(path, { headers: { ...bearer(), Host } });
      assert.equal(answer.status, 403, path);
      assert.match(answer.text, /wrong Host/);
    }
    const bare = await ask('/', { headers: { Host: '127.0.0.1' } });
    assert.equal(bare.status, 403, 'the port belongs to it');
  });

  test('localhost and 127.0.0.1 are the same machine', async () => {
    for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]']) {
      const headers = { Host: `${name}:${dashboard.port}` };
      assert.equal((await ask('/health', { headers })).status, 200, name);
    }
  });

  test('without a Host only health checks are served', async () => {
    assert.match(await raw('GET /health HTTP/1.0\r\n\r\n'), /^HTTP\/1\.[01] 200/);
    assert.match(await raw('GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.[01] 403/);
  });

  test('acting needs the token', async () => {
    const action = JSON.stringify({ action: 'kill', node: 'server1' });
    const tries: readonly OutgoingHttpHeaders[] = [
      {},
      { Authorization: 'Bearer wrong' },
      { Authorization: dashboard.token },
      { Authorization: `Basic ${dashboard.token}` },
      { Authorization: `Bearer ${dashboard.token.slice(0, -1)}` },
      { Cookie: `token=${dashboard.token}` },
    ];
    for (const headers of tries) {
      const question = {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
      };
      const answer = await ask('/api/actions', { ...question, body: action });
      assert.equal(answer.status, 401, JSON.stringify(headers));
      assert.match(answer.text, /wrong token/);
    }
    assert.equal((await ask(`/api/stream?token=${dashboard.token}`)).status, 401);
    assert.deepEqual(fleet.calls, []);
  });

  test('another Origin is refused, even with the token', async () => {
    for (const headers of [
      { Origin: 'http://attacker.example' },
      { Origin: 'null' },
      { Origin: `https://127.0.0.1:${dashboard.port}` },
      { Origin: `http://127.0.0.1:${dashboard.port + 1}` },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ]) {
      const answer = await act({ action: 'kill', node: 'server1' }, headers);
      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
    assert.deepEqual(fleet.calls, []);
  });

  test('its own Origin is welcome', async () => {
    const answer = await act({ action: 'failover' }, { Origin: dashboard.origin });
    assert.deepEqual([answer.status, answer.text], [200, '{"ok":true}']);
    assert.deepEqual(fleet.calls.splice(0), ['failover']);
  });

  test('a wrong method is told which is right', async () => {
    for (const [method, path, allowed] of [
      ['POST', '/', 'GET, HEAD'],
      ['DELETE', '/metrics', 'GET, HEAD'],
      ['PUT', '/nodes/server1/primary', 'GET, HEAD'],
      ['GET', '/api/actions', 'POST'],
      ['OPTIONS', '/api/actions', 'POST'],
    ] as const) {
      const answer = await ask(path, { method, headers: bearer() });
      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.equal(answer.headers.allow, allowed);
    }
    assert.equal((await ask('/other')).status, 404);
    assert.equal((await ask('/../package.json')).status, 404);
  });
});

describe('what can be asked', () => {
  test('every action reaches the fleet', async () => {
    const between = ['server1', 'sentinel2'];
    const cases: readonly (readonly [object, string])[] = [
      [{ action: 'kill', node: 'server1' }, 'kill server1'],
      [{ action: 'freeze', node: 'sentinel1' }, 'freeze sentinel1'],
      [{ action: 'thaw', node: 'sentinel1' }, 'thaw sentinel1'],
      [{ action: 'restart', node: 'server1' }, 'restart server1'],
      [{ action: 'cut', between }, 'cut server1 sentinel2'],
      [{ action: 'slow', between, delayMs: 300 }, 'slow server1 sentinel2 300'],
      [{ action: 'heal', between }, 'heal server1 sentinel2'],
      [{ action: 'heal', node: 'server1' }, 'heal server1'],
      [{ action: 'heal' }, 'heal'],
      [{ action: 'failover' }, 'failover'],
      [{ action: 'start-probe' }, 'start probe'],
      [{ action: 'stop-probe' }, 'stop probe'],
    ];
    for (const [action, call] of cases) {
      assert.equal((await act(action)).status, 200, call);
      assert.deepEqual(fleet.calls.splice(0), [call]);
    }
  });

  test('what makes no sense is refused with the reason', async () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      ['{', /an object is expected/],
      ['[]', /"action" is none of/],
      [null, /an object is expected/],
      [{ action: 'explode' }, /"action" is none of/],
      [{ action: 'kill' }, /kill needs "node"/],
      [{ action: 'kill', node: ['server1'] }, /kill needs "node"/],
      [{ action: 'kill', node: 'x'.repeat(200) }, /kill needs "node"/],
      [{ action: 'cut', between: ['server1'] }, /two names/],
      [{ action: 'slow', between: ['a', 'b'], delayMs: 0 }, /delayMs/],
      [{ action: 'slow', between: ['a', 'b'], delayMs: 1e9 }, /delayMs/],
      [{ action: 'slow', between: ['a', 'b'], delayMs: '5' }, /delayMs/],
      [{ action: 'heal', between: 'server1' }, /two names/],
      [{ action: 'heal', node: 7 }, /must be a name/],
    ];
    for (const [body, reason] of cases) {
      const answer = await act(body);
      assert.equal(answer.status, 400, JSON.stringify(body));
      assert.match(JSON.parse(answer.text).error, reason);
    }
    assert.deepEqual(fleet.calls, []);
  });

  test('what the fleet refuses is a conflict with its words', async () => {
    const answer = await act({ action: 'kill', node: 'server9' });
    assert.equal(answer.status, 409);
    assert.equal(JSON.parse(answer.text).error, 'no node is called server9');
  });

  test('large bodies and other types are refused', async () => {
    const long = { action: 'kill', node: 'x'.repeat(10_000) };
    assert.equal((await act(long)).status, 413);
    const form = await act('action=kill', { 'Content-Type': 'application/x-www-form-urlencoded' });
    assert.equal(form.status, 415);
    const plain = await act('{"action":"failover"}', { 'Content-Type': 'text/plain' });
    assert.equal(plain.status, 415);
    assert.deepEqual(fleet.calls, []);
  });
});

describe('the stream', () => {
  test('begins with everything and goes on with news', async () => {
    await using reader = await openStream();
    const full = await reader.next();
    assert.equal(full.kind, 'full');
    assert.ok(full.kind === 'full' && full.uncuttable['server1 server3'] !== undefined);
    const event = timelineEvent(1, '+sdown');
    fleet.show(steadyView({ atMs: NOON_MS + 1000, events: [event] }));
    const news = await reader.next();
    assert.equal(news.kind, 'news');
    assert.deepEqual(news.events, [event]);
    assert.equal(news.failovers, null);
    assert.equal(news.samples.length, 1);
    fleet.show(steadyView());
  });

  test('a slow reader is told less often, and everything that it missed', async () => {
    await using reader = await openStream();
    await reader.next();
    const events = Array.from({ length: 50 }, (_, i) => timelineEvent(i + 1, '+sdown'));
    for (let count = 1; count <= 50; count++) {
      fleet.show(steadyView({ atMs: NOON_MS + count * 1000, events: events.slice(0, count) }));
    }
    const news = await reader.next();
    assert.equal(news.events.length, 50, 'one message for fifty views');
    fleet.show(steadyView());
  });

  test('a reader that missed more than is kept gets the whole picture again', async () => {
    await using reader = await openStream();
    await reader.next();
    const events = Array.from({ length: 10 }, (_, i) => timelineEvent(i + 500, '+sdown'));
    fleet.show(steadyView({ atMs: NOON_MS + 90_000, events }));
    assert.equal((await reader.next()).kind, 'full');
    fleet.show(steadyView());
  });

  test('a reader that takes nothing is let go', async () => {
    const text = 'x'.repeat(20_000);
    const stuck = new PaperFleet();
    await using other = await createDashboard({ fleet: stuck, files, stuckMs: 300 });
    const socket = connect(other.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.pause();
    const head = `Host: 127.0.0.1:${other.port}\r\nAuthorization: Bearer ${other.token}`;
    socket.write(`GET /api/stream HTTP/1.1\r\n${head}\r\n\r\n`);
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    let id = 0;
    const feeding = setInterval(() => {
      const events = Array.from({ length: 50 }, () => timelineEvent(++id, '+x', { text }));
      stuck.show(steadyView({ atMs: NOON_MS + id, events }));
    }, 5);
    // A paused socket learns of its end when it writes.
    const poking = setInterval(() => socket.write(' '), 100);
    await closed;
    clearInterval(feeding);
    clearInterval(poking);
  });

  test('there is a bound on how many are open', async () => {
    const readers = await Promise.all(Array.from({ length: 32 }, () => openStream()));
    const refused = await ask('/api/stream', { headers: bearer() });
    assert.equal(refused.status, 503);
    for (const reader of readers) await reader[Symbol.asyncDispose]();
    // The place is free again once the server has noticed the end.
    for (;;) {
      await using again = await openStream().catch(() => undefined);
      if (again !== undefined) break;
    }
  });
});

test('closing ends the streams and lets go of the fleet', async () => {
  const own = new PaperFleet();
  const other = await createDashboard({ fleet: own, files });
  const response = await fetch(`${other.origin}/api/stream`, {
    headers: { Authorization: `Bearer ${other.token}` },
  });
  assert.equal(own.listenerCount, 2);
  await other.close();
  await other.close();
  await response.text().catch(() => '');
  assert.equal(own.listenerCount, 0);
});

test('HEAD is answered as GET is, without a body', async () => {
  const { status, text } = await ask('/health', { method: 'HEAD' });
  assert.deepEqual([status, text], [200, '']);
});

test('a page that was not built is said at the start', () => {
  assert.throws(() => readPageFiles(new URL('./nowhere/', import.meta.url)), /run npm run build/);
});

test('a taken port is said by its code', async () => {
  const options = { fleet: new PaperFleet(), files, port: dashboard.port };
  await assert.rejects(createDashboard(options), { code: 'EADDRINUSE' });
  assert.equal(options.fleet.listenerCount, 0);
});

interface StreamReader extends AsyncDisposable {
  next(): Promise<PageMessage>;
}

async function openStream(): Promise<StreamReader> {
  const abort = new AbortController();
  const response = await fetch(`${dashboard.origin}/api/stream`, {
    headers: { Authorization: `Bearer ${dashboard.token}` },
    signal: abort.signal,
  });
  if (response.status !== 200 || response.body === null) throw new Error(`${response.status}`);
  const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const events = new EventReader();
  const waiting: PageMessage[] = [];
  return {
    async next() {
      while (waiting.length === 0) {
        const { done, value } = await chunks.read();
        if (done) throw new Error('the stream ended');
        waiting.push(...events.read(value).map(({ data }) => JSON.parse(data) as PageMessage));
      }
      return waiting.shift()!;
    },
    async [Symbol.asyncDispose]() {
      abort.abort();
      await chunks.read().catch(() => {});
    },
  };
}

/** Bytes as they are, and the answer as it is. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(dashboard.port, '127.0.0.1');
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket.setEncoding('latin1')) text += chunk;
  return text;
}
