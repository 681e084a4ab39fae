// Acknowledged writes that are not there at the end, each with its cause. Replication is asynchronous, so
// there may be some; but every one must be explained by a place in a history at which the fleet went on
// without it. One that the last master's own history contains, and its data do not, is a violation.

import { encodeCommand } from '../../protocol/encode-command.ts';
import type { Operation } from '../operation.ts';
import { ServerNode } from '../server-node.ts';
import type { Load } from '../workload.ts';
import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Findings } from './findings.ts';
import { isThere } from './stored-writes.ts';
import type { RecordedStream } from './stream-record.ts';
import { StreamWatch } from './stream-watch.ts';
import { isUnique } from './wait-counts.ts';

export type LossCause =
  /** Acknowledged before another master took over, which had not read it. */
  | 'not-replicated'
  /** Acknowledged by a master that had been replaced and did not know. */
  | 'replaced-master'
  /** Its master came back from its disk without it, or empty, and stayed the master. */
  | 'restart'
  | 'unexplained';

export interface LostWrite {
  readonly operation: Operation;
  readonly cause: LossCause;
  /** The history that it was written to, while that is known. */
  readonly stream: RecordedStream | undefined;
}

export class Losses implements Checker {
  readonly name = 'losses';
  readonly #findings = new Findings(this.name);
  #world: World | undefined;
  #load: Load | undefined;
  #hasRestarted = false;
  #lost: readonly LostWrite[] = [];

  attach(world: World, load: Load): void {
    this.#world = world;
    this.#load = load;
    StreamWatch.of(world);
    world.onCreated.push(() => {
      this.#hasRestarted = true;
    });
  }

  /** After `finish`. */
  get lost(): readonly LostWrite[] {
    return this.#lost;
  }

  get byCause(): Readonly<Partial<Record<LossCause, number>>> {
    const counts: Partial<Record<LossCause, number>> = {};
    for (const { cause } of this.#lost) counts[cause] = (counts[cause] ?? 0) + 1;
    return counts;
  }

  finish(): readonly Violation[] {
    const world = this.#world;
    const master = world === undefined ? undefined : agreedMaster(world);
    if (world === undefined || master === undefined) return [];
    const { record } = StreamWatch.of(world);
    const last = record.get(master.process?.parts.replication.history.id ?? '');
    const operations = (this.#load?.log.all ?? []).filter(
      ({ command, answer }) => answer.kind === 'done' && isUnique(command),
    );
    this.#lost = operations
      .filter(({ command }) => !isThere(master, command))
      .map((operation) => {
        const stream = record.find(encodeCommand(operation.command));
        return {
          operation,
          cause: this.#cause(operation, stream?.stream, stream?.offset ?? 0, last),
          stream: stream?.stream,
        };
      });
    for (const { operation, cause, stream } of this.#lost) {
      if (cause !== 'unexplained') continue;
      const what = operation.command.join(' ');
      const where = stream === undefined ? 'in no history' : `in ${stream.id.slice(0, 8)}`;
      this.#findings.add(world.nowMs, `${what} is lost for no reason: it is ${where}`);
    }
    return this.#findings.all;
  }

  #cause(
    operation: Operation,
    stream: RecordedStream | undefined,
    offset: number,
    last: RecordedStream | undefined,
  ): LossCause {
    const restart = this.#hasRestarted ? 'restart' : 'unexplained';
    if (stream === undefined) return restart;
    /** By the history that went on: the one that came next, undefined behind the last. */
    const next = new Map<RecordedStream, RecordedStream | undefined>();
    let later: RecordedStream | undefined;
    for (let one = last; one !== undefined; one = one.parent) {
      next.set(one, later);
      later = one;
    }
    let branch: RecordedStream | undefined = stream;
    while (branch !== undefined && !next.has(branch)) branch = branch.parent;
    if (branch === undefined) return restart;
    const successor = next.get(branch);
    if (branch === stream && offset <= (successor?.start ?? Number.POSITIVE_INFINITY)) {
      return 'unexplained';
    }
    const tookOverMs = successor?.beganMs ?? Number.NEGATIVE_INFINITY;
    return operation.answeredMs > tookOverMs ? 'replaced-master' : 'not-replicated';
  }
}

/** The server that a running sentinel calls the master. */
function agreedMaster(world: World): ServerNode | undefined {
  for (const { name } of world.sentinels) {
    const [host, port] = (world.masterAddress(name) ?? '').split(':');
    const node = world.nodeAt(host, Number(port));
    if (node instanceof ServerNode) return node;
  }
  return undefined;
}
