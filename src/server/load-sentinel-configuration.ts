// Configuration for a sentinel: the same files and the same directives as a data node's, with a
// sentinel's defaults. A sentinel knows nothing of this folder; whoever starts one passes this on.

import type { AclFile } from '../dispatch/acl/acl-file.ts';
import type { Environment } from '../env/environment.ts';
import {
  type Configuration,
  type ConfigurationFailure,
  type LoadSources,
  loadConfiguration,
} from './config/load-configuration.ts';
import { rewriteConfiguration } from './config/rewrite-configuration.ts';
import { StoredAclFile } from './stored-acl-file.ts';

export type SentinelSources = Omit<LoadSources, 'files' | 'workingFolder' | 'sentinel'>;

export interface LoadedSentinelConfiguration extends Configuration {
  readonly aclFile: AclFile | undefined;
  /** The text of a configuration file with its directives, but for `sentinel`, as they are now. */
  rewrite(old: string, users: readonly string[] | undefined): string;
}

/** A sentinel has nothing to save. */
const OF_DATA: ReadonlySet<string> = new Set(['save']);

export function loadSentinelConfiguration(
  environment: Environment,
  sources: SentinelSources,
):
  | { readonly configuration: LoadedSentinelConfiguration }
  | { readonly failure: ConfigurationFailure } {
  const { files, host, random } = environment;
  const workingFolder = host.workingFolder();
  const loaded = loadConfiguration({ ...sources, files, workingFolder, sentinel: true });
  if ('failure' in loaded) return loaded;
  const { configuration } = loaded;
  const { settings } = configuration;
  const aclFile =
    settings.aclfile === ''
      ? undefined
      : new StoredAclFile({
          files,
          path: settings.aclfile,
          folder: () => settings.dir,
          temporarySuffix: () => random.hex(8),
        });
  const rewrite = (old: string, users: readonly string[] | undefined): string =>
    rewriteConfiguration(old, settings, { users, untouched: OF_DATA });
  return { configuration: { ...configuration, aclFile, rewrite } };
}
