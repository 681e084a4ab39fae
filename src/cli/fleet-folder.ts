// The folder of a fleet: a folder a node, and who runs it now. `fleet.lock` keeps a second fleet out;
// `fleet.json`, readable by its owner alone, tells where the running one takes orders; `layout.json`
// outlives both and says which node had which port.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ExitError, exitCodes } from './exit-codes.ts';

/** What `fleet.json` says. */
export interface RunningFacts {
  readonly pid: number;
  readonly controlPort: number;
  readonly token: string;
  /** With its token; null without a page. */
  readonly page: string | null;
}

export interface StoredLayout {
  readonly masterName: string;
  /** By the nodes' names. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Where a user's programs keep their data, by the habits of the system. */
export function defaultFleetFolder(variables: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') {
    return join(
      variables.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'),
      'understudy',
      'fleet',
    );
  }
  if (process.platform === 'darwin') {
    return join(homedir(), 'Library', 'Application Support', 'understudy', 'fleet');
  }
  const base = variables.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  return join(base, 'understudy', 'fleet');
}

export class FleetFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder when it is missing and keeps others out; an ExitError says why it cannot. */
  lock(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      this.#takeLock();
    } catch (error) {
      if (error instanceof ExitError) throw error;
      const reason = (error as NodeJS.ErrnoException).message;
      throw new ExitError(exitCodes.failed, `the folder ${this.path} cannot be used: ${reason}`);
    }
  }

  unlock(): void {
    rmSync(this.#file('fleet.json'), { force: true });
    rmSync(this.#file('fleet.lock'), { force: true });
  }

  writeRunning(facts: RunningFacts): void {
    this.#write('fleet.json', facts);
  }

  /** Undefined when no fleet runs here. */
  readRunning(): RunningFacts | undefined {
    const facts = this.#read('fleet.json') as Partial<RunningFacts> | undefined;
    if (typeof facts?.pid !== 'number' || typeof facts.controlPort !== 'number') return undefined;
    if (typeof facts.token !== 'string' || !isAlive(facts.pid)) return undefined;
    return { ...(facts as RunningFacts), page: facts.page ?? null };
  }

  writeLayout(layout: StoredLayout): void {
    this.#write('layout.json', layout);
  }

  readLayout(): StoredLayout | undefined {
    const layout = this.#read('layout.json') as Partial<StoredLayout> | undefined;
    if (typeof layout?.masterName !== 'string' || typeof layout.ports !== 'object')
      return undefined;
    return layout as StoredLayout;
  }

  /** The lines of a node's configuration as the node left it. */
  configurationOf(node: string, file: 'redis.conf' | 'sentinel.conf'): readonly string[] {
    const path = join(this.path, node, file);
    return existsSync(path) ? readFileSync(path, 'latin1').split(/\r?\n/) : [];
  }

  #takeLock(): void {
    const path = this.#file('fleet.lock');
    for (;;) {
      try {
        const lock = openSync(path, 'wx', 0o600);
        writeSync(lock, `${process.pid}\n`);
        closeSync(lock);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = Number(readFileSync(path, 'latin1'));
      if (isAlive(owner)) {
        throw new ExitError(
          exitCodes.inUse,
          `a fleet runs in ${this.path} already (process ${owner}). ` +
            'See it with `understudy status`, end it with `understudy down`, or give another --dir.',
        );
      }
      rmSync(path, { force: true });
    }
  }

  #write(name: string, value: unknown): void {
    const path = this.#file(name);
    writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  #read(name: string): unknown {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#file(name), 'utf8'));
      return typeof value === 'object' && value !== null ? value : undefined;
    } catch {
      return undefined;
    }
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
