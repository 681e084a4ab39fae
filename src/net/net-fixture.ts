// A node with a handful of commands, for the tests of the net layer: it shows what the layer does and
// needs neither dispatcher nor data.

import type { SessionLink } from '../dispatch/session-link.ts';
import type { OutputBuffer } from '../protocol/output-buffer.ts';
import { Resp2Writer } from '../protocol/reply-writer.ts';
import { Request } from '../protocol/request.ts';
import type { ClientClass, NetHost, NetSession } from './net-session.ts';
import type { NetSettings } from './net-settings.ts';

const NO_LIMIT = { hardBytes: 0, softBytes: 0, softSeconds: 0 };

/** Settings that a test may change while the node runs. */
export class TestSettings implements NetSettings {
  bind: readonly string[] = ['127.0.0.1'];
  port = 0;
  tcpBacklog = 511;
  tcpKeepalive = 300;
  timeout = 0;
  unixsocket = '';
  unixsocketperm = 0;
  protectedMode = true;
  maxclients = 10_000;
  protoMaxBulkLen: number = 512 * 1024 * 1024;
  clientQueryBufferLimit: number = 1024 * 1024 * 1024;
  clientOutputBufferLimit: NetSettings['clientOutputBufferLimit'] = {
    normal: NO_LIMIT,
    replica: NO_LIMIT,
    pubsub: NO_LIMIT,
  };
  maxmemoryClients = 0;
  maxmemory = 0;
  replBacklogSize: number = 1024 * 1024;
}

export class TestSession implements NetSession {
  readonly id: number;
  readonly link: SessionLink;
  readonly out: OutputBuffer;
  readonly reply: Resp2Writer;
  request: Request = new Request();
  authenticated = true;
  blockedOn: object | undefined = undefined;
  noEvict = false;
  closing = false;
  lastInteractionMs = 0;
  clientClass: ClientClass = 'normal';
  closedCalls = 0;
  readonly #onClosed: () => void;

  constructor(id: number, link: SessionLink, out: OutputBuffer, onClosed: () => void) {
    this.id = id;
    this.link = link;
    this.out = out;
    this.reply = new Resp2Writer(out);
    this.#onClosed = onClosed;
  }

  closed(): void {
    this.closedCalls++;
    this.#onClosed();
  }
}

export class TestHost implements NetHost<TestSession> {
  readonly sessions: TestSession[] = [];
  executed = 0;
  chunks = 0;
  flushes = 0;
  requiresPassword = false;
  /** Called for SPIN: lets virtual or real time pass within a command. */
  spin: () => void = () => {};
  #nextId = 1;

  createSession(link: SessionLink, out: OutputBuffer): TestSession {
    const session = new TestSession(this.#nextId++, link, out, () => {
      this.sessions.splice(this.sessions.indexOf(session), 1);
    });
    session.authenticated = !this.requiresPassword;
    this.sessions.push(session);
    return session;
  }

  beginChunk(): void {
    this.chunks++;
  }

  endChunk(): void {}

  beforeFlush(): void {
    this.flushes++;
  }

  replyError(session: TestSession, text: string): void {
    session.reply.error(text);
  }

  clientClass(session: TestSession): ClientClass {
    return session.clientClass;
  }

  memoryBytes(session: TestSession): number {
    const usage = session.link.usage();
    return usage.queryBufferBytes + usage.queryBufferFreeBytes + usage.replyPiecesBytes + 1000;
  }

  describe(session: TestSession): string {
    return `id=${session.id}`;
  }

  isOpenToAll(): boolean {
    return !this.requiresPassword;
  }

  execute(session: TestSession, request: Request): void {
    this.executed++;
    const { reply } = session;
    const name = request.text(0).toUpperCase();
    if (!session.authenticated && name !== 'AUTH') {
      reply.error('NOAUTH Authentication required.');
      return;
    }
    switch (name) {
      case 'PING':
        reply.simple('PONG');
        break;
      case 'AUTH':
        session.authenticated = true;
        reply.ok();
        break;
      case 'ECHO':
        reply.bulk(request.copy(1));
        break;
      case 'BIG':
        reply.bulk(Buffer.alloc(request.integer(1), 'x'));
        break;
      case 'ENDLESS':
        // As a command with a long reply does: it looks whether anybody still wants it.
        for (let i = 0; i < 10_000_000 && !session.closing; i++) reply.text('0123456789');
        break;
      case 'BLOCK':
        session.blockedOn = {};
        break;
      case 'SPIN':
        this.spin();
        reply.ok();
        break;
      case 'CLASS':
        session.clientClass = request.text(1) as ClientClass;
        reply.ok();
        break;
      case 'KILL':
        for (const other of this.sessions) {
          if (other.id !== request.integer(1)) continue;
          other.closing = true;
          other.link.close(false);
        }
        reply.ok();
        break;
      case 'QUIT':
        reply.ok();
        session.closing = true;
        session.link.close(true);
        break;
      default:
        reply.error(`ERR unknown command '${name}'`);
    }
  }

  /** Ends a BLOCK, as a push to a key would. */
  wake(session: TestSession): void {
    session.blockedOn = undefined;
    session.reply.simple('WOKEN');
    session.link.flushSoon();
    session.link.resume();
  }

  /** A message to a session out of turn. */
  publish(session: TestSession, bytes: number): void {
    session.reply.bulk(Buffer.alloc(bytes, 'm'));
    session.link.flushSoon();
  }
}
