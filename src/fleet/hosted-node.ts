// One node inside this process, in an environment of its own. Its file lies in its folder, as that of a
// process would, and it rewrites it in the same way.

import type { Environment, HostFacts } from '../env/environment.ts';
import { LeveledLog } from '../env/leveled-log.ts';
import type { LogLevel } from '../env/log.ts';
import { NodeProcesses } from '../env/node/node-processes.ts';
import { configurationChecks } from '../sentinel/configuration-checks.ts';
import { openState } from '../sentinel/open-state.ts';
import { Sentinel } from '../sentinel/sentinel.ts';
import { createDataNode, type DataNode } from '../server/data-node.ts';
import type { HostProcess } from '../server/host-process.ts';
import { loadNodeConfiguration } from '../server/load-node-configuration.ts';
import { loadSentinelConfiguration } from '../server/load-sentinel-configuration.ts';
import { AssertionError } from '../util/assert.ts';

const LINES_KEPT = 12;

/** A server or sentinel that has not been started; `ended` is called once, however it ends. */
export function makeServer(
  environment: Environment,
  configFile: string,
  ended: () => void,
): DataNode | { readonly failure: string } {
  const { files, host } = environment;
  const workingFolder = host.workingFolder();
  const loaded = loadNodeConfiguration({ files, workingFolder, configFile });
  if ('failure' in loaded) return { failure: loaded.failure.text.trim() };
  return createDataNode(environment, loaded.configuration, hostProcess(ended));
}

export function makeSentinel(
  environment: Environment,
  configFile: string,
  ended: () => void,
): Sentinel | { readonly failure: string } {
  const sources = { configFile, standardInput: undefined, options: undefined };
  const loaded = loadSentinelConfiguration(environment, { ...sources, ...configurationChecks() });
  if ('failure' in loaded) return { failure: loaded.failure.text.trim() };
  const configuration = { ...loaded.configuration, stateFolder: undefined };
  const opened = openState(environment, configuration);
  if ('failure' in opened) return { failure: opened.failure.text.trim() };
  return new Sentinel({
    environment,
    processes: new NodeProcesses(),
    process: hostProcess(ended),
    configuration,
    opened,
  });
}

/** An environment whose working folder and log are the node's own. */
export function environmentIn(
  real: Environment,
  folder: string,
): { readonly environment: Environment; readonly log: RecentLines } {
  const log = new RecentLines();
  const host: HostFacts = Object.create(real.host, { workingFolder: { value: () => folder } });
  return { environment: { ...real, host, log }, log };
}

/** A log that nobody reads unless something goes wrong. */
export class RecentLines extends LeveledLog {
  readonly #lines: string[] = [];

  get lines(): readonly string[] {
    return [...this.#lines];
  }

  override raw(text: string): void {
    this.#keep(text.trimEnd());
  }

  protected override write(_level: LogLevel, text: string): void {
    this.#keep(text);
  }

  #keep(text: string): void {
    this.#lines.push(text);
    if (this.#lines.length > LINES_KEPT) this.#lines.shift();
  }
}

function hostProcess(ended: () => void): HostProcess {
  return {
    beforeExit: () => {},
    exit: ended,
    crash: (reason) => {
      throw new AssertionError(reason);
    },
    notify: () => {},
    updateTitle: () => {},
  };
}
