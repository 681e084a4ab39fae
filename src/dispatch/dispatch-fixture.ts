// A dispatcher on virtual time, with sessions whose replies can be read as text, and a keyspace of
// plain strings with list-like counters: just enough data for commands that wait and change things.

import { OutputBuffer } from '../protocol/output-buffer.ts';
import { Request } from '../protocol/request.ts';
import { KeyedHash } from '../util/hash.ts';
import { blocked } from './blocking.ts';
import { type Command, key, keysToEnd } from './command.ts';
import { type DispatchSettings, defaultDispatchSettings } from './dispatch-settings.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DataState, KeyspaceView } from './hooks.ts';
import type { Session } from './session.ts';
import {
  detachedLink,
  type OutputChannel,
  type OutputOwner,
  type SessionLink,
} from './session-link.ts';
import { Transaction } from './transaction.ts';

export class TestTime {
  nowUs = 1_000_000_000_000;
  #timers: { atUs: number; run: () => void; on: boolean }[] = [];

  wallMs(): number {
    return Math.floor(this.nowUs / 1000);
  }

  wallUs(): number {
    return this.nowUs;
  }

  monotonicUs(): number {
    return this.nowUs;
  }

  after(ms: number, run: () => void): { cancel(): void } {
    const timer = { atUs: this.nowUs + ms * 1000, run, on: true };
    this.#timers.push(timer);
    return {
      cancel: () => {
        timer.on = false;
      },
    };
  }

  /** Lets the time pass; timers run in their order. */
  pass(ms: number): void {
    const endUs = this.nowUs + ms * 1000;
    for (;;) {
      const due = this.#timers
        .filter((timer) => timer.on && timer.atUs <= endUs)
        .sort((a, b) => a.atUs - b.atUs)[0];
      if (due === undefined) break;
      due.on = false;
      this.nowUs = Math.max(this.nowUs, due.atUs);
      due.run();
    }
    this.nowUs = endUs;
  }
}

/** Lists that are numbers of elements; a key is there while its list has some. */
export class TestData implements DataState, KeyspaceView {
  dirty = 0;
  wallMs = 0;
  interest = 0;
  readonly lists: Map<string, number> = new Map();
  readonly expired: Set<string> = new Set();

  kindOf(_dbIndex: number, name: string): string | undefined {
    return this.exists(_dbIndex, name) && !this.expired.has(name) ? 'list' : undefined;
  }

  isExpired(_dbIndex: number, name: string): boolean {
    return this.expired.has(name);
  }

  exists(_dbIndex: number, name: string): boolean {
    return this.lists.has(name);
  }
}

export class TestLink implements SessionLink {
  readonly address: string;
  readonly localAddress = '127.0.0.1:6379';
  readonly fd = 8;
  readonly isUnix = false;
  resumed = 0;
  flushed = 0;
  closes: string[] = [];

  constructor(address: string) {
    this.address = address;
  }

  flushSoon(): void {
    this.flushed++;
  }

  resume(): void {
    this.resumed++;
  }

  close(afterReplies: boolean): void {
    this.closes.push(afterReplies ? 'afterReplies' : 'now');
  }

  takeOutput(owner: OutputOwner): OutputChannel {
    return detachedLink.takeOutput(owner);
  }

  usage(): ReturnType<SessionLink['usage']> {
    return detachedLink.usage();
  }
}

export class TestClient {
  readonly session: Session;
  readonly link: TestLink;
  readonly #out: OutputBuffer;
  readonly #node: TestNode;

  constructor(node: TestNode, port: number) {
    this.#node = node;
    this.link = new TestLink(`127.0.0.1:${port}`);
    this.#out = new OutputBuffer();
    this.session = node.dispatcher.createSession(this.link, this.#out);
  }

  /** Runs commands of one chunk, words separated by spaces; what was replied, as text. */
  run(...lines: string[]): string {
    const { dispatcher, time } = this.#node;
    dispatcher.beginChunk(time.wallMs());
    for (const line of lines) {
      if (this.session.closing) break;
      this.session.request = Request.of(line.split(' '));
      dispatcher.execute(this.session, this.session.request);
    }
    dispatcher.endChunk();
    dispatcher.beforeFlush();
    return this.read();
  }

  /** What came since the last look, line ends as spaces. */
  read(): string {
    const chunks: Buffer[] = [];
    this.#out.take((bytes) => {
      chunks.push(Buffer.from(bytes));
      return true;
    });
    return Buffer.concat(chunks).toString('latin1').replaceAll('\r\n', ' ').trimEnd();
  }
}

export class TestNode {
  readonly time: TestTime = new TestTime();
  readonly data: TestData = new TestData();
  readonly warnings: string[] = [];
  readonly settings: { -readonly [K in keyof DispatchSettings]: DispatchSettings[K] } = {
    ...defaultDispatchSettings,
  };
  readonly dispatcher: Dispatcher;
  #nextPort = 50_001;

  constructor(commands: readonly Command<never>[] = []) {
    this.dispatcher = new Dispatcher({
      clock: this.time,
      timers: this.time,
      log: { notice: () => {}, warning: (text) => this.warnings.push(text) },
      settings: this.settings,
      identity: { version: '7.2.4', mode: 'standalone', role: () => 'master' },
      hash: new KeyedHash(1, 2),
      randomUint32: () => 7,
      randomHex: (digits) => '0'.repeat(digits),
      data: this.data,
      keyspace: this.data,
    });
    this.dispatcher.use([
      ...listCommands(this),
      ...waitingCommands(this),
      ...transactionCommands,
      ...connectionCommands(this),
      ...commands,
    ]);
  }

  client(): TestClient {
    return new TestClient(this, this.#nextPort++);
  }

  /** What the mutation gate does after a change. */
  changed(dbIndex: number, name: string): void {
    const bytes = Buffer.from(name, 'latin1');
    const { blocking, watches } = this.dispatcher;
    this.data.dirty++;
    watches.touch(dbIndex, bytes, 0, bytes.length);
    if (this.data.lists.has(name)) blocking.signal(dbIndex, bytes, 0, bytes.length);
    else blocking.signalDeleted(dbIndex, bytes, 0, bytes.length);
  }
}

const facts = { since: '1.0.0', group: 'list', summary: 'For tests.', complexity: 'O(1)' } as const;

/** Takes an element away; false when there is none. */
function take(lists: Map<string, number>, name: string): boolean {
  const length = lists.get(name) ?? 0;
  if (length <= 1) return lists.delete(name);
  lists.set(name, length - 1);
  return true;
}

function listCommands(node: TestNode): readonly Command[] {
  const { lists } = node.data;
  return [
    {
      ...facts,
      name: 'push',
      arity: -2,
      flags: ['write', 'denyoom', 'fast'],
      keys: key('RW', 'insert'),
      run(session, request, reply) {
        const name = request.text(1);
        lists.set(name, (lists.get(name) ?? 0) + Math.max(1, request.count - 2));
        node.changed(session.dbIndex, name);
        reply.integer(lists.get(name) ?? 0);
      },
    },
    {
      ...facts,
      name: 'del',
      arity: 2,
      flags: ['write'],
      keys: key('RM', 'delete'),
      run(session, request, reply) {
        const was = lists.delete(request.text(1));
        if (was) node.changed(session.dbIndex, request.text(1));
        reply.integer(was ? 1 : 0);
      },
    },
    {
      ...facts,
      name: 'len',
      arity: 2,
      flags: ['readonly', 'fast'],
      keys: key('RO', 'access'),
      run(_session, request, reply) {
        reply.integer(lists.get(request.text(1)) ?? 0);
      },
    },
    {
      ...facts,
      name: 'slow',
      complexity: 'O(N)',
      arity: 2,
      flags: ['readonly'],
      run(_session, request, reply) {
        node.time.nowUs += request.integer(1);
        reply.ok();
      },
    },
  ];
}

function waitingCommands(node: TestNode): readonly Command[] {
  const { lists } = node.data;
  return [
    {
      ...facts,
      // Keys, then the timeout in ms: 0 waits for ever.
      name: 'bpop',
      complexity: 'O(N)',
      arity: -3,
      flags: ['write', 'noscript', 'blocking'],
      keys: [
        {
          flags: ['RW', 'access', 'delete'],
          begin: { index: 1 },
          find: { last: -2, step: 1, limit: 0 },
        },
      ],
      run(session, request, reply) {
        const names = Array.from({ length: request.count - 2 }, (_, i) => request.text(i + 1));
        const found = names.find((name) => take(lists, name));
        if (found !== undefined) {
          node.changed(session.dbIndex, found);
          session.propagateAs(['POP', found]);
          reply.text(found);
          return undefined;
        }
        const ms = request.integer(request.count - 1);
        return blocked({
          keys: names.map((name) => Buffer.from(name, 'latin1')),
          kind: 'list',
          deadlineMs: ms === 0 ? 0 : node.time.wallMs() + ms,
          onTimeout: (late) => late.nullArray(),
        });
      },
    },
    {
      ...facts,
      // Moves one from key to key, or waits for it.
      name: 'bmove',
      arity: 3,
      flags: ['write', 'noscript', 'blocking'],
      keys: keysToEnd(['RW']),
      run(session, request, reply) {
        const [from, to] = [request.text(1), request.text(2)];
        if (!take(lists, from)) {
          return blocked({
            keys: [request.copy(1)],
            kind: 'list',
            deadlineMs: 0,
            onTimeout: (late) => late.null(),
          });
        }
        node.changed(session.dbIndex, from);
        lists.set(to, (lists.get(to) ?? 0) + 1);
        node.changed(session.dbIndex, to);
        reply.text(to);
        return undefined;
      },
    },
  ];
}

const openFlags = ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'] as const;

const transactionCommands: readonly Command[] = [
  {
    ...facts,
    name: 'multi',
    arity: 1,
    flags: openFlags,
    run(session, _request, reply) {
      session.transaction = new Transaction();
      reply.ok();
    },
  },
  {
    ...facts,
    name: 'exec',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    run: (session) => session.dispatcher.runTransaction(session),
  },
  {
    ...facts,
    name: 'discard',
    arity: 1,
    flags: openFlags,
    run(session, _request, reply) {
      session.dispatcher.discardTransaction(session);
      reply.ok();
    },
  },
  {
    ...facts,
    name: 'watch',
    arity: -2,
    flags: openFlags,
    run(session, request, reply) {
      const { watches } = session.dispatcher;
      for (let i = 1; i < request.count; i++) watches.watch(session, 0, request.text(i));
      reply.ok();
    },
  },
];

function connectionCommands(node: TestNode): readonly Command[] {
  const { waiting } = node.dispatcher;
  return [
    {
      ...facts,
      name: 'fail',
      arity: -1,
      flags: ['fast', 'loading', 'stale'],
      run: (_session, _request, reply) => reply.error('WRONGTYPE it always fails'),
    },
    { ...facts, name: 'ping', arity: 1, flags: ['fast'], run: (_s, _r, reply) => reply.ok() },
    {
      ...facts,
      name: 'auth',
      arity: 3,
      flags: openFlags,
      run(session, request, reply) {
        session.redact(2);
        const problem = node.dispatcher.acl.authenticate(
          session,
          request.text(1),
          request.bytes(2),
        );
        if (problem === undefined) reply.ok();
        else reply.error(problem);
      },
    },
    {
      ...facts,
      // pause MS WRITE|ALL, or pause 0 to lift it.
      name: 'pause',
      arity: -2,
      flags: openFlags,
      run(_session, request, reply) {
        const ms = request.integer(1);
        if (ms === 0) waiting.unpause('client');
        else {
          const mode = request.is(2, 'ALL') ? 'all' : 'write';
          waiting.pause('client', mode, node.time.wallMs() + ms);
        }
        reply.ok();
      },
    },
    {
      ...facts,
      name: 'box',
      arity: -2,
      flags: [],
      subcommands: [
        {
          ...facts,
          name: 'one',
          arity: 2,
          flags: ['fast'],
          run: (_session, _request, reply) => reply.simple('ONE'),
        },
      ],
    },
  ];
}
