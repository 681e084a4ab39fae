// What only the commands know about a configuration: whether the rules of a `user` line are rules, and
// whether a command to be renamed exists. So a mistake there names its line.

import { Acl } from './acl/acl.ts';
import type { Command } from './command.ts';
import { CommandTable } from './command-table.ts';
import { defaultDispatchSettings } from './dispatch-settings.ts';

/** Both give the error text, or nothing. */
export interface ConfigurationChecks {
  declareUser(words: readonly string[]): string | undefined;
  renameCommand(from: string, to: string): string | undefined;
}

/** For one configuration: users and names that it has seen count. The node makes its own, in its order. */
export function configurationChecks(
  families: readonly (readonly Command<never>[])[],
): ConfigurationChecks {
  const table = new CommandTable();
  for (const commands of families) table.add(commands);
  const acl = new Acl({
    commands: table,
    settings: defaultDispatchSettings,
    sessions: () => [],
    listensTo: () => {},
    clientInfo: () => '',
    nowMs: () => 0,
    randomHex: () => '',
    log: { notice: () => {}, warning: () => {} },
  });
  return {
    declareUser: (words) => acl.declareUser(words),
    renameCommand(from, to) {
      if (table.byFullName(from) === undefined) return 'No such command in rename-command';
      return table.rename(from, to) ? undefined : 'Target command name already exists';
    },
  };
}
