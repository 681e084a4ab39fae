// ACL and its subcommands, for data nodes and Sentinels alike. What they do is in dispatch/acl; here
// are their arguments and the shapes of their replies.

import type { Command } from '../../../dispatch/command.ts';
import { errors } from '../../../protocol/errors.ts';
import { helpLines } from '../help-lines.ts';
import { helpReply } from '../help-reply.ts';
import { replyCategories, replyCategory } from './acl-cat.ts';
import { replyDryRun } from './acl-dryrun.ts';
import { replyLog } from './acl-log-reply.ts';
import { replyUser } from './acl-user-reply.ts';

const facts = {
  group: 'server',
  since: '6.0.0',
  flags: ['admin', 'noscript', 'loading', 'stale'],
} as const;

const openFlags = ['noscript', 'loading', 'stale'] as const;
const everywhere = ['request_policy:all_nodes', 'response_policy:all_succeeded'];

const cat: Command = {
  ...facts,
  name: 'cat',
  summary: 'Returns the categories of commands, or the commands of one category.',
  complexity: 'O(1) since the categories and commands are a fixed set.',
  arity: -2,
  flags: openFlags,
  syntax: '[category]',
  run(session, request, reply) {
    if (request.count === 2) replyCategories(reply);
    else if (request.count === 3)
      replyCategory(session.dispatcher.acl.commands, request.text(2), reply);
    else reply.error(errors.unknownSubcommandOrArity(request.text(1), request.text(0)));
  },
};

const deluser: Command = {
  ...facts,
  name: 'deluser',
  summary: 'Removes users and ends the connections that are logged in as one of them.',
  complexity: 'O(1) amortized time considering the typical user.',
  arity: -3,
  syntax: 'username...',
  tips: everywhere,
  run(session, request, reply) {
    const names: string[] = [];
    for (let i = 2; i < request.count; i++) names.push(request.text(i));
    if (names.includes('default')) reply.error(errors.aclDefaultUserStays);
    else reply.integer(session.dispatcher.acl.deleteUsers(names, session));
  },
};

const dryrun: Command = {
  ...facts,
  name: 'dryrun',
  summary: 'Tells whether a user could run a command, which is not run.',
  complexity: 'O(1).',
  since: '7.0.0',
  arity: -4,
  syntax: 'username command [arg...]',
  run(session, request, reply) {
    replyDryRun(session.dispatcher.acl, session.dispatcher.commands, request, reply);
  },
};

const MAX_PASSWORD_BITS = 4096;
const DEFAULT_PASSWORD_BITS = 256;

const genpass: Command = {
  ...facts,
  name: 'genpass',
  summary: 'Returns a random password, safe to use for a user.',
  complexity: 'O(1)',
  arity: -2,
  flags: openFlags,
  syntax: '[bits:integer]',
  run(session, request, reply) {
    if (request.count > 3) {
      reply.error(errors.unknownSubcommandOrArity(request.text(1), request.text(0)));
      return;
    }
    const bits = request.count === 3 ? request.integer(2) : DEFAULT_PASSWORD_BITS;
    if (Number.isNaN(bits)) reply.error(errors.notInteger);
    else if (bits <= 0 || bits > MAX_PASSWORD_BITS) reply.error(errors.aclGenpassBits);
    else reply.text(session.dispatcher.acl.environment.randomHex(Math.ceil(bits / 4)));
  },
};

const getuser: Command = {
  ...facts,
  name: 'getuser',
  summary: 'Returns the flags, passwords and permissions of a user.',
  complexity:
    'O(N). Where N is the number of password, command and pattern rules that the user has.',
  arity: 3,
  syntax: 'username',
  history: [
    ['6.2.0', 'Channel patterns are part of the reply.'],
    [
      '7.0.0',
      'Selectors are part of the reply, and patterns are shown as rules instead of a list.',
    ],
  ],
  run(session, request, reply) {
    const user = session.dispatcher.acl.user(request.text(2));
    if (user === undefined) reply.null();
    else replyUser(user, reply);
  },
};

const help: Command = {
  ...facts,
  name: 'help',
  summary: 'Lists the subcommands.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  run(session, request, reply) {
    helpReply(request, reply, helpLines(session.dispatcher.commands.aclCommand('acl')));
  },
};

const list: Command = {
  ...facts,
  name: 'list',
  summary: 'Returns all users as lines of an ACL file.',
  complexity: 'O(N). Where N is the number of configured users.',
  arity: 2,
  run(session, _request, reply) {
    const descriptions = session.dispatcher.acl.descriptions();
    reply.array(descriptions.length);
    for (const text of descriptions) reply.text(`user ${text}`);
  },
};

const load: Command = {
  ...facts,
  name: 'load',
  summary: 'Replaces all users by those of the ACL file.',
  complexity: 'O(N). Where N is the number of configured users.',
  arity: 2,
  run(session, _request, reply) {
    const problem = session.dispatcher.acl.load(session);
    if (problem === undefined) reply.ok();
    else reply.error(problem);
  },
};

const log: Command = {
  ...facts,
  name: 'log',
  summary: 'Returns the latest refusals, or forgets them.',
  complexity: 'O(N) with N being the number of entries shown.',
  arity: -2,
  syntax: 'operation=[count:integer|RESET]',
  history: [['7.2.0', 'Entries have an id and two timestamps.']],
  run(session, request, reply) {
    if (request.count > 3) {
      reply.error(errors.unknownSubcommandOrArity(request.text(1), request.text(0)));
    } else if (request.count === 3 && request.is(2, 'RESET')) {
      session.dispatcher.acl.log.clear();
      reply.ok();
    } else {
      const count = request.count === 3 ? request.integer(2) : 10;
      if (Number.isNaN(count)) reply.error(errors.notInteger);
      else replyLog(session.dispatcher.acl, count, reply);
    }
  },
};

const save: Command = {
  ...facts,
  name: 'save',
  summary: 'Writes all users to the ACL file.',
  complexity: 'O(N). Where N is the number of configured users.',
  arity: 2,
  tips: everywhere,
  run(session, _request, reply) {
    const problem = session.dispatcher.acl.save();
    if (problem === undefined) reply.ok();
    else reply.error(problem);
  },
};

const setuser: Command = {
  ...facts,
  name: 'setuser',
  summary: 'Creates a user or changes its rules.',
  complexity: 'O(N). Where N is the number of rules provided.',
  arity: -3,
  syntax: 'username [rule...]',
  tips: everywhere,
  history: [
    ['6.2.0', 'Channel patterns can be given.'],
    ['7.0.0', 'Selectors, and read and write permissions on keys, can be given.'],
  ],
  run(session, request, reply) {
    const words: string[] = [];
    for (let i = 2; i < request.count; i++) {
      session.redact(i);
      if (i > 2) words.push(request.text(i));
    }
    const problem = session.dispatcher.acl.setUser(request.text(2), words);
    if (problem === undefined) reply.ok();
    else reply.error(problem);
  },
};

const users: Command = {
  ...facts,
  name: 'users',
  summary: 'Returns the names of all users.',
  complexity: 'O(N). Where N is the number of configured users.',
  arity: 2,
  run(session, _request, reply) {
    const all = session.dispatcher.acl.users();
    reply.array(all.length);
    for (const user of all) reply.text(user.name);
  },
};

const whoami: Command = {
  ...facts,
  name: 'whoami',
  summary: 'Returns the name of the user that this connection is logged in as.',
  complexity: 'O(1)',
  arity: 2,
  flags: openFlags,
  run(session, _request, reply) {
    reply.text(session.user.name);
  },
};

export const aclCommands: readonly Command[] = [
  {
    name: 'acl',
    summary: 'Commands about users and what they may do.',
    since: '6.0.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      cat,
      deluser,
      dryrun,
      genpass,
      getuser,
      help,
      list,
      load,
      log,
      save,
      setuser,
      users,
      whoami,
    ],
  },
];
