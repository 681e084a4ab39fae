// CLIENT LIST, KILL, UNBLOCK, PAUSE, UNPAUSE: seeing other connections and acting on them.

import type { AclUser } from '../../../dispatch/acl/acl-user.ts';
import {
  type ClientType,
  clientType,
  clientTypeByName,
} from '../../../dispatch/client-registry.ts';
import type { Command } from '../../../dispatch/command.ts';
import type { Session } from '../../../dispatch/session.ts';
import { errors } from '../../../protocol/errors.ts';
import type { Request } from '../../../protocol/request.ts';

const common = {
  group: 'connection',
  flags: ['admin', 'noscript', 'loading', 'stale'],
  categories: ['connection'],
} as const;

/** Beyond it a time of day plus a timeout is no 64-bit integer. */
const MAX_TIMEOUT_MS = 2 ** 63;

const list: Command = {
  ...common,
  name: 'list',
  summary: 'Returns a line about every connection, or about some.',
  since: '2.4.0',
  complexity: 'O(N) where N is the number of client connections',
  arity: -2,
  syntax: '[TYPE client-type=<NORMAL|MASTER|REPLICA|PUBSUB>@5.0.0] [ID client-id:integer...@6.2.0]',
  tips: ['nondeterministic_output'],
  history: [
    ['2.8.12', 'The field `id`.'],
    ['5.0.0', 'The filter `TYPE`.'],
    ['6.0.0', 'The field `user`.'],
    ['6.2.0', 'The fields `argv-mem`, `tot-mem`, `laddr` and `redir`, and the filter `ID`.'],
    ['7.0.0', 'The fields `resp`, `multi-mem`, `rbs` and `rbp`.'],
    ['7.0.3', 'The field `ssub`.'],
  ],
  run(session, request, reply) {
    const listed = listedSessions(session, request);
    if (typeof listed === 'string') return reply.error(listed);
    let text = '';
    for (const other of listed) text += `${session.dispatcher.describe(other)}\n`;
    reply.verbatim('txt', text);
  },
};

/** The sessions asked for, or the error text. */
function listedSessions(session: Session, request: Request): Iterable<Session> | string {
  const { clients } = session.dispatcher;
  if (request.count === 2) return clients.all();
  if (request.count === 4 && request.is(2, 'TYPE')) {
    const type = clientTypeByName(request.text(3));
    if (type === undefined) return errors.clientUnknownType(request.text(3));
    return [...clients.all()].filter((other) => clientType(other) === type);
  }
  if (request.count === 3 || !request.is(2, 'ID')) return errors.syntax;
  const listed: Session[] = [];
  for (let i = 3; i < request.count; i++) {
    const id = request.integer(i);
    if (Number.isNaN(id)) return errors.clientBadId;
    const other = clients.byId(id);
    if (other !== undefined) listed.push(other);
  }
  return listed;
}

/** What CLIENT KILL selects by; what is undefined does not matter. */
interface KillFilter {
  id?: number;
  type?: ClientType;
  address?: string;
  localAddress?: string;
  user?: AclUser;
  skipMe: boolean;
}

const kill: Command = {
  ...common,
  name: 'kill',
  summary: 'Closes connections.',
  since: '2.4.0',
  complexity: 'O(N) where N is the number of client connections',
  arity: -3,
  syntax:
    'filter=<old-format{ip:port}@-2.8.12|new-format=<[ID client-id:integer@2.8.12]|[TYPE client-type=<NORMAL|MASTER@3.2.0|SLAVE|REPLICA@5.0.0|PUBSUB>@2.8.12]|[USER username]|[ADDR addr{ip:port}]|[LADDR laddr{ip:port}@6.2.0]|[SKIPME <YES|NO>]>...>',
  history: [
    ['2.8.12', 'Filters by name.'],
    ['2.8.12', 'The filter `ID`.'],
    ['3.2.0', 'The type `master`.'],
    ['5.0.0', 'The type `replica`; `slave` is still understood.'],
    ['6.2.0', 'The filter `LADDR`.'],
  ],
  run(session, request, reply) {
    const isOldForm = request.count === 3;
    // The old form may hit the connection that gives it.
    const filter = isOldForm
      ? { address: request.text(2), skipMe: false }
      : readFilter(session, request);
    if (typeof filter === 'string') return reply.error(filter);
    const doomed = [...session.dispatcher.clients.all()].filter((other) =>
      matches(filter, session, other),
    );
    for (const other of doomed) {
      if (other === session) continue;
      other.close();
      // From now on it is not there, although its socket may take until the end of this poll.
      session.dispatcher.detach(other);
    }
    if (!isOldForm) reply.integer(doomed.length);
    else if (doomed.length === 0) reply.error(errors.clientNone);
    else reply.ok();
    if (doomed.includes(session)) session.closeAfterReply();
  },
};

/** The filter, or the error text. */
function readFilter(session: Session, request: Request): KillFilter | string {
  const filter: KillFilter = { skipMe: true };
  for (let i = 2; i < request.count; i += 2) {
    if (i + 1 >= request.count) return errors.syntax;
    const problem = readOption(filter, session, request, i);
    if (problem !== undefined) return problem;
  }
  return filter;
}

function readOption(
  filter: KillFilter,
  session: Session,
  request: Request,
  i: number,
): string | undefined {
  const value = request.text(i + 1);
  if (request.is(i, 'ID')) {
    filter.id = request.integer(i + 1);
    return filter.id >= 1 ? undefined : errors.clientIdNotPositive;
  }
  if (request.is(i, 'TYPE')) {
    filter.type = clientTypeByName(value);
    return filter.type === undefined ? errors.clientUnknownType(value) : undefined;
  }
  if (request.is(i, 'USER')) {
    filter.user = session.dispatcher.acl.user(value);
    return filter.user === undefined ? errors.clientNoUser(value) : undefined;
  }
  if (request.is(i, 'ADDR')) filter.address = value;
  else if (request.is(i, 'LADDR')) filter.localAddress = value;
  else if (!request.is(i, 'SKIPME')) return errors.syntax;
  else if (request.is(i + 1, 'YES')) filter.skipMe = true;
  else if (request.is(i + 1, 'NO')) filter.skipMe = false;
  else return errors.syntax;
  return undefined;
}

function matches(filter: KillFilter, session: Session, other: Session): boolean {
  const { id, type, address, localAddress, user, skipMe } = filter;
  return (
    (id === undefined || other.id === id) &&
    (type === undefined || clientType(other) === type) &&
    (address === undefined || other.address === address) &&
    (localAddress === undefined || other.localAddress === localAddress) &&
    (user === undefined || other.user === user) &&
    !(skipMe && other === session)
  );
}

const unblock: Command = {
  ...common,
  name: 'unblock',
  summary: 'Ends the waiting of another connection.',
  since: '5.0.0',
  complexity: 'O(log N) where N is the number of client connections',
  arity: -3,
  syntax: 'client-id:integer unblock-type=[TIMEOUT|ERROR]',
  run(session, request, reply) {
    const { clients, waiting } = session.dispatcher;
    if (request.count > 4) {
      return reply.error(errors.unknownSubcommandOrArity(request.text(1), request.text(0)));
    }
    const withError = request.count === 4 && request.is(3, 'ERROR');
    if (request.count === 4 && !withError && !request.is(3, 'TIMEOUT')) {
      return reply.error(errors.clientUnblockReason);
    }
    const id = request.integer(2);
    if (Number.isNaN(id)) return reply.error(errors.notInteger);
    const other = clients.byId(id);
    if (other === undefined) return reply.integer(0);
    const isDone = withError
      ? waiting.endWithError(other, errors.unblockedByClient)
      : waiting.timeOut(other);
    reply.integer(isDone ? 1 : 0);
  },
};

const pause: Command = {
  ...common,
  name: 'pause',
  summary: 'Makes commands of clients wait for some time, all of them or those that write.',
  since: '3.0.0',
  complexity: 'O(1)',
  arity: -3,
  syntax: 'timeout:integer mode=[WRITE|ALL]@6.2.0',
  history: [['6.2.0', 'The mode `WRITE`.']],
  run(session, request, reply) {
    if (request.count > 4) {
      return reply.error(errors.unknownSubcommandOrArity(request.text(1), request.text(0)));
    }
    const onlyWrites = request.count === 4 && request.is(3, 'WRITE');
    if (request.count === 4 && !onlyWrites && !request.is(3, 'ALL')) {
      return reply.error(errors.clientPauseMode);
    }
    const ms = request.integer(2);
    const { dispatcher } = session;
    const nowMs = dispatcher.nowMs();
    if (Number.isNaN(ms)) return reply.error(errors.timeoutNotInteger);
    if (ms < 0) return reply.error(errors.timeoutNegative);
    if (ms + nowMs >= MAX_TIMEOUT_MS) return reply.error(errors.timeoutOutOfRange);
    const { waiting } = dispatcher;
    // A pause is never made weaker by a second one.
    const isAll = !onlyWrites || waiting.pauses.modeOf('client') === 'all';
    waiting.pause('client', isAll ? 'all' : 'write', ms === 0 ? 0 : nowMs + ms);
    reply.ok();
  },
};

const unpause: Command = {
  ...common,
  name: 'unpause',
  summary: 'Ends the pause of CLIENT PAUSE.',
  since: '6.2.0',
  complexity: 'O(N) Where N is the number of paused clients',
  arity: 2,
  run(session, _request, reply) {
    session.dispatcher.waiting.unpause('client');
    reply.ok();
  },
};

export const clientOthers: readonly Command[] = [kill, list, pause, unblock, unpause];
