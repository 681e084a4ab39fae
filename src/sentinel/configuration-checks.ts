// What only a sentinel's commands know about a configuration: whether the rules of a `user` line are
// rules, and whether a command to be renamed exists. So a mistake there names its line.

import { Acl } from '../dispatch/acl/acl.ts';
import { CommandTable } from '../dispatch/command-table.ts';
import { defaultDispatchSettings } from '../dispatch/dispatch-settings.ts';
import { sentinelCommands } from './commands/sentinel-commands.ts';

/** Both give the error text, or nothing. */
export interface ConfigurationChecks {
  declareUser(words: readonly string[]): string | undefined;
  renameCommand(from: string, to: string): string | undefined;
}

/** For one configuration: users and names that it has seen count. */
export function configurationChecks(): ConfigurationChecks {
  const table = new CommandTable();
  table.add(sentinelCommands);
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
