// RENAME and RENAMENX, MOVE and COPY: the same value under another name or in another database.
// Only COPY copies; the others take the record where it is going, however large the value.

import { key, keyAt } from '../../dispatch/command.ts';
import { copyKey } from '../../engine/copy-key.ts';
import type { Database } from '../../engine/database.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { changedKey, type DataCommand, type DataSession, readKey, writeKey } from '../context.ts';
import { databaseArgument } from './database-argument.ts';

function sameBytes(request: Request, i: number, j: number): boolean {
  return request.bytes(i).equals(request.bytes(j));
}

function runRename(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  onlyIfAbsent: boolean,
) {
  const db = session.db;
  const { buffer, starts, ends } = request;
  if (writeKey(session, request, 1) === 0) return reply.error(errors.noSuchKey);
  // A rename to itself needs the key, but is no change.
  if (sameBytes(request, 1, 2)) return onlyIfAbsent ? reply.integer(0) : reply.ok();
  if (writeKey(session, request, 2) !== 0) {
    if (onlyIfAbsent) return reply.integer(0);
    // What was there goes without a `del` event: to watchers it is overwritten, not deleted.
    db.delete(buffer, starts[2], ends[2]);
  }
  db.moveKey(buffer, starts[1], ends[1], db, buffer, starts[2], ends[2]);
  changedKey(session, request, 1, NotifyClass.generic, 'rename_from', 0);
  changedKey(session, request, 2, NotifyClass.generic, 'rename_to');
  if (onlyIfAbsent) reply.integer(1);
  else reply.ok();
}

export const rename: DataCommand = {
  name: 'rename',
  summary: 'Gives a key another name, in place of whatever has that name.',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write'],
  categories: ['keyspace'],
  keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'update')],
  syntax: 'key newkey:key#1',
  run(session, request, reply) {
    runRename(session, request, reply, false);
  },
};

export const renamenx: DataCommand = {
  name: 'renamenx',
  summary: 'Gives a key another name unless that name is taken.',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'insert')],
  syntax: 'key newkey:key#1',
  history: [['3.2.0', 'The same name twice is no error any more.']],
  run(session, request, reply) {
    runRename(session, request, reply, true);
  },
};

export const move: DataCommand = {
  name: 'move',
  summary: 'Moves a key to another database unless it exists there.',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'fast'],
  categories: ['keyspace'],
  keys: key('RW', 'access', 'update'),
  syntax: 'key db:integer',
  run(session, request, reply) {
    const db = session.db;
    const target = databaseArgument(session, request, 2, reply);
    if (target === undefined) return;
    if (target === db) return reply.error(errors.sameObject);
    const { buffer, starts, ends } = request;
    const s = starts[1];
    const e = ends[1];
    if (db.lookupWrite(buffer, s, e) === 0) return reply.integer(0);
    if (target.lookupWrite(buffer, s, e) !== 0) return reply.integer(0);
    db.moveKey(buffer, s, e, target, buffer, s, e);
    db.changed(buffer, s, e, NotifyClass.generic, 'move_from', 0);
    target.changed(buffer, s, e, NotifyClass.generic, 'move_to');
    reply.integer(1);
  },
};

interface CopyOptions {
  readonly target: Database;
  readonly replace: boolean;
}

function parseCopyOptions(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
): CopyOptions | undefined {
  let target: Database | undefined = session.db;
  let replace = false;
  for (let i = 3; i < request.count; i++) {
    if (request.is(i, 'REPLACE')) replace = true;
    else if (request.is(i, 'DB') && i + 1 < request.count) {
      target = databaseArgument(session, request, ++i, reply);
      if (target === undefined) return undefined;
    } else {
      reply.error(errors.syntax);
      return undefined;
    }
  }
  return { target, replace };
}

export const copy: DataCommand = {
  name: 'copy',
  summary: 'Copies the value of a key, with its expiry, to another key.',
  since: '6.2.0',
  group: 'generic',
  complexity: 'O(N) with N being the number of nested elements; O(1) for strings',
  arity: -3,
  flags: ['write', 'denyoom'],
  categories: ['keyspace'],
  keys: [keyAt(1, 'RO', 'access'), keyAt(2, 'OW', 'update')],
  syntax: 'source:key destination:key#1 [DB destination-db:integer] [REPLACE]',
  run(session, request, reply) {
    const options = parseCopyOptions(session, request, reply);
    if (options === undefined) return;
    const { target, replace } = options;
    const db = session.db;
    if (target === db && sameBytes(request, 1, 2)) return reply.error(errors.sameObject);
    const { buffer, starts, ends } = request;
    // The ref of the source is not kept: looking at the target may expire a key and end it.
    if (readKey(session, request, 1) === 0) return reply.integer(0);
    if (target.lookupWrite(buffer, starts[2], ends[2]) !== 0) {
      if (!replace) return reply.integer(0);
      target.delete(buffer, starts[2], ends[2]);
    }
    copyKey(db, buffer, starts[1], ends[1], target, buffer, starts[2], ends[2]);
    target.changed(buffer, starts[2], ends[2], NotifyClass.generic, 'copy_to');
    reply.integer(1);
  },
};
