// Replication on a node: one history and one backlog, which outlive every change of role, and the two
// sides that use them. What a side decides is pure and in src/replication; this folder connects it with
// sessions, sockets, timers and snapshots.

import type { ReplicationService } from '../../commands/replication/replication-service.ts';
import type { Session } from '../../dispatch/session.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Environment } from '../../env/environment.ts';
import type { Clients } from '../../net/clients.ts';
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
}

export class NodeReplication implements ReplicationService {
  readonly history: History;
  readonly backlog: Backlog;
  readonly master: MasterSide;
  readonly #options: NodeReplicationOptions;

  constructor(options: NodeReplicationOptions) {
    this.#options = options;
    this.history = new History(this.#newId());
    this.backlog = new Backlog(options.settings.replBacklogSize);
    this.master = new MasterSide(options, this.history, this.backlog);
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
