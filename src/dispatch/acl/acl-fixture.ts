// For the tests of this folder: a node with a handful of commands and sessions that only remember.

import { Request } from '../../protocol/request.ts';
import { type Command, type CommandFlag, key, keyAt, keysToEnd } from '../command.ts';
import { CommandTable } from '../command-table.ts';
import { Acl, type AclEnvironment } from './acl.ts';
import type { AclFile } from './acl-file.ts';
import type { AclUser } from './acl-user.ts';

function command(
  name: string,
  facts: Partial<Command> & { readonly flags?: readonly CommandFlag[] } = {},
): Command {
  return { name, summary: '', since: '1.0.0', group: 'generic', arity: -1, flags: [], ...facts };
}

function container(name: string, words: readonly string[], flags: CommandFlag[] = []): Command {
  return command(name, { subcommands: words.map((word) => command(word, { flags })) });
}

/** A small part of Redis's commands, with its categories and keys. */
function testCommands(): CommandTable {
  const readString = { flags: ['readonly', 'fast'], categories: ['string'] } as const;
  const table = new CommandTable();
  table.add([
    command('get', { ...readString, keys: key('RO', 'access') }),
    command('mget', { ...readString, keys: keysToEnd(['RO', 'access']) }),
    command('strlen', { ...readString, keys: key('RO') }),
    command('set', {
      flags: ['write', 'denyoom'],
      categories: ['string'],
      keys: key('RW', 'access', 'update'),
      keyFlags: (request) =>
        request.is(request.count - 1, 'GET') ? ['RW', 'access', 'update'] : ['OW', 'update'],
    }),
    command('copy', {
      flags: ['write'],
      categories: ['keyspace'],
      keys: [keyAt(1, 'RO', 'access'), keyAt(2, 'OW', 'update')],
    }),
    command('hget', { ...readString, categories: ['hash'], keys: key('RO', 'access') }),
    command('hset', { flags: ['write', 'fast'], categories: ['hash'], keys: key('RW', 'update') }),
    command('sadd', { flags: ['write', 'fast'], categories: ['set'], keys: key('RW', 'insert') }),
    command('ping', { flags: ['fast'], categories: ['connection'] }),
    command('auth', { flags: ['no_auth', 'fast'], categories: ['connection'] }),
    command('select', { flags: ['fast'], categories: ['connection'] }),
    command('debug', { flags: ['admin', 'noscript'] }),
    command('eval_ro', { flags: ['readonly'], categories: ['scripting'] }),
    command('publish', { flags: ['pubsub', 'fast'] }),
    command('spublish', { flags: ['pubsub', 'fast'], keys: key('not_key') }),
    command('subscribe', { flags: ['pubsub'] }),
    command('unsubscribe', { flags: ['pubsub'] }),
    command('psubscribe', { flags: ['pubsub'] }),
    container('config', ['get', 'set', 'rewrite'], ['admin']),
    container('client', ['id', 'list', 'setname'], []),
    container('memory', ['doctor', 'stats'], ['readonly']),
    container('acl', ['list', 'whoami'], ['admin']),
  ]);
  return table;
}

export interface TestSession {
  user: AclUser;
  authenticated: boolean;
  transaction: object | undefined;
  request: Request;
  /** Channels, and patterns with a leading '*'. */
  listens: string[];
  ended: 'no' | 'now' | 'after reply';
  close(): void;
  closeAfterReply(): void;
}

export interface TestNode {
  readonly acl: Acl<TestSession>;
  readonly table: CommandTable;
  readonly sessions: TestSession[];
  readonly logged: string[];
  readonly settings: { aclPubsubDefault: 'allchannels' | 'resetchannels'; acllogMaxLen: number };
  nowMs: number;
  login(name: string): TestSession;
  /** What `name` is told when it sends these words. */
  run(name: string, ...words: string[]): string;
}

export function testNode(file?: AclFile): TestNode {
  const table = testCommands();
  const sessions: TestSession[] = [];
  const logged: string[] = [];
  const settings: TestNode['settings'] = { aclPubsubDefault: 'resetchannels', acllogMaxLen: 128 };
  const environment: AclEnvironment<TestSession> = {
    commands: table,
    settings,
    file,
    sessions: () => sessions,
    listensTo: ({ listens }, visit) => {
      for (const name of listens) visit(Buffer.from(name), name.startsWith('*'));
    },
    clientInfo: ({ request }) => `cmd=${request.count > 0 ? request.text(0) : ''}`,
    nowMs: () => node.nowMs,
    randomHex: (digits) => '0'.repeat(digits),
    log: {
      notice: (text) => logged.push(`notice ${text}`),
      warning: (text) => logged.push(`warning ${text}`),
    },
  };
  const acl = new Acl(environment);
  const node: TestNode = {
    acl,
    table,
    sessions,
    logged,
    settings,
    nowMs: 1_000_000,
    login(name) {
      const session: TestSession = {
        user: acl.user(name)!,
        authenticated: true,
        transaction: undefined,
        request: new Request(),
        listens: [],
        ended: 'no',
        close: () => {
          session.ended = 'now';
        },
        closeAfterReply: () => {
          session.ended = 'after reply';
        },
      };
      sessions.push(session);
      return session;
    },
    run(name, ...words) {
      const session = node.login(name);
      sessions.pop();
      session.request = Request.of(words);
      const entry = table.lookup(session.request)!;
      return acl.deny(session, entry, session.request, 'toplevel') ?? 'OK';
    },
  };
  return node;
}
