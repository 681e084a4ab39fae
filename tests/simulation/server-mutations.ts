// Data servers with one bug each.

import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { Session } from '../../src/dispatch/session.ts';
import { Engine } from '../../src/engine/engine.ts';
import { SimulatedFiles } from '../../src/env/simulated/simulated-files.ts';
import type { Request } from '../../src/protocol/request.ts';
import { Backlog, type BacklogCursor } from '../../src/replication/backlog.ts';
import { History, type HistoryPoint } from '../../src/replication/history.ts';
import { MasterSide } from '../../src/server/replication/master-side.ts';
import { Losses } from '../../src/simulator/checkers/losses.ts';
import { MinReplicas } from '../../src/simulator/checkers/min-replicas.ts';
import { expiries, uniqueWrites, waits } from '../../src/simulator/workload.ts';
import type { Mutation } from './mutation.ts';
import { patch, type Undo } from './patches.ts';

/** Of what a master sends, a replica forgets to run one command in this many. */
const FORGETS_ONE_IN = 50;

/** Whoever continues from the backlog begins one command too late. */
function skipsACommand(): Undo {
  return patch(
    Backlog.prototype,
    'cursorAt',
    (cursorAt) =>
      function (this: Backlog, offset: number): BacklogCursor {
        const cursor = cursorAt.call(this, offset);
        const next = this.slice(cursor)?.indexOf('\r\n*') ?? -1;
        if (next >= 0) this.advance(cursor, next + 2);
        return cursor;
      },
  );
}

/** After a full synchronisation a replica counts one byte too many. */
function countsOneMore(): Undo {
  return patch(
    History.prototype,
    'adopt',
    (adopt) =>
      function (this: History, { id, offset }: HistoryPoint): void {
        adopt.call(this, { id, offset: offset + 1 });
      },
  );
}

/** A promoted replica goes on under the id of the master that it replaces. */
function keepsTheId(): Undo {
  return patch(History.prototype, 'shift', () => () => {});
}

function forgetsCommands(): Undo {
  let count = 0;
  return patch(
    Dispatcher.prototype,
    'execute',
    (execute) =>
      function (this: Dispatcher, session: Session, request: Request): void {
        if (session.role === 'master' && ++count % FORGETS_ONE_IN === 0) return;
        execute.call(this, session, request);
      },
  );
}

/** Replicas delete what has expired by their own clocks. */
function expiresOnReplicas(): Undo {
  const original = Object.getOwnPropertyDescriptor(Engine.prototype, 'deletesExpired');
  Object.defineProperty(Engine.prototype, 'deletesExpired', {
    configurable: true,
    get: () => true,
  });
  return () => Object.defineProperty(Engine.prototype, 'deletesExpired', original ?? {});
}

/** WAIT counts replicas that are there instead of those that have read so far. */
function countsWhoIsThere(): Undo {
  return patch(
    MasterSide.prototype,
    'countExecuted',
    () =>
      function (this: MasterSide): number {
        return this.replicas.length;
      },
  );
}

/** What is appended stays in the cache of a system that may lose power. */
function syncsNothing(): Undo {
  return patch(
    SimulatedFiles.prototype,
    'open',
    (open) =>
      function (this: SimulatedFiles, ...args: Parameters<typeof open>): ReturnType<typeof open> {
        const file = open.apply(this, args);
        if (args[0].includes('.incr.aof')) {
          file.syncNow = () => {};
          file.sync = () => Promise.resolve();
        }
        return file;
      },
  );
}

/** Nobody counts replicas. */
function ignoresMinReplicas(): Undo {
  return patch(MasterSide.prototype, 'countGoodReplicas', () => () => {});
}

export const serverMutations: readonly Mutation[] = [
  {
    bug: 'a command of the backlog is skipped',
    foundBy: 'streams',
    withinSeeds: 10,
    plant: skipsACommand,
    run: { kinds: ['reset', 'pause'], everyMs: 2000 },
  },
  {
    bug: 'one byte too many is counted',
    foundBy: 'streams',
    withinSeeds: 2,
    plant: countsOneMore,
    run: {},
  },
  {
    bug: 'a promotion keeps the id',
    foundBy: 'streams',
    withinSeeds: 3,
    plant: keepsTheId,
    // Two masters at a time, which both are written to.
    run: {
      workloads: [uniqueWrites],
      kinds: ['partition'],
      everyMs: 4000,
      lastingMs: 8000,
    },
  },
  {
    bug: 'commands are forgotten',
    foundBy: 'equal-data',
    withinSeeds: 2,
    plant: forgetsCommands,
    run: { workloads: [uniqueWrites] },
  },
  {
    bug: 'commands are forgotten before a promotion',
    foundBy: 'losses',
    withinSeeds: 20,
    plant: forgetsCommands,
    run: { workloads: [uniqueWrites], kinds: ['crash', 'pause'] },
  },
  {
    bug: 'replicas expire keys',
    foundBy: 'replica-expiry',
    withinSeeds: 2,
    plant: expiresOnReplicas,
    run: { workloads: [expiries] },
  },
  {
    bug: 'WAIT counts who is there',
    foundBy: 'wait-counts',
    withinSeeds: 10,
    plant: countsWhoIsThere,
    run: { workloads: [waits], kinds: ['slow', 'partition', 'pause'] },
  },
  {
    bug: 'an AOF is never synced',
    foundBy: 'durable-writes',
    withinSeeds: 2,
    plant: syncsNothing,
    run: {
      workloads: [uniqueWrites],
      clients: 1,
      faults: [{ kind: 'power', atMs: 3000, untilMs: 3300, node: 'server-1' }],
      serverLines: ['appendonly yes', 'appendfsync always'],
    },
  },
  {
    bug: 'too few replicas stop nobody',
    foundBy: 'min-replicas',
    withinSeeds: 10,
    plant: ignoresMinReplicas,
    run: guardedRun(),
  },
];

/**
 * A fleet under the promise of `min-replicas-to-write`, and what it is held to: a master is alone with a
 * client and a sentinel for a while.
 */
export function guardedRun(): Mutation['run'] {
  return {
    workloads: [uniqueWrites],
    clients: 1,
    faults: [
      {
        kind: 'partition',
        atMs: 3000,
        untilMs: 20_000,
        from: ['server-1', 'sentinel-1', 'client-1'],
        to: ['server-2', 'server-3', 'sentinel-2', 'sentinel-3'],
        oneWay: false,
      },
    ],
    serverLines: ['min-replicas-to-write 2', 'min-replicas-max-lag 2'],
    checkers: () => {
      const losses = new Losses();
      return [losses, new MinReplicas(losses, 2)];
    },
  };
}
