// TIME and LOLWUT: small answers about the node.

import { errors } from '../../protocol/errors.ts';
import type { DataCommand } from '../context.ts';
import { drawing } from './drawing.ts';

export const time: DataCommand = {
  name: 'time',
  summary: 'Returns the seconds since 1970 and the microseconds of the current second.',
  since: '2.6.0',
  group: 'server',
  complexity: 'O(1)',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  tips: ['nondeterministic_output'],
  run(session, _request, reply) {
    const us = session.server.host.wallUs();
    reply.array(2);
    reply.text(String(Math.floor(us / 1_000_000)));
    reply.text(String(us % 1_000_000));
  },
};

/** A wider picture costs more than it gives. */
const MAX_COLUMNS = 1000;

export const lolwut: DataCommand = {
  name: 'lolwut',
  summary: 'Displays computer art and the version.',
  since: '5.0.0',
  group: 'server',
  arity: -1,
  flags: ['readonly', 'fast'],
  syntax: '[VERSION version:integer]',
  run(session, request, reply) {
    const asked = request.count >= 3 && request.is(1, 'VERSION');
    const version = asked ? request.integer(2) : 0;
    if (Number.isNaN(version)) return reply.error(errors.notInteger);
    const { random } = session.server;
    const signature = `Redis ver. ${session.dispatcher.identity.version}\n`;
    if (version !== 5 && version !== 6) return reply.verbatim('txt', signature);
    const columns = request.count >= 4 ? request.integer(3) : 66;
    if (Number.isNaN(columns)) return reply.error(errors.notInteger);
    const width = Math.min(MAX_COLUMNS, Math.max(1, columns));
    reply.verbatim('txt', `${drawing(random, width)}\nUnderstudies, waiting. ${signature}`);
  },
};
