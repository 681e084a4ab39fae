// HELP of the containers in this folder.

import type { DataCommand } from '../context.ts';
import { helpReply } from '../shared/help-reply.ts';

export function helpCommand(
  since: string,
  lines: readonly string[],
  flags: DataCommand['flags'] = ['loading', 'stale'],
): DataCommand {
  return {
    name: 'help',
    summary: 'Returns a short text about the subcommands.',
    since,
    group: 'server',
    complexity: 'O(1)',
    arity: 2,
    flags,
    run(_session, request, reply) {
      helpReply(request, reply, lines);
    },
  };
}
