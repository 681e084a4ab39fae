// Replication on a node: one history and one backlog, which outlive every change of role, and the two
// sides that use them. What a side decides is pure and in src/replication; this folder connects it with
// sessions, sockets, timers and snapshots.

import type {
  MasterLink,
  MasterService,
  ReplicationService,
} from '../../commands/replication/replication-service.ts';
import type { Session } from '../../dispatch/session.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Environment } from '../../env/environment.ts';
import type { Timer } from '../../env/timers.ts';
import type { Clients } from '../../net/clients.ts';
import type { RdbPersistence } from '../../persistence/rdb-persistence.ts';
import { Backlog } from '../../replication/backlog.ts';
import { History } from '../../replication/history.ts';
import type { Settings } from '../config/settings.ts';
import type { NodeDispatcher } from '../node-dispatcher.ts';
import { MasterSide } from './master-side.ts';

export interface NodeReplicationOptions {
  readonly environment: Environment;
  readonly settings: Settings;
  readonly engine: Engine;
  readonly dispatcher: NodeDispatcher;
  readonly clients: Clients<Session>;
  readonly persistence: RdbPersistence;
  readonly debug: { readonly cronPaused: boolean };
}

const TICK_MS = 1000;

export class NodeReplication implements ReplicationService {
  readonly history: History;
  readonly backlog: Backlog;
  readonly master: MasterSide;
  readonly #options: NodeReplicationOptions;
  #timer: Timer | undefined;

  constructor(options: NodeReplicationOptions) {
    this.#options = options;
    this.history = new History(this.#newId());
    this.backlog = new Backlog(options.settings.replBacklogSize);
    this.master = new MasterSide(options, this.history, this.backlog);
  }

  /** The data are loaded. */
  start(): void {
    this.#timer = this.#options.environment.timers.every(TICK_MS, () => {
      if (!this.#options.debug.cronPaused) this.master.tick();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.master.stop();
  }

  get masterSide(): MasterService {
    return this.master;
  }

  get link(): MasterLink | undefined {
    return undefined;
  }

  #newId(): string {
    return this.#options.environment.random.hex(40);
  }

  get role(): 'master' | 'replica' {
    return 'master';
  }

  /** With what the running poll has written. */
  get offset(): number {
    this.#options.dispatcher.propagation.flush();
    return this.history.offset;
  }

  get id(): string {
    return this.history.id;
  }

  /** DEBUG CHANGE-REPL-ID. */
  changeId(): void {
    this.history.changeId(this.#newId());
  }
}
