// A client of a data node: a session that has a database and the node's services.

import type { DataServer, DataSession } from '../commands/context.ts';
import { Session, type SessionInit } from '../dispatch/session.ts';
import type { Database } from '../engine/database.ts';

export class NodeSession extends Session implements DataSession {
  readonly server: DataServer;
  db: Database;

  constructor(init: SessionInit, server: DataServer) {
    super(init);
    this.server = server;
    this.db = server.engine.databases[0];
  }

  override select(index: number): void {
    super.select(index);
    this.db = this.server.engine.databases[index];
  }
}
