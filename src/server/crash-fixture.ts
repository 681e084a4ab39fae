// For crash.test.ts: numbered writes, the state after so many of them, and what a start finds on a disk.
// Loading goes through the real loaders into a real engine, which is kept from one start to the next since
// making one takes longer than all the rest; the few commands of the load are run by a stand-in.

import type { Engine } from '../engine/engine.ts';
import { testEngine } from '../engine/engine-fixture.ts';
import { Encoding, NO_EXPIRY } from '../engine/record.ts';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { type SimulatedDisk, SimulatedFiles } from '../env/simulated/simulated-files.ts';
import { SimulatedLog } from '../env/simulated/simulated-log.ts';
import { AofFolder } from '../persistence/aof-folder.ts';
import { type AofExecutor, AofLoading } from '../persistence/aof-loading.ts';
import type { AofCommand } from '../persistence/aof-reader.ts';
import { RdbLoading } from '../persistence/rdb-loading.ts';
import type { TestClient } from './node-fixture.ts';

const KEYS = 7;
const CYCLE = 10;
/** Writes of a cycle that count; the one after them is the transaction. */
const COUNTING = [7, 8];
const TRANSACTION = 9;

/** Write number `n`, and its reply. */
export async function write(client: TestClient, n: number): Promise<void> {
  const kind = n % CYCLE;
  if (kind < KEYS) await client.ask('SET', `k${kind}`, String(n));
  else if (kind < TRANSACTION) await client.ask('INCR', 'c');
  else {
    const steps = [['MULTI'], ['SET', 't', `${n}`], ['SELECT', '1'], ['SET', 't', `${n}`]];
    for (const words of [...steps, ['SELECT', '0'], ['EXEC']]) await client.askAlone(...words);
  }
}

type State = ReadonlyMap<string, number>;

/** Zero for what is not there. */
function stateAfter(writes: number): State {
  const state = new Map<string, number>();
  const latest = (kind: number): number =>
    writes < kind ? 0 : writes - ((((writes - kind) % CYCLE) + CYCLE) % CYCLE);
  for (let kind = 0; kind < KEYS; kind++) state.set(`0 k${kind}`, latest(kind));
  let count = 0;
  for (const kind of COUNTING) count += writes < kind ? 0 : Math.floor((writes - kind) / CYCLE) + 1;
  state.set('0 c', count);
  state.set('0 t', latest(TRANSACTION));
  state.set('1 t', latest(TRANSACTION));
  return state;
}

/** How many writes there were at the least when `count` of them had counted. */
function writesOfCount(count: number): number {
  if (count === 0) return 0;
  return (
    Math.floor((count - 1) / COUNTING.length) * CYCLE + COUNTING[(count - 1) % COUNTING.length]
  );
}

/** Runs SET, INCR, SELECT, MULTI and EXEC. */
class ModelExecutor implements AofExecutor {
  readonly #engine: Engine;
  #db = 0;
  #queue: (() => void)[] | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get isInTransaction(): boolean {
    return this.#queue !== undefined;
  }

  begin(): void {
    this.#db = 0;
    this.#queue = undefined;
  }

  end(): void {
    this.#queue = undefined;
  }

  run({ buffer, starts, ends, count }: AofCommand): string | undefined {
    const words = Array.from({ length: count }, (_, i) =>
      buffer.toString('latin1', starts[i], ends[i]),
    );
    const [name, key, value] = words;
    switch (name.toUpperCase()) {
      case 'MULTI':
        this.#queue = [];
        return undefined;
      case 'EXEC': {
        const queue = this.#queue ?? [];
        this.#queue = undefined;
        for (const step of queue) step();
        return undefined;
      }
      case 'SELECT':
        return this.#do(() => {
          this.#db = Number(key);
        });
      case 'SET':
        return this.#do(() => set(this.#engine, this.#db, key, value));
      case 'INCR':
        return this.#do(() =>
          set(this.#engine, this.#db, key, String(get(this.#engine, this.#db, key) + 1)),
        );
      default:
        return `Unknown command '${name}'`;
    }
  }

  #do(step: () => void): undefined {
    if (this.#queue === undefined) step();
    else this.#queue.push(step);
  }
}

function set(engine: Engine, dbIndex: number, key: string, value: string): void {
  const k = Buffer.from(key);
  const v = Buffer.from(value);
  const db = engine.databases[dbIndex];
  db.setString(k, 0, k.length, v, 0, v.length, Encoding.int, NO_EXPIRY);
}

function get(engine: Engine, dbIndex: number, key: string): number {
  const db = engine.databases[dbIndex];
  const ref = db.lookupRaw(Buffer.from(key), 0, key.length);
  if (ref === 0) return 0;
  const start = db.valueStart(ref);
  return Number(db.page(ref).toString('latin1', start, start + db.valueLength(ref)));
}

const settings = {
  dir: '/',
  appenddirname: 'appendonlydir',
  appendfilename: 'appendonly.aof',
  aofDisableAutoGc: false,
  aofLoadTruncated: true,
  rdbchecksum: true,
  sanitizeDumpPayload: 'no' as const,
};

export class NextStart {
  readonly #engine: Engine = testEngine(2);
  readonly #executor: ModelExecutor = new ModelExecutor(this.#engine);
  readonly #world: SimulatedWorld = new SimulatedWorld(1);
  readonly #hasAof: boolean;

  constructor(hasAof: boolean) {
    this.#hasAof = hasAof;
  }

  /** What is wrong with what is found: not the state after `least` to `most` writes. */
  problemOf(disk: SimulatedDisk, least: number, most: number): string | undefined {
    const log = new SimulatedLog();
    for (const db of this.#engine.databases) db.flush();
    const outcome = this.#hasAof ? this.#loadAof(disk, log) : this.#loadRdb(disk, log);
    const state = this.#state();
    let writes = writesOfCount(state.get('0 c') ?? 0);
    for (const [name, value] of state) if (name !== '0 c') writes = Math.max(writes, value);
    for (const [name, value] of stateAfter(writes)) {
      if (state.get(name) === value) continue;
      return `${name} is ${state.get(name)} and not ${value} after ${writes} writes (${outcome})`;
    }
    if (outcome === 'failed') return `no start: ${log.texts.join('; ')}`;
    if (writes < least || writes > most) {
      return `${writes} writes instead of ${least} to ${most} (${outcome})`;
    }
    return undefined;
  }

  #state(): State {
    const names = [...stateAfter(0).keys()];
    return new Map(
      names.map((name) => [name, get(this.#engine, Number(name[0]), name.slice(2))] as const),
    );
  }

  #options(disk: SimulatedDisk, log: SimulatedLog) {
    const { time } = this.#world;
    const { clock, timers } = this.#world.start('127.0.0.2', disk);
    const files = new SimulatedFiles(time, disk);
    const engine = this.#engine;
    return { files, clock, timers, log, engine, keyDelayUs: () => 0, sleepNow: () => {} };
  }

  #loadAof(disk: SimulatedDisk, log: SimulatedLog): string {
    const options = this.#options(disk, log);
    const folder = new AofFolder({ ...options, settings });
    const manifest = folder.load();
    if (manifest === undefined) return 'failed';
    const executor = this.#executor;
    return new AofLoading({ ...options, folder, executor, settings }, manifest).runNow();
  }

  #loadRdb(disk: SimulatedDisk, log: SimulatedLog): string {
    const load = { deep: false, checksum: true, skipExpired: true };
    const opened = RdbLoading.open(this.#options(disk, log), '/dump.rdb', load);
    return typeof opened === 'string' ? opened : opened.runNow();
  }
}
