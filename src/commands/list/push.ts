// LPUSH, RPUSH and the forms that only push onto lists that exist.

import { key } from '../../dispatch/command.ts';
import { pushElements } from '../../engine/list-value.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, isKind, writeKey } from '../context.ts';
import { valueKey } from '../value-key.ts';

function push(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  atHead: boolean,
  mustExist: boolean,
): void {
  const ref = writeKey(session, request, 1);
  if (ref === 0) {
    if (mustExist) {
      reply.integer(0);
      return;
    }
  } else if (!isKind(session, ref, Kind.list, reply)) return;
  const { buffer, starts, ends, count } = request;
  const target = valueKey(session, request, 1);
  const length = pushElements(target, ref, buffer, starts, ends, 2, count, atHead);
  reply.integer(length);
  changedKey(session, request, 1, NotifyClass.list, atHead ? 'lpush' : 'rpush', count - 2);
}

export const lpush: DataCommand = {
  name: 'lpush',
  summary:
    'Pushes elements onto the head of a list, one after the other; makes the list if need be.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) with N elements pushed',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['list'],
  keys: key('RW', 'insert'),
  syntax: 'key element...',
  history: [['2.4.0', 'Several elements at once.']],
  run: (session, request, reply) => push(session, request, reply, true, false),
};

export const rpush: DataCommand = {
  name: 'rpush',
  summary:
    'Pushes elements onto the tail of a list, one after the other; makes the list if need be.',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N) with N elements pushed',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['list'],
  keys: key('RW', 'insert'),
  syntax: 'key element...',
  history: [['2.4.0', 'Several elements at once.']],
  run: (session, request, reply) => push(session, request, reply, false, false),
};

export const lpushx: DataCommand = {
  name: 'lpushx',
  summary: 'Pushes elements onto the head of a list that exists.',
  since: '2.2.0',
  group: 'list',
  complexity: 'O(N) with N elements pushed',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['list'],
  keys: key('RW', 'insert'),
  syntax: 'key element...',
  history: [['4.0.0', 'Several elements at once.']],
  run: (session, request, reply) => push(session, request, reply, true, true),
};

export const rpushx: DataCommand = {
  name: 'rpushx',
  summary: 'Pushes elements onto the tail of a list that exists.',
  since: '2.2.0',
  group: 'list',
  complexity: 'O(N) with N elements pushed',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  categories: ['list'],
  keys: key('RW', 'insert'),
  syntax: 'key element...',
  history: [['4.0.0', 'Several elements at once.']],
  run: (session, request, reply) => push(session, request, reply, false, true),
};
