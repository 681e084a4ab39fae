// SELECT: the database that the connection's further commands are about.

import type { DataCommand } from '../context.ts';
import { databaseArgument } from './database-argument.ts';

export const select: DataCommand = {
  name: 'select',
  summary: 'Changes the database that the connection works with.',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale', 'fast'],
  categories: ['connection'],
  syntax: 'index:integer',
  run(session, request, reply) {
    if (databaseArgument(session, request, 1, reply) === undefined) return;
    session.select(request.integer(1));
    reply.ok();
  },
};
