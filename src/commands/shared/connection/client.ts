// CLIENT: what a connection says and asks about itself. Looking at others and acting on them (LIST, KILL,
// UNBLOCK, PAUSE) is in client-others.ts.

import type { Command } from '../../../dispatch/command.ts';
import type { Session } from '../../../dispatch/session.ts';
import {
  clientCaching,
  clientTracking,
  clientTrackingInfo,
  trackingRedirect,
} from '../../../dispatch/tracking/client-tracking.ts';
import { errors } from '../../../protocol/errors.ts';
import { helpLines } from '../help-lines.ts';
import { helpReply } from '../help-reply.ts';
import { isPlainText } from './client-names.ts';
import { clientOthers } from './client-others.ts';

const common = {
  group: 'connection',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
  categories: ['connection'],
} as const;

const toAllNodes = ['request_policy:all_nodes', 'response_policy:all_succeeded'] as const;

function trackingState(session: Session): ReturnType<Session['dispatcher']['tracking']['stateOf']> {
  return session.dispatcher.tracking.stateOf(session);
}

const caching: Command = {
  ...common,
  name: 'caching',
  summary: 'Says whether the keys of the next command are to be tracked.',
  since: '6.0.0',
  arity: 3,
  syntax: 'mode=<YES|NO>',
  run(session, request, reply) {
    clientCaching(trackingState(session), request, reply);
  },
};

const getname: Command = {
  ...common,
  name: 'getname',
  summary: 'Returns the name that the connection was given.',
  since: '2.6.9',
  arity: 2,
  run(session, _request, reply) {
    if (session.name === '') reply.null();
    else reply.text(session.name);
  },
};

const getredir: Command = {
  ...common,
  name: 'getredir',
  summary: 'Returns the id of the client that gets the messages of tracking.',
  since: '6.0.0',
  arity: 2,
  run(session, _request, reply) {
    reply.integer(trackingRedirect(trackingState(session)));
  },
};

const help: Command = {
  ...common,
  name: 'help',
  summary: 'Returns a short text about the subcommands.',
  since: '5.0.0',
  arity: 2,
  flags: ['loading', 'stale'],
  run(session, request, reply) {
    helpReply(request, reply, helpLines(session.dispatcher.commands.aclCommand('client')));
  },
};

const id: Command = {
  ...common,
  name: 'id',
  summary: 'Returns the id of the connection.',
  since: '5.0.0',
  arity: 2,
  run(session, _request, reply) {
    reply.integer(session.id);
  },
};

const info: Command = {
  ...common,
  name: 'info',
  summary: 'Returns the line of CLIENT LIST about the connection.',
  since: '6.2.0',
  arity: 2,
  tips: ['nondeterministic_output'],
  run(session, _request, reply) {
    reply.verbatim('txt', `${session.dispatcher.describe(session)}\n`);
  },
};

const noEvict: Command = {
  ...common,
  name: 'no-evict',
  summary: 'Exempts the connection from being closed when clients use too much memory.',
  since: '7.0.0',
  arity: 3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  syntax: 'enabled=<ON|OFF>',
  run(session, request, reply) {
    const isOn = request.is(2, 'ON');
    if (!isOn && !request.is(2, 'OFF')) return reply.error(errors.syntax);
    session.noEvict = isOn;
    reply.ok();
  },
};

const noTouch: Command = {
  ...common,
  name: 'no-touch',
  summary: 'Makes commands of the connection leave the access times of keys alone.',
  since: '7.2.0',
  arity: 3,
  syntax: 'enabled=<ON|OFF>',
  run(session, request, reply) {
    const isOn = request.is(2, 'ON');
    if (!isOn && !request.is(2, 'OFF')) return reply.error(errors.syntax);
    session.noTouch = isOn;
    reply.ok();
  },
};

const replyMode: Command = {
  ...common,
  name: 'reply',
  summary: 'Switches replies off and on, or skips the next one.',
  since: '3.2.0',
  arity: 3,
  syntax: 'action=<ON|OFF|SKIP>',
  run(session, request, reply) {
    if (request.is(2, 'ON')) {
      session.setReplyMode('on');
      reply.ok();
    } else if (request.is(2, 'OFF')) session.setReplyMode('off');
    else if (!request.is(2, 'SKIP')) reply.error(errors.syntax);
    // Where there are no replies there is none to skip.
    else if (session.replyMode !== 'off') session.replyMode = 'skipNext';
  },
};

const setinfo: Command = {
  ...common,
  name: 'setinfo',
  summary: 'Tells which client library the connection is made with.',
  since: '7.2.0',
  arity: 4,
  syntax: 'attr=<LIB-NAME libname|LIB-VER libver>',
  tips: toAllNodes,
  run(session, request, reply) {
    const isName = request.is(2, 'LIB-NAME');
    if (!isName && !request.is(2, 'LIB-VER')) {
      return reply.error(errors.clientInfoOption(request.text(2)));
    }
    const text = request.text(3);
    if (!isPlainText(text)) return reply.error(errors.clientInfoText(request.text(2)));
    if (isName) session.libName = text;
    else session.libVersion = text;
    reply.ok();
  },
};

const setname: Command = {
  ...common,
  name: 'setname',
  summary: 'Names the connection; an empty name takes it away.',
  since: '2.6.9',
  arity: 3,
  syntax: 'connection-name',
  tips: toAllNodes,
  run(session, request, reply) {
    const name = request.text(2);
    if (!isPlainText(name)) return reply.error(errors.clientName);
    session.name = name;
    reply.ok();
  },
};

const tracking: Command = {
  ...common,
  name: 'tracking',
  summary: 'Switches the support of client side caching on or off.',
  since: '6.0.0',
  complexity: 'O(1). Some options may introduce additional complexity.',
  arity: -3,
  syntax:
    'status=<ON|OFF> [REDIRECT client-id:integer] [PREFIX prefix]... [BCAST] [OPTIN] [OPTOUT] [NOLOOP]',
  run(session, request, reply) {
    const { dispatcher } = session;
    const exists = (other: number) => dispatcher.clients.byId(other) !== undefined;
    clientTracking(dispatcher.tracking, session, exists, request, reply);
  },
};

const trackinginfo: Command = {
  ...common,
  name: 'trackinginfo',
  summary: 'Returns how the support of client side caching is set for the connection.',
  since: '6.2.0',
  arity: 2,
  run(session, _request, reply) {
    clientTrackingInfo(trackingState(session), reply);
  },
};

export const client: Command = {
  name: 'client',
  summary: 'A container for commands about connections.',
  since: '2.4.0',
  group: 'connection',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [
    caching,
    getname,
    getredir,
    help,
    id,
    info,
    noEvict,
    noTouch,
    replyMode,
    setinfo,
    setname,
    tracking,
    trackinginfo,
    ...clientOthers,
  ],
};
