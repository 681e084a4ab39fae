// Runs the commands of an append-only file: as a client that nobody sees, whose commands are not checked,
// counted or passed on, since all that was done when they were first run.

import type { DataSession } from '../commands/context.ts';
import { AclUser } from '../dispatch/acl/acl-user.ts';
import { detachedLink } from '../dispatch/session-link.ts';
import type { Engine } from '../engine/engine.ts';
import type { AofExecutor } from '../persistence/aof-loading.ts';
import type { AofCommand } from '../persistence/aof-reader.ts';
import { OutputBuffer } from '../protocol/output-buffer.ts';
import { Request } from '../protocol/request.ts';
import type { NodeDispatcher } from './node-dispatcher.ts';
import { type NodeControl, NodeServices } from './node-services.ts';
import { NodeSession } from './node-session.ts';

export class CommandReplay implements AofExecutor {
  readonly #dispatcher: NodeDispatcher;
  readonly #engine: Engine;
  readonly #services: NodeServices;
  readonly #request: Request = new Request();
  readonly #user: AclUser;
  #session: DataSession;

  constructor(control: NodeControl, dispatcher: NodeDispatcher) {
    this.#dispatcher = dispatcher;
    this.#engine = control.engine;
    this.#services = new NodeServices(control);
    this.#user = new AclUser('aof', dispatcher.settings);
    for (const rule of ['+@all', '~*', '&*']) {
      this.#user.apply(rule, dispatcher.commands, dispatcher.settings);
    }
    this.#session = this.#newSession();
  }

  #newSession(): DataSession {
    const dispatcher = this.#dispatcher;
    const out = new OutputBuffer({ discards: true });
    const session = new NodeSession({ id: 0, dispatcher, link: detachedLink, out }, this.#services);
    session.role = 'master';
    session.user = this.#user;
    session.authenticated = true;
    session.denyBlocking = true;
    session.reply.suppressed = true;
    return session;
  }

  get isInTransaction(): boolean {
    return this.#session.transaction !== undefined;
  }

  begin(): void {
    this.#session = this.#newSession();
  }

  end(): void {
    if (this.isInTransaction) this.#dispatcher.discardTransaction(this.#session);
  }

  run(command: AofCommand): string | undefined {
    const request = this.#request;
    request.buffer = command.buffer;
    request.count = command.count;
    request.starts = command.starts;
    request.ends = command.ends;
    request.spanStart = command.start;
    request.spanEnd = command.end;
    const dispatcher = this.#dispatcher;
    const session = this.#session;
    const entry = dispatcher.commands.lookup(request);
    if (entry?.run === undefined) return `Unknown command '${request.text(0).slice(0, 128)}'`;
    if (!entry.fits(request.count)) {
      return `Wrong number of arguments for command '${entry.fullName}'`;
    }
    session.command = entry;
    session.request = request;
    const { transaction } = session;
    if (transaction !== undefined && entry.fullName !== 'exec') {
      transaction.add(entry, request, false);
      return undefined;
    }
    const { propagation } = dispatcher;
    const isActive = propagation.active;
    propagation.active = false;
    entry.run(session, request, session.reply);
    propagation.active = isActive;
    session.endCommand();
    this.#engine.settle();
    return undefined;
  }
}
