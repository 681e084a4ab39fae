// For tests of command families: runs handlers on a real engine without a dispatcher. What it shows
// of a command is what the dispatcher would see: the reply, the effects to propagate, the events.
// Arity, ACL, transactions and blocking are the dispatcher's and are tested there.

import type { Database } from '../engine/database.ts';
import type { ChangeObserver, Engine } from '../engine/engine.ts';
import { testEngine } from '../engine/engine-fixture.ts';
import type { EngineSettings } from '../engine/settings.ts';
import { OutputBuffer } from '../protocol/output-buffer.ts';
import { type Reply, ReplyReader } from '../protocol/reply-reader.ts';
import { type ReplyWriter, Resp2Writer, Resp3Writer } from '../protocol/reply-writer.ts';
import { Request } from '../protocol/request.ts';

import type { CommandSettings, DataCommand, DataSession } from './context.ts';

export type PlainReply = string | number | bigint | null | PlainReply[];

/** `set k v` as words; a Buffer or a number as it is. */
export type Word = string | number | Buffer;

/** What the fixture itself touches of its stand-in for a session. */
interface FixtureSession {
  db: Database;
  denyBlocking: boolean;
  role: string;
  reply: ReplyWriter;
}

export class CommandFixture {
  readonly engine: Engine;
  readonly settings: { -readonly [name in keyof CommandSettings]: CommandSettings[name] } = {
    protoMaxBulkLen: 512 * 1024 * 1024,
    maxmemory: 0,
    lazyfreeLazyExpire: false,
    lazyfreeLazyServerDel: false,
    lazyfreeLazyUserDel: false,
    lazyfreeLazyUserFlush: false,
    rdbTargetVersion: 10,
    rdbcompression: true,
    sanitizeDumpPayload: 'yes',
  };
  /** Keyspace events of the last command, 'set k'. */
  events: string[] = [];
  /** What the last command wants propagated instead of itself; undefined: itself if it changed anything. */
  propagated: string[][] | undefined;
  /** Changes that the last command counted. */
  dirty = 0;
  /** Whether the last command returned `blocked`. */
  blocked = false;

  readonly #commands: Map<string, DataCommand> = new Map();
  readonly #out: OutputBuffer = new OutputBuffer();
  #reply: ReplyWriter = new Resp2Writer(this.#out);
  readonly #session: FixtureSession;

  constructor(commands: readonly DataCommand[], changes: Partial<EngineSettings> = {}) {
    for (const command of commands) this.#commands.set(command.name, command);
    this.engine = testEngine(1, changes);
    this.engine.interest = 1;
    this.engine.observer = this.#observer();
    const server = {
      engine: this.engine,
      settings: this.settings,
      random: {
        uint32: () => this.engine.random(),
        below: (limit: number) => Math.floor((this.engine.random() / 2 ** 32) * limit),
      },
      nowMs: () => this.engine.wallMs,
      host: {
        persistence: { flushedAll: () => {} },
        debug: { skipChecksums: false },
        log: () => {},
      },
    };
    this.#session = {
      db: this.engine.databases[0],
      server,
      denyBlocking: false,
      role: 'client',
      reply: this.#reply,
      resp: 2,
      user: { unrestricted: true },
      dispatcher: {
        watches: { touchDatabase: () => {} },
        blocking: { signal: () => {}, signalDatabase: () => {} },
        propagation: { active: true },
      },
      propagateAs: (args: readonly (Uint8Array | string | number)[]) => {
        this.propagated ??= [];
        this.propagated.push(args.map(wordOf));
      },
      propagateNothing: () => {
        this.propagated = [];
      },
      propagateAnyway: () => {},
    } as unknown as FixtureSession;
  }

  /** Moves the clock. */
  advance(ms: number): void {
    this.engine.tick(this.engine.wallMs + ms);
  }

  select(index: number): void {
    this.#session.db = this.engine.databases[index];
  }

  useResp3(): void {
    this.#reply = new Resp3Writer(this.#out);
    this.#session.reply = this.#reply;
  }

  /** Runs a command; errors come back as text with '-' in front, statuses with '+'. */
  run(...words: Word[]): PlainReply {
    return plain(this.runRaw(...words));
  }

  /** A command line of words without spaces. */
  line(text: string): PlainReply {
    return this.run(...text.split(' '));
  }

  runRaw(...words: Word[]): Reply {
    const request = Request.of(words);
    let command = this.#commands.get(request.text(0).toLowerCase());
    if (command?.subcommands !== undefined) {
      const word = request.text(1).toLowerCase();
      command = command.subcommands.find((sub) => sub.name === word);
    }
    if (command?.run === undefined) throw new Error(`no command ${words.join(' ')}`);
    this.events = [];
    this.propagated = undefined;
    const before = this.engine.dirty;
    const session = this.#session as unknown as DataSession;
    this.blocked = command.run(session, request, this.#reply) !== undefined;
    this.dirty = this.engine.dirty - before;
    const reader = new ReplyReader();
    const chunks: Buffer[] = [];
    this.#out.take((bytes) => {
      chunks.push(Buffer.from(bytes));
      return true;
    });
    reader.feed(Buffer.concat(chunks));
    const reply = reader.next();
    if (reply === undefined && !this.blocked) throw new Error(`no reply to ${words.join(' ')}`);
    if (reader.bufferedBytes > 0) throw new Error(`more than one reply to ${words.join(' ')}`);
    return reply ?? { kind: 'null' };
  }

  #observer(): ChangeObserver {
    const note = (b: Buffer, s: number, e: number, cls: number, event: string): void => {
      if (cls !== 0) this.events.push(`${event} ${b.toString('latin1', s, e)}`);
    };
    return {
      isNeeded: true,
      changed: (_db, b, s, e, cls, event) => note(b, s, e, cls, event),
      notify: (_db, b, s, e, cls, event) => {
        if (event !== 'new' && event !== 'keymiss') note(b, s, e, cls, event);
      },
      removed: (_db, key, reason) => this.events.push(`${reason} ${key.toString('latin1')}`),
      flushed: (db) => this.events.push(`flushed ${db.index}`),
    };
  }
}

function wordOf(arg: Uint8Array | string | number): string {
  return arg instanceof Uint8Array ? Buffer.from(arg).toString('latin1') : String(arg);
}

function plain(reply: Reply): PlainReply {
  switch (reply.kind) {
    case 'simple':
      return `+${reply.text}`;
    case 'error':
      return `-${reply.text}`;
    case 'integer':
      return reply.exact ?? reply.value;
    case 'bulk':
    case 'verbatim':
      return reply.bytes.toString('latin1');
    case 'double':
      return reply.value;
    case 'boolean':
      return reply.value ? 1 : 0;
    case 'bigNumber':
      return reply.text;
    case 'null':
      return null;
    default:
      return reply.items.map(plain);
  }
}
