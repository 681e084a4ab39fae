// The pages of docs/ that say what the objects in src/ say.

import { dataCommands, sharedCommands } from '../src/commands/registry.ts';
import type { Command } from '../src/dispatch/command.ts';
import { errors } from '../src/protocol/errors.ts';
import { directives } from '../src/server/config/directives.ts';
import { readProjectFile } from '../tests/support/project.ts';
import { compatibilityPage } from './compatibility-page.ts';
import { errorsPage } from './errors-page.ts';
import { redisCommands } from './redis-commands.ts';
import { replicationPage } from './replication-page.ts';
import { sentinelPage } from './sentinel-page.ts';

/** Path and text of every generated page. */
export function generatedPages(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: 'docs/errors.md', text: errorsPage(errors) },
    {
      path: 'docs/replication.md',
      text: replicationPage(readProjectFile('docs/replication.md')),
    },
    { path: 'docs/sentinel.md', text: sentinelPage(readProjectFile('docs/sentinel.md')) },
    {
      path: 'docs/compatibility.md',
      text: compatibilityPage({
        commands: [...dataCommands, ...sharedCommands] as readonly Command<never>[],
        directives,
        redisCommands,
      }),
    },
  ];
}
