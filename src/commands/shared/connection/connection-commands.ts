// PING, ECHO, AUTH, HELLO, QUIT, RESET: the commands about the connection itself, the same on every kind
// of node. CLIENT has files of its own; SELECT needs databases and is with the keys.

import type { Command } from '../../../dispatch/command.ts';
import type { Session } from '../../../dispatch/session.ts';
import { errors } from '../../../protocol/errors.ts';
import { client } from './client.ts';
import { hello } from './hello.ts';

const ping: Command = {
  name: 'ping',
  summary: 'Answers, so that a client sees that the server does.',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(1)',
  arity: -1,
  flags: ['fast'],
  categories: ['connection'],
  syntax: '[message]',
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  run(session, request, reply) {
    if (request.count > 2) return reply.error(errors.wrongArity('ping'));
    // A subscribed RESP2 client reads messages and nothing else, so the answer looks like one.
    if (session.subscriptions !== undefined && session.resp === 2) {
      reply.array(2);
      reply.text('pong');
      if (request.count === 1) reply.text('');
      else reply.bulkRange(request.buffer, request.starts[1], request.ends[1]);
    } else if (request.count === 1) reply.simple('PONG');
    else reply.bulkRange(request.buffer, request.starts[1], request.ends[1]);
  },
};

const echo: Command = {
  name: 'echo',
  summary: 'Replies its argument.',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale', 'fast'],
  categories: ['connection'],
  syntax: 'message',
  run(_session, request, reply) {
    reply.bulkRange(request.buffer, request.starts[1], request.ends[1]);
  },
};

const auth: Command = {
  name: 'auth',
  summary: 'Logs the connection in.',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(N) where N is the number of passwords defined for the user',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  categories: ['connection'],
  syntax: '[username@6.0.0] password',
  history: [['6.0.0', 'A user name may come before the password.']],
  run(session, request, reply) {
    if (request.count > 3) return reply.error(errors.syntax);
    const { acl } = session.dispatcher;
    for (let i = 1; i < request.count; i++) session.redact(i);
    if (request.count === 2 && !acl.defaultUserHasPassword()) {
      return reply.error(errors.authWithoutPassword);
    }
    const name = request.count === 2 ? 'default' : request.text(1);
    const problem = acl.authenticate(session, name, request.bytes(request.count - 1));
    if (problem === undefined) reply.ok();
    else reply.error(problem);
  },
};

const quit: Command = {
  name: 'quit',
  summary: 'Closes the connection once its replies have left.',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(1)',
  arity: -1,
  flags: ['allow_busy', 'noscript', 'loading', 'stale', 'fast', 'no_auth'],
  categories: ['connection'],
  deprecated: { since: '7.2.0', replacedBy: 'just closing the connection' },
  run(session, _request, reply) {
    reply.ok();
    session.closeAfterReply();
  },
};

const reset: Command = {
  name: 'reset',
  summary: 'Makes the connection as it was when it was new.',
  since: '6.2.0',
  group: 'connection',
  complexity: 'O(1)',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  categories: ['connection'],
  run(session, _request, reply) {
    if (session.role === 'master' || session.role === 'replica') {
      return reply.error(errors.resetNormalClients);
    }
    makeNew(session);
    // In RESP2 from here on, and heard even if replies were off.
    session.reply.simple('RESET');
  },
};

/** Everything but the library's name and version, which are about the program and not its doings. */
function makeNew(session: Session): void {
  const { dispatcher } = session;
  dispatcher.monitors.remove(session);
  session.role = 'client';
  dispatcher.tracking.disable(session);
  dispatcher.discardTransaction(session);
  dispatcher.pubsub.unsubscribeAll(session);
  session.select(0);
  session.user = dispatcher.acl.defaultUser;
  session.authenticated = !dispatcher.acl.authRequired();
  session.name = '';
  session.noEvict = false;
  session.noTouch = false;
  session.setReplyMode('on');
  session.resp = 2;
}

export const connectionCommands: readonly Command[] = [
  auth,
  client,
  echo,
  hello,
  ping,
  quit,
  reset,
];
