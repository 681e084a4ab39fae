// Full synchronisation: which replicas share a snapshot, when it begins, and which way it takes. One runs
// at a time; who comes too late for it waits for the next. Diskless, a snapshot goes to all sockets at
// once while it is made; else it becomes the node's RDB file, which is then sent to each.

import type { Engine } from '../../engine/engine.ts';
import type { Environment } from '../../env/environment.ts';
import type { Timer } from '../../env/timers.ts';
import { reasonOf } from '../../persistence/rdb-file.ts';
import type { RdbPersistence } from '../../persistence/rdb-persistence.ts';
import { SnapshotRunner } from '../../persistence/snapshot-runner.ts';
import { beginFile } from '../../rdb/rdb-save.ts';
import type { HistoryPoint } from '../../replication/history.ts';
import type { AttachedReplica } from './attached-replica.ts';
import { FileTransfer, LinkReceiver } from './snapshot-transfer.ts';

export interface FullSyncSettings {
  readonly replDisklessSync: boolean;
  readonly replDisklessSyncDelay: number;
  readonly replDisklessSyncMaxReplicas: number;
  readonly rdbKeySaveDelay: number;
  readonly rdbDelSyncFiles: boolean;
  readonly save: readonly unknown[];
}

export interface FullSyncHost {
  readonly environment: Environment;
  readonly settings: FullSyncSettings;
  readonly engine: Engine;
  readonly persistence: RdbPersistence;
  /** In order of arrival. */
  readonly replicas: readonly AttachedReplica[];
  /** Where the stream is; who begins to read there knows no database. */
  beginStream(): HistoryPoint;
  /** Data are kept in no file. */
  hasNoPersistence(): boolean;
}

type Transfer =
  | { readonly kind: 'links'; readonly runner: SnapshotRunner; readonly receivers: LinkReceiver[] }
  | { readonly kind: 'file'; readonly point: HistoryPoint };

export class FullSync {
  readonly #host: FullSyncHost;
  #transfer: Transfer | undefined;
  readonly #sending: Map<AttachedReplica, FileTransfer> = new Map();
  #timer: Timer | undefined;
  /** The RDB file is there for replicas alone. */
  #isFileOurs = false;
  #isStopped = false;

  constructor(host: FullSyncHost) {
    this.#host = host;
  }

  /** A replica wants a snapshot: it joins one whose bytes have yet to be sent, begins one, or waits. */
  enlist(replica: AttachedReplica): void {
    const { environment, persistence, settings } = this.#host;
    const { log } = environment;
    if (this.#transfer?.kind === 'file') {
      if (this.#joins(replica, this.#transfer.point))
        log.notice('Waiting for end of BGSAVE for SYNC');
      else {
        log.notice(
          "Can't attach the replica to the current BGSAVE. Waiting for next BGSAVE for SYNC",
        );
      }
      return;
    }
    if (this.#transfer !== undefined) {
      log.notice('Current BGSAVE has socket target. Waiting for next BGSAVE for SYNC');
      return;
    }
    if (!persistence.isFree) {
      log.notice(
        persistence.isSaving
          ? "Can't attach the replica to the current BGSAVE. Waiting for next BGSAVE for SYNC"
          : 'No BGSAVE in progress, but another BG operation is active. BGSAVE for replication delayed',
      );
      return;
    }
    const isDelayed =
      settings.replDisklessSync && replica.facts.takesMark && settings.replDisklessSyncDelay > 0;
    if (isDelayed) {
      log.notice('Delay next BGSAVE for diskless SYNC');
      this.consider();
    } else this.#begin(this.#group());
  }

  /** Begins a snapshot if one is due. Called with every tick, and when something made room for it. */
  consider(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#isStopped || this.#transfer !== undefined) return;
    const group = this.#group();
    if (group.length === 0 || !this.#host.persistence.isFree) return;
    const { environment, settings } = this.#host;
    const most = settings.replDisklessSyncMaxReplicas;
    const delayMs = settings.replDisklessSyncDelay * 1000;
    const waitedMs = environment.clock.monotonicUs() / 1000 - oldest(group);
    const isFull = most > 0 && group.length >= most;
    if (!settings.replDisklessSync || isFull || waitedMs >= delayMs) {
      this.#begin(group);
      return;
    }
    this.#timer = environment.timers.after(Math.ceil(delayMs - waitedMs), () => this.consider());
  }

  /** Those who wait and can share a snapshot with the first of them. */
  #group(): AttachedReplica[] {
    const waiting = this.#host.replicas.filter((one) => one.machine.state.kind === 'waiting');
    return waiting.filter((one) => wantsTheSame(one, waiting[0]));
  }

  /** Joins a file in the making for which the stream has been kept: a second place in it costs nothing. */
  #joins(replica: AttachedReplica, point: HistoryPoint): boolean {
    const { facts } = replica;
    const other = this.#host.replicas.find(
      (one) => one.machine.state.kind === 'saving' && (!one.facts.rdbOnly || facts.rdbOnly),
    );
    if (other === undefined || !wantsTheSame(replica, other)) return false;
    if (other.facts.takesMark && !facts.takesMark) return false;
    if (other.facts.takesNewId && !facts.takesNewId) return false;
    replica.input({ kind: 'snapshot', framing: 'length', point });
    return true;
  }

  #begin(group: readonly AttachedReplica[]): void {
    const { environment, settings } = this.#host;
    const takesMark = group.every((one) => one.facts.takesMark);
    const isFiltered = group[0].facts.withoutData;
    const isDiskless = (settings.replDisklessSync || isFiltered) && takesMark;
    environment.log.notice(
      `Starting BGSAVE for SYNC with target: ${isDiskless ? 'replicas sockets' : 'disk'}`,
    );
    if (isFiltered) this.#sendEmpty(group);
    else if (isDiskless) this.#beginDiskless(group);
    else this.#beginFile(group);
  }

  // --- straight to the sockets ---

  #receivers(group: readonly AttachedReplica[], point: HistoryPoint): LinkReceiver[] {
    const mark = Buffer.from(this.#host.environment.random.hex(40), 'latin1');
    return group.map((replica) => {
      const receiver = new LinkReceiver(replica, mark);
      replica.input({ kind: 'snapshot', framing: 'mark', point });
      receiver.begin();
      return receiver;
    });
  }

  #beginDiskless(group: readonly AttachedReplica[]): void {
    const { engine, environment, persistence, settings } = this.#host;
    const { clock, timers, log, pid } = environment;
    const save = persistence.saveOptions();
    const receivers = this.#receivers(group, this.#host.beginStream());
    const runner = new SnapshotRunner(
      { clock, timers, engine, keyDelayUs: () => settings.rdbKeySaveDelay },
      receivers,
      save,
      (completed) => this.#linksOver(completed),
    );
    this.#transfer = { kind: 'links', runner, receivers };
    const cancel = (): void => this.cancel();
    persistence.streamed = { runner, startedMs: clock.wallMs(), cancel };
    log.notice(`Background RDB transfer started by pid ${pid}`);
  }

  #linksOver(completed: boolean): void {
    const { log } = this.#host.environment;
    if (this.#transfer?.kind !== 'links') return;
    const up = this.#transfer.receivers.filter((one) => one.failure === undefined).length;
    this.#endTransfer();
    if (completed) {
      log.notice(`Diskless rdb transfer, done reading from pipe, ${up} replicas still up.`);
      log.notice('Background RDB transfer terminated with success');
    } else {
      log.warning('Diskless rdb transfer, last replica dropped, killing fork child.');
      log.warning('Background transfer terminated by signal 10');
    }
    this.consider();
  }

  #endTransfer(): void {
    this.#transfer = undefined;
    this.#host.persistence.streamed = undefined;
  }

  /** A snapshot without keys needs no snapshot. */
  #sendEmpty(group: readonly AttachedReplica[]): void {
    const { engine, persistence } = this.#host;
    const receivers = this.#receivers(group, this.#host.beginStream());
    const writer = beginFile(engine, persistence.saveOptions(), (chunk) => {
      for (const receiver of receivers) receiver.write(chunk);
    });
    writer.end();
    for (const receiver of receivers) receiver.end();
    this.consider();
  }

  // --- by way of a file ---

  #beginFile(group: readonly AttachedReplica[]): void {
    const { persistence, settings } = this.#host;
    const point = this.#host.beginStream();
    if (!persistence.saveInBackground((isOk) => this.#fileOver(isOk))) {
      this.#host.environment.log.warning('BGSAVE for replication failed');
      for (const replica of group) replica.input({ kind: 'failed' });
      return;
    }
    this.#transfer = { kind: 'file', point };
    this.#isFileOurs = settings.rdbDelSyncFiles;
    for (const replica of group) replica.input({ kind: 'snapshot', framing: 'length', point });
  }

  #fileOver(isOk: boolean): void {
    this.#transfer = undefined;
    for (const replica of [...this.#host.replicas]) {
      if (replica.machine.state.kind === 'saving')
        replica.input({ kind: isOk ? 'file' : 'failed' });
    }
    this.consider();
  }

  sendFile(replica: AttachedReplica): void {
    const { environment, persistence } = this.#host;
    const { log } = environment;
    try {
      const handle = environment.files.open(persistence.path, 'read');
      const transfer = new FileTransfer(replica, handle, (reason) => {
        log.warning(`Read error sending DB to replica: ${reason}`);
        replica.session.close();
      });
      this.#sending.set(replica, transfer);
      transfer.start();
    } catch (error) {
      log.warning(`SYNC failed. Can't open/stat DB after BGSAVE: ${reasonOf(error)}`);
      replica.session.close();
    }
  }

  /** A file that was only made for replicas is not left behind by a node without persistence. */
  removeFile(): void {
    const { environment, persistence, replicas, settings } = this.#host;
    if (!settings.rdbDelSyncFiles) this.#isFileOurs = false;
    if (!this.#isFileOurs || !this.#host.hasNoPersistence()) return;
    const isNeeded = replicas.some(({ machine }) => machine.state.kind !== 'online');
    if (isNeeded || environment.files.stat(persistence.path) === undefined) return;
    this.#isFileOurs = false;
    environment.log.notice(
      'Removing the RDB file used to feed replicas in a persistence-less instance',
    );
    environment.files.discard(persistence.path);
  }

  // --- ends ---

  gone(replica: AttachedReplica): void {
    this.#sending.get(replica)?.stop();
    this.#sending.delete(replica);
    if (this.#transfer?.kind === 'file') this.#giveFileUp();
    if (this.#transfer?.kind !== 'links') return;
    const receiver = this.#transfer.receivers.find((one) => one.replica === replica);
    if (receiver !== undefined) receiver.failure = 'gone';
  }

  /** A file that nobody waits for any more is of use only where files are kept. */
  #giveFileUp(): void {
    const { persistence, replicas, settings } = this.#host;
    if (settings.save.length > 0) return;
    if (replicas.some(({ machine }) => machine.state.kind === 'saving')) return;
    persistence.cancelBackground();
  }

  /** Of a node that ends, or that is about to load another's data. */
  cancel(): void {
    if (this.#transfer?.kind !== 'links') return;
    const { runner } = this.#transfer;
    this.#endTransfer();
    runner.cancel();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.cancel();
  }
}

function wantsTheSame({ facts }: AttachedReplica, other: AttachedReplica): boolean {
  return (
    facts.withoutData === other.facts.withoutData &&
    facts.withoutFunctions === other.facts.withoutFunctions
  );
}

/** Since when the one that waits longest does. */
function oldest(group: readonly AttachedReplica[]): number {
  let sinceMs = Infinity;
  for (const { machine } of group) {
    if (machine.state.kind === 'waiting') sinceMs = Math.min(sinceMs, machine.state.sinceMs);
  }
  return sinceMs;
}
