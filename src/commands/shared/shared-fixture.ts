// For the tests of this folder: a dispatcher with commands and clients that are only memory. What a
// client is sent is shown as it is on the wire, line ends as spaces.

import type { AclFile } from '../../dispatch/acl/acl-file.ts';
import type { Command } from '../../dispatch/command.ts';
import {
  type DispatchSettings,
  defaultDispatchSettings,
} from '../../dispatch/dispatch-settings.ts';
import { Dispatcher } from '../../dispatch/dispatcher.ts';
import type { Session } from '../../dispatch/session.ts';
import { detachedLink } from '../../dispatch/session-link.ts';
import { Transaction } from '../../dispatch/transaction.ts';
import { OutputBuffer } from '../../protocol/output-buffer.ts';
import { Request } from '../../protocol/request.ts';
import { KeyedHash } from '../../util/hash.ts';

const transactionFacts = { summary: '', since: '1.2.0', group: 'transactions', arity: 1 } as const;

/** MULTI and EXEC as far as these tests need them; the real ones are a family of data nodes. */
export const testTransactions: readonly Command[] = [
  {
    ...transactionFacts,
    name: 'multi',
    flags: ['noscript', 'fast'],
    categories: ['transaction'],
    run(session, _request, reply) {
      session.transaction = new Transaction();
      reply.ok();
    },
  },
  {
    ...transactionFacts,
    name: 'exec',
    flags: ['noscript', 'skip_slowlog'],
    categories: ['transaction'],
    run: (session) => session.dispatcher.runTransaction(session),
  },
];

export class SharedFixture {
  readonly dispatcher: Dispatcher;
  readonly settings: { -readonly [Name in keyof DispatchSettings]: DispatchSettings[Name] } = {
    ...defaultDispatchSettings,
  };
  nowMs = 1_700_000_000_000;

  constructor(commands: readonly Command[], aclFile?: AclFile) {
    this.dispatcher = new Dispatcher({
      clock: {
        wallMs: () => this.nowMs,
        wallUs: () => this.nowMs * 1000,
        monotonicUs: () => this.nowMs * 1000,
      },
      timers: { after: () => ({ cancel: () => {} }) },
      log: { notice: () => {}, warning: () => {} },
      settings: this.settings,
      identity: { version: '7.2.4', mode: 'standalone', role: () => 'master' },
      hash: new KeyedHash(1, 2),
      randomUint32: () => 4,
      randomHex: (digits) => 'a'.repeat(digits),
      aclFile,
    });
    this.dispatcher.use(commands);
  }

  client(resp: 2 | 3 = 2): TestClient {
    return new TestClient(this, resp);
  }
}

export class TestClient {
  readonly session: Session;
  closed: 'no' | 'now' | 'after replies' = 'no';
  readonly #fixture: SharedFixture;
  readonly #out: OutputBuffer = new OutputBuffer();

  constructor(fixture: SharedFixture, resp: 2 | 3) {
    this.#fixture = fixture;
    const close = (afterReplies: boolean): void => {
      this.closed = afterReplies ? 'after replies' : 'now';
    };
    const link = { ...detachedLink, address: '127.0.0.1:5000', localAddress: '127.0.0.1:6379' };
    this.session = fixture.dispatcher.createSession({ ...link, close }, this.#out);
    this.session.resp = resp;
  }

  /** Sends words that are parted by one space; what the client is sent then. */
  send(line: string): string {
    return this.sendWords(...line.split(' '));
  }

  sendWords(...words: (string | Buffer)[]): string {
    const { dispatcher, nowMs } = this.#fixture;
    dispatcher.beginChunk(nowMs);
    this.session.request = Request.of(words);
    dispatcher.execute(this.session, this.session.request);
    dispatcher.endChunk();
    return this.received();
  }

  /** What the client was sent since it was last asked. */
  received(): string {
    let text = '';
    this.#out.take((bytes) => {
      text += bytes.toString('latin1');
      return true;
    });
    return text.replaceAll('\r\n', ' ').trim();
  }
}
