// A data server of the simulated fleet.

import type { SimulatedEnvironment } from '../env/simulated/simulated-environment.ts';
import { createDataNode, type DataNode } from '../server/data-node.ts';
import { loadNodeConfiguration } from '../server/load-node-configuration.ts';
import { assert } from '../util/assert.ts';
import { CONFIG_FILE, type Process, SimulatedNode } from './simulated-node.ts';
import { putFile } from './stored-file.ts';

export const SERVER_PORT = 6379;

export class ServerNode extends SimulatedNode {
  readonly kind = 'server';
  readonly port: number = SERVER_PORT;
  #node: DataNode | undefined;

  /** What the process knows; undefined while there is none. */
  get process(): DataNode | undefined {
    return this.#node;
  }

  /** Writes the configuration that the next start reads; CONFIG REWRITE changes it afterwards. */
  configure(lines: readonly string[]): void {
    putFile(this.disk, CONFIG_FILE, `${lines.join('\n')}\n`);
  }

  protected createProcess(environment: SimulatedEnvironment): Process {
    const loaded = loadNodeConfiguration({
      files: environment.files,
      workingFolder: '/',
      configFile: CONFIG_FILE,
    });
    assert('configuration' in loaded, 'the configuration of a simulated server is right');
    const node = createDataNode(environment, loaded.configuration, {
      beforeExit: () => {},
      exit: (code) => this.ended(environment, code, ''),
      crash: (reason) => this.ended(environment, 1, reason),
      notify: () => {},
      updateTitle: () => {},
    });
    this.#node = node;
    return node;
  }

  protected forgetProcess(): void {
    this.#node = undefined;
  }
}
