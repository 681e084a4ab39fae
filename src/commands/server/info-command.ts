// INFO: the node's facts and figures as text. The sections themselves are the node's.

import type { DataCommand } from '../context.ts';
import { infoFacts, sectionsAsked } from '../shared/info/info-facts.ts';

export const info: DataCommand = {
  ...infoFacts,
  summary: 'Returns information and statistics about the server.',
  complexity: 'O(1)',
  run(session, request, reply) {
    reply.verbatim('txt', session.server.host.info(sectionsAsked(request)));
  },
};
