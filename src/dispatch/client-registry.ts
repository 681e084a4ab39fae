// All sessions of a node, by id and in order of arrival. Ids start at 1 and are never used twice.

import type { OutputBuffer } from '../protocol/output-buffer.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Session, type SessionInit } from './session.ts';
import type { SessionLink } from './session-link.ts';

/** The types that CLIENT LIST and CLIENT KILL filter by, and output limits are set for. */
export type ClientType = 'normal' | 'master' | 'replica' | 'pubsub';

export class ClientRegistry {
  readonly #sessions: Map<number, Session> = new Map();
  #nextId = 1;
  readonly #create: (init: SessionInit) => Session;

  constructor(create: (init: SessionInit) => Session = (init) => new Session(init)) {
    this.#create = create;
  }

  get count(): number {
    return this.#sessions.size;
  }

  open(dispatcher: Dispatcher, link: SessionLink, out: OutputBuffer): Session {
    const session = this.#create({ id: this.#nextId++, dispatcher, link, out });
    this.#sessions.set(session.id, session);
    return session;
  }

  /** False when it was not there. */
  remove(session: Session): boolean {
    return this.#sessions.delete(session.id);
  }

  byId(id: number): Session | undefined {
    return this.#sessions.get(id);
  }

  /** In order of arrival. Sessions may go while somebody iterates. */
  all(): Iterable<Session> {
    return this.#sessions.values();
  }
}

export function clientType(session: Session): ClientType {
  if (session.role === 'master' || session.role === 'replica') return session.role;
  return session.subscriptions === undefined ? 'normal' : 'pubsub';
}

/** The type of this name in any case, `slave` being a replica; undefined for any other word. */
export function clientTypeByName(name: string): ClientType | undefined {
  switch (name.toLowerCase()) {
    case 'normal':
      return 'normal';
    case 'master':
      return 'master';
    case 'slave':
    case 'replica':
      return 'replica';
    case 'pubsub':
      return 'pubsub';
    default:
      return undefined;
  }
}
