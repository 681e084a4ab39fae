// A sentinel of the simulated fleet. Its scripts do not run: there are no programs here.

import type { SimulatedEnvironment } from '../env/simulated/simulated-environment.ts';
import { configurationChecks } from '../sentinel/configuration-checks.ts';
import { openState } from '../sentinel/open-state.ts';
import { Sentinel } from '../sentinel/sentinel.ts';
import { loadSentinelConfiguration } from '../server/load-sentinel-configuration.ts';
import { assert } from '../util/assert.ts';
import { CONFIG_FILE, type Process, SimulatedNode } from './simulated-node.ts';
import { putFile } from './stored-file.ts';

export const SENTINEL_PORT = 26379;

const noPrograms = { start: () => ({ pid: 0, kill: () => {} }) };

export class SentinelNode extends SimulatedNode {
  readonly kind = 'sentinel';
  readonly port: number = SENTINEL_PORT;
  #sentinel: Sentinel | undefined;

  /** What the process knows; undefined while there is none, or none that got through its start. */
  get process(): Sentinel | undefined {
    return this.#sentinel;
  }

  /** Writes the configuration that the next start reads, without any state. */
  configure(lines: readonly string[]): void {
    putFile(this.disk, CONFIG_FILE, `${lines.join('\n')}\n`);
  }

  protected createProcess(environment: SimulatedEnvironment): Process {
    const sources = { configFile: CONFIG_FILE, ...configurationChecks() };
    const loaded = loadSentinelConfiguration(environment, sources);
    assert('configuration' in loaded, 'the configuration of a simulated sentinel is right');
    const configuration = { ...loaded.configuration, stateFolder: undefined };
    const opened = openState(environment, configuration);
    // A disk that takes no writes is one of the faults.
    if ('failure' in opened) {
      environment.log.warning(opened.failure.text);
      return { start: () => Promise.resolve(false) };
    }
    const sentinel = new Sentinel({
      environment,
      processes: noPrograms,
      process: {
        beforeExit: () => {},
        exit: (code) => this.ended(environment, code, ''),
        notify: () => {},
      },
      configuration,
      opened,
    });
    return {
      start: async () => {
        const hasStarted = await sentinel.start();
        if (hasStarted && this.environment === environment) this.#sentinel = sentinel;
        return hasStarted;
      },
    };
  }

  protected forgetProcess(): void {
    this.#sentinel = undefined;
  }
}
