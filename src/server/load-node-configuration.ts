// Reads a data node's configuration with what only its commands know: whether a `user` line's rules are
// rules, and whether a command to be renamed exists. So a mistake there, too, names its line.

import { dataCommands, sharedCommands } from '../commands/registry.ts';
import { Acl } from '../dispatch/acl/acl.ts';
import { CommandTable } from '../dispatch/command-table.ts';
import {
  type Configuration,
  type ConfigurationFailure,
  type LoadSources,
  loadConfiguration,
} from './config/load-configuration.ts';
import { Settings } from './config/settings.ts';

export function loadNodeConfiguration(
  sources: Omit<LoadSources, 'declareUser' | 'renameCommand'>,
): { readonly configuration: Configuration } | { readonly failure: ConfigurationFailure } {
  // Trial objects: the node makes its own, in the order it needs.
  const table = new CommandTable();
  table.add(sharedCommands);
  table.add(dataCommands);
  const acl = new Acl({
    commands: table,
    settings: new Settings(),
    sessions: () => [],
    listensTo: () => {},
    clientInfo: () => '',
    nowMs: () => 0,
    randomHex: () => '',
    log: { notice: () => {}, warning: () => {} },
  });
  return loadConfiguration({
    ...sources,
    declareUser: (words) => acl.declareUser(words),
    renameCommand(from, to) {
      if (table.byFullName(from) === undefined) return 'No such command in rename-command';
      return table.rename(from, to) ? undefined : 'Target command name already exists';
    },
  });
}
