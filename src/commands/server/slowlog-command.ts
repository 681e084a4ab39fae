// SLOWLOG: reads the record of slow commands that the dispatcher keeps.

import { errors } from '../../protocol/errors.ts';
import type { DataCommand } from '../context.ts';
import { helpCommand } from './help.ts';

const common = { group: 'server', flags: ['admin', 'loading', 'stale'] } as const;

const DEFAULT_COUNT = 10;

const get: DataCommand = {
  ...common,
  name: 'get',
  summary: 'Returns entries of the slow log, newest first.',
  since: '2.2.12',
  complexity: 'O(N) where N is the number of entries returned',
  arity: -2,
  syntax: '[count:integer]',
  history: [['4.0.0', 'Added client IP address, port and name to the reply.']],
  tips: ['request_policy:all_nodes', 'nondeterministic_output'],
  run(session, request, reply) {
    if (request.count > 3) return reply.error(errors.unknownSubcommandOrArity('GET', 'SLOWLOG'));
    const count = request.count === 3 ? request.integer(2) : DEFAULT_COUNT;
    if (!(count >= -1)) return reply.error(errors.slowlogCount);
    const { entries } = session.dispatcher.slowlog;
    const shown = count === -1 ? entries : entries.slice(0, count);
    reply.array(shown.length);
    for (const entry of shown) {
      reply.array(6);
      reply.integer(entry.id);
      reply.integer(entry.time);
      reply.integer(entry.us);
      reply.array(entry.args.length);
      for (const arg of entry.args) reply.bulk(arg);
      reply.text(entry.address);
      reply.text(entry.name);
    }
  },
};

const len: DataCommand = {
  ...common,
  name: 'len',
  summary: 'Returns the number of entries in the slow log.',
  since: '2.2.12',
  complexity: 'O(1)',
  arity: 2,
  tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
  run(session, _request, reply) {
    reply.integer(session.dispatcher.slowlog.entries.length);
  },
};

const reset: DataCommand = {
  ...common,
  name: 'reset',
  summary: 'Removes all entries of the slow log.',
  since: '2.2.12',
  complexity: 'O(N) where N is the number of entries in the slowlog',
  arity: 2,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  run(session, _request, reply) {
    session.dispatcher.slowlog.reset();
    reply.ok();
  },
};

export const slowlog: DataCommand = {
  name: 'slowlog',
  summary: 'A container for slow log commands.',
  since: '2.2.12',
  group: 'server',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [
    get,
    helpCommand('6.2.0', [
      'GET [<count>]',
      '    Entries, newest first (10 unless told, -1: all). Each is: id, seconds since 1970,',
      '    microseconds taken, arguments, client address, client name.',
      'LEN',
      '    The number of entries.',
      'RESET',
      '    Remove all entries.',
    ]),
    len,
    reset,
  ],
};
