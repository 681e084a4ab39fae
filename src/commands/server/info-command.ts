// INFO: the node's facts and figures as text. The sections themselves are the node's.

import type { DataCommand } from '../context.ts';

export const info: DataCommand = {
  name: 'info',
  summary: 'Returns information and statistics about the server.',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: -1,
  flags: ['loading', 'stale'],
  categories: ['dangerous'],
  syntax: '[section...]',
  history: [['7.0.0', 'Added support for taking multiple section arguments.']],
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  run(session, request, reply) {
    const sections: string[] = [];
    for (let i = 1; i < request.count; i++) sections.push(request.text(i).toLowerCase());
    reply.verbatim('txt', session.server.host.info(sections));
  },
};
