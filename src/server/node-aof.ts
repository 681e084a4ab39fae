// The append-only file among the parts of a node: where its effects come from, what it asks of the others,
// and who is told when it has news.

import type { Session } from '../dispatch/session.ts';
import type { Environment } from '../env/environment.ts';
import type { Clients } from '../net/clients.ts';
import type { AofLoading } from '../persistence/aof-loading.ts';
import { AppendOnlyFile } from '../persistence/append-only-file.ts';
import type { RdbPersistence } from '../persistence/rdb-persistence.ts';
import { CommandReplay } from './aof-executor.ts';
import type { Settings } from './config/settings.ts';
import type { NodeDispatcher } from './node-dispatcher.ts';
import type { NodeControl } from './node-services.ts';
import type { NodeReplication } from './replication/node-replication.ts';

/** The node's parts that it is connected with. */
export interface AofParts extends NodeControl {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly dispatcher: NodeDispatcher;
  readonly clients: Clients<Session>;
  readonly persistence: RdbPersistence;
  readonly replication: NodeReplication;
  readonly life: { abandon(code: number): void };
  /** What follows of `loading` and `failure`. */
  applyPersistence(): void;
}

/** Attempts, a second apart, to switch it on again when a replica has its master's data. */
const MOST_ATTEMPTS = 10;
const ATTEMPT_MS = 1000;

export function createAppendOnlyFile(parts: AofParts): AppendOnlyFile {
  const { environment, settings, dispatcher, persistence, replication } = parts;
  const { engine, debug } = parts;
  const { files, clock, timers, log, pid, host } = environment;
  let isListening = false;
  let loading: AofLoading | undefined;
  const aof: AppendOnlyFile = new AppendOnlyFile({
    files,
    clock,
    timers,
    log,
    pid,
    engine,
    settings,
    facts: replication,
    executor: new CommandReplay(parts, dispatcher),
    sleepNow: (ms) => host.sleepNow(ms),
    saveOptions: () => persistence.saveOptions(),
    isSaving: () => persistence.isSaving || (engine.snapshotRunning && !aof.hasSnapshot),
    drain: () => dispatcher.propagation.flush(),
    listen: (on) => {
      if (on === isListening) return;
      isListening = on;
      if (on) dispatcher.propagation.addSink(aof.writer);
      else dispatcher.propagation.removeSink(aof.writer);
    },
    latency: (event, us) => dispatcher.latency.add(event, Math.floor(us / 1000), engine.wallMs),
    sleepBeforeWrite: () => {
      if (debug.aofFlushSleepUs > 0) host.sleepNow(debug.aofFlushSleepUs / 1000);
    },
    onChange: () => {
      if (loading !== aof.loading) {
        loading = aof.loading;
        persistence.loading = loading;
        if (loading === undefined) persistence.dataReplaced();
      }
      replication.master.durability = aof.isOn ? aof : undefined;
      replication.master.countCommands(aof.isOn);
      parts.applyPersistence();
    },
    onDurable: () => replication.master.retryWaits(),
    fatal: () => parts.life.abandon(1),
  });
  replication.onSnapshotLoad = (isBeginning) => {
    if (isBeginning) aof.turnOff();
    else if (settings.appendonly) turnOnAgain(parts, aof, MOST_ATTEMPTS);
  };
  dispatcher.writeEffects = () => {
    if (!aof.writer.isOpen) return;
    const startUs = clock.monotonicUs();
    aof.flush();
    dispatcher.loop.aofUs += clock.monotonicUs() - startUs;
  };
  dispatcher.onBackgroundUnit = () => {
    if (aof.writer.isOpen) parts.clients.poll.schedule();
  };
  return aof;
}

/** A replica has its master's data, which no file of its own holds yet. */
function turnOnAgain(parts: AofParts, aof: AppendOnlyFile, attempts: number): void {
  const { log, timers } = parts.environment;
  if (!parts.settings.appendonly || aof.isOn || aof.turnOn(false)) return;
  if (attempts > 1) {
    log.warning(
      'Failed enabling the AOF after successful master synchronization! Trying it again in one second.',
    );
    timers.after(ATTEMPT_MS, () => turnOnAgain(parts, aof, attempts - 1));
    return;
  }
  log.warning(
    "FATAL: this replica instance finished the synchronization with its master, but the AOF can't be turned on. Exiting now.",
  );
  parts.life.abandon(1);
}
