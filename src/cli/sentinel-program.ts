// A sentinel as a process: what differs from a data node's is where its state may live, and that it
// refuses to run where its state cannot be written.

import type { Environment } from '../env/environment.ts';
import { NodeProcesses } from '../env/node/node-processes.ts';
import { configurationChecks } from '../sentinel/configuration-checks.ts';
import { openState } from '../sentinel/open-state.ts';
import { Sentinel } from '../sentinel/sentinel.ts';
import type { ConfigurationFailure } from '../server/config/load-configuration.ts';
import {
  loadSentinelConfiguration,
  type SentinelSources,
} from '../server/load-sentinel-configuration.ts';
import type { NodePlan } from './node-plan.ts';

const STATE_OPTION = '--state-dir';

export interface SentinelArguments {
  /** Without the option about the state. */
  readonly args: readonly string[];
  /** As typed. */
  readonly stateFolder: string | undefined;
}

/** Takes `--state-dir folder`, which is no directive, out of the arguments; undefined: no folder follows. */
export function takeStateFolder(args: readonly string[]): SentinelArguments | undefined {
  const at = args.indexOf(STATE_OPTION);
  if (at === -1) return { args, stateFolder: undefined };
  const stateFolder = args[at + 1];
  if (stateFolder === undefined || stateFolder.startsWith('--')) return undefined;
  return { args: args.filter((_, i) => i !== at && i !== at + 1), stateFolder };
}

export function planSentinel(
  environment: Environment,
  sources: SentinelSources,
  typedFolder: string | undefined,
): NodePlan | { readonly failure: ConfigurationFailure } {
  const { files, host } = environment;
  const stateFolder =
    typedFolder === undefined ? undefined : files.resolve(host.workingFolder(), typedFolder);
  const loaded = loadSentinelConfiguration(environment, { ...sources, ...configurationChecks() });
  if ('failure' in loaded) return loaded;
  const configuration = { ...loaded.configuration, stateFolder };
  const opened = openState(environment, configuration);
  if ('failure' in opened) return opened;
  return {
    configuration,
    mode: 'sentinel',
    role: 'X',
    create: (process) =>
      new Sentinel({
        environment,
        processes: new NodeProcesses(),
        process,
        configuration,
        opened,
      }),
  };
}
