// Reads a data node's configuration, with the checks that its commands are needed for.

import { dataCommands, sharedCommands } from '../commands/registry.ts';
import { configurationChecks } from '../dispatch/configuration-checks.ts';
import {
  type Configuration,
  type ConfigurationFailure,
  type LoadSources,
  loadConfiguration,
} from './config/load-configuration.ts';

export function loadNodeConfiguration(
  sources: Omit<LoadSources, 'declareUser' | 'renameCommand'>,
): { readonly configuration: Configuration } | { readonly failure: ConfigurationFailure } {
  const checks = configurationChecks([sharedCommands, dataCommands]);
  return loadConfiguration({ ...sources, ...checks });
}
