// COMMAND: a node's commands as data. Everything here is read from the command objects; what the
// replies look like is in command-info.ts and command-docs.ts.

import { categoryBit } from '../../../dispatch/acl/acl-commands.ts';
import type { Command, FoundKey } from '../../../dispatch/command.ts';
import { CommandBit } from '../../../dispatch/command-flags.ts';
import type { CommandEntry } from '../../../dispatch/command-table.ts';
import { findKeys, mayHaveKeys } from '../../../dispatch/key-finder.ts';
import type { Session } from '../../../dispatch/session.ts';
import { errors } from '../../../protocol/errors.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';
import { Request } from '../../../protocol/request.ts';
import { globMatches } from '../../../util/glob.ts';
import { helpLines } from '../help-lines.ts';
import { helpReply } from '../help-reply.ts';
import { replyDocs } from './command-docs.ts';
import { replyInfo, replyStatusSet, sortedKeyFlags } from './command-info.ts';

const common = {
  group: 'server',
  flags: ['loading', 'stale'],
  categories: ['connection'],
} as const;

const anyOrder = ['nondeterministic_output_order'] as const;

const count: Command = {
  ...common,
  name: 'count',
  summary: 'Returns how many commands there are.',
  since: '2.8.13',
  complexity: 'O(1)',
  arity: 2,
  run(session, _request, reply) {
    reply.integer(session.dispatcher.commands.size);
  },
};

const docs: Command = {
  ...common,
  name: 'docs',
  summary: 'Returns the documentation of commands.',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of commands to look up',
  arity: -2,
  syntax: '[command-name...]',
  tips: anyOrder,
  run(session, request, reply) {
    const { commands } = session.dispatcher;
    const entries =
      request.count === 2
        ? [...commands.values()]
        : namedEntries(session, request).filter((entry) => entry !== undefined);
    reply.map(entries.length);
    for (const entry of entries) {
      reply.text(entry.fullName);
      replyDocs(entry, reply);
    }
  },
};

const info: Command = {
  ...common,
  name: 'info',
  summary: 'Returns arity, flags, keys and more of commands.',
  since: '2.8.13',
  complexity: 'O(N) where N is the number of commands to look up',
  arity: -2,
  syntax: '[command-name...]',
  tips: anyOrder,
  history: [['7.0.0', 'Without names it tells about all commands.']],
  run(session, request, reply) {
    if (request.count === 2) return replyAll(session, reply);
    reply.array(request.count - 2);
    for (const entry of namedEntries(session, request)) replyInfo(entry, reply);
  },
};

function replyAll(session: Session, reply: ReplyWriter): void {
  const { commands } = session.dispatcher;
  reply.array(commands.size);
  for (const entry of commands.values()) replyInfo(entry, reply);
}

function namedEntries(session: Session, request: Request): (CommandEntry | undefined)[] {
  const entries: (CommandEntry | undefined)[] = [];
  for (let i = 2; i < request.count; i++) {
    entries.push(session.dispatcher.commands.byFullName(request.text(i)));
  }
  return entries;
}

const list: Command = {
  ...common,
  name: 'list',
  summary: 'Returns the names of commands.',
  since: '7.0.0',
  complexity: 'O(N) where N is the total number of Redis commands',
  arity: -2,
  syntax: '[FILTERBY <MODULE module-name|ACLCAT category|PATTERN pattern:pattern>]',
  tips: anyOrder,
  run(session, request, reply) {
    const filter = readFilter(request);
    if (filter === undefined) return reply.error(errors.syntax);
    const names: string[] = [];
    for (const entry of session.dispatcher.commands.all()) {
      if (filter(entry)) names.push(entry.fullName);
    }
    reply.array(names.length);
    for (const name of names) reply.text(name);
  },
};

/** Undefined when the options are no filter. */
function readFilter(request: Request): ((entry: CommandEntry) => boolean) | undefined {
  if (request.count === 2) return () => true;
  if (request.count !== 5 || !request.is(2, 'FILTERBY')) return undefined;
  // There are no modules, so none has a command.
  if (request.is(3, 'MODULE')) return () => false;
  if (request.is(3, 'ACLCAT')) {
    const bit = categoryBit(request.text(4));
    return (entry) => (entry.categories & bit) !== 0;
  }
  if (!request.is(3, 'PATTERN')) return undefined;
  const pattern = request.copy(4);
  return (entry) => globMatches(pattern, Buffer.from(entry.fullName), true);
}

const getkeys: Command = {
  ...common,
  name: 'getkeys',
  summary: 'Returns the keys of a whole command.',
  since: '2.8.13',
  complexity: 'O(N) where N is the number of arguments to the command',
  arity: -3,
  syntax: 'command [arg...]',
  run(session, request, reply) {
    replyKeys(session, request, reply, false);
  },
};

const getkeysandflags: Command = {
  ...common,
  name: 'getkeysandflags',
  summary: 'Returns the keys of a whole command, and what it does to them.',
  since: '7.0.0',
  complexity: 'O(N) where N is the number of arguments to the command',
  arity: -3,
  syntax: 'command [arg...]',
  run(session, request, reply) {
    replyKeys(session, request, reply, true);
  },
};

/** Where the inner command begins. */
const INNER = 2;

function replyKeys(
  session: Session,
  request: Request,
  reply: ReplyWriter,
  withFlags: boolean,
): void {
  const args: Buffer[] = [];
  for (let i = INNER; i < request.count; i++) args.push(request.bytes(i));
  const inner = Request.of(args);
  const keys = keysOfInner(session, inner);
  if (typeof keys === 'string') {
    reply.error(keys);
    return;
  }
  reply.array(keys.length);
  for (const { index, flags } of keys) {
    if (withFlags) reply.array(2);
    reply.bulk(inner.bytes(index));
    if (withFlags) replyStatusSet(sortedKeyFlags(flags), reply);
  }
}

/** The keys, or the error text. */
function keysOfInner(session: Session, inner: Request): readonly FoundKey[] | string {
  const entry = session.dispatcher.commands.lookup(inner);
  if (entry === undefined) return errors.commandInvalid;
  if (!mayHaveKeys(entry.command)) return errors.commandNoKeys;
  if (!entry.fits(inner.count)) return errors.commandArguments;
  const keys = findKeys(entry.command, inner);
  if (keys !== undefined && keys.length > 0) return keys;
  return (entry.flags & CommandBit.no_mandatory_keys) !== 0 ? [] : errors.commandInvalidArguments;
}

const help: Command = {
  ...common,
  name: 'help',
  summary: 'Returns a short text about the subcommands.',
  since: '5.0.0',
  complexity: 'O(1)',
  arity: 2,
  run(session, request, reply) {
    helpReply(request, reply, helpLines(session.dispatcher.commands.aclCommand('command')));
  },
};

export const commandCommands: readonly Command[] = [
  {
    ...common,
    name: 'command',
    summary: 'Returns arity, flags, keys and more of all commands.',
    since: '2.8.13',
    complexity: 'O(N) where N is the total number of Redis commands',
    arity: -1,
    tips: anyOrder,
    subcommands: [count, docs, getkeys, getkeysandflags, help, info, list],
    run(session, _request, reply) {
      replyAll(session, reply);
    },
  },
];
