// HELLO: the handshake. Everything it asks for is checked before anything is changed, except that a
// login that succeeded stays.

import type { Command } from '../../../dispatch/command.ts';
import type { Session } from '../../../dispatch/session.ts';
import { errors } from '../../../protocol/errors.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';
import type { Request } from '../../../protocol/request.ts';
import { isPlainText } from './client-names.ts';

interface Handshake {
  /** Undefined: as it is. */
  protocol: 2 | 3 | undefined;
  /** Positions of the user's name; the password follows. 0: none. */
  authAt: number;
  name: string | undefined;
}

export const hello: Command = {
  name: 'hello',
  summary: 'Agrees on the protocol, logs in and names the connection, and tells about the server.',
  since: '6.0.0',
  group: 'connection',
  complexity: 'O(1)',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  categories: ['connection'],
  syntax: 'arguments=[protover:integer [AUTH (username password)] [SETNAME clientname]]',
  history: [['6.2.0', 'Without arguments it tells about the connection as it is.']],
  run(session, request, reply) {
    const wanted = readHandshake(session, request);
    if (typeof wanted === 'string') return reply.error(wanted);
    if (wanted.authAt > 0) {
      const name = request.text(wanted.authAt);
      const password = request.bytes(wanted.authAt + 1);
      const problem = session.dispatcher.acl.authenticate(session, name, password);
      if (problem !== undefined) return reply.error(problem);
    }
    if (!session.authenticated) return reply.error(errors.helloUnauthenticated);
    if (wanted.name !== undefined) session.name = wanted.name;
    if (wanted.protocol !== undefined) session.resp = wanted.protocol;
    introduce(session, session.reply);
  },
};

/** What is asked for, or the error text. */
function readHandshake(session: Session, request: Request): Handshake | string {
  const wanted: Handshake = { protocol: undefined, authAt: 0, name: undefined };
  if (request.count >= 2) {
    const version = request.integer(1);
    if (Number.isNaN(version)) return errors.protocolNotInteger;
    if (version !== 2 && version !== 3) return errors.noProtocol;
    wanted.protocol = version;
  }
  for (let i = 2; i < request.count; i++) {
    const more = request.count - 1 - i;
    if (request.is(i, 'AUTH') && more >= 2) {
      session.redact(i + 1);
      session.redact(i + 2);
      wanted.authAt = i + 1;
      i += 2;
    } else if (request.is(i, 'SETNAME') && more >= 1) {
      wanted.name = request.text(++i);
      if (!isPlainText(wanted.name)) return errors.clientName;
    } else return errors.helloOption(request.text(i));
  }
  return wanted;
}

function introduce(session: Session, reply: ReplyWriter): void {
  const { identity } = session.dispatcher;
  const nodeRole = identity.role();
  reply.map(nodeRole === undefined ? 6 : 7);
  reply.text('server');
  reply.text('redis');
  reply.text('version');
  reply.text(identity.version);
  reply.text('proto');
  reply.integer(session.resp);
  reply.text('id');
  reply.integer(session.id);
  reply.text('mode');
  reply.text(identity.mode);
  if (nodeRole !== undefined) {
    reply.text('role');
    reply.text(nodeRole);
  }
  reply.text('modules');
  reply.array(0);
}
