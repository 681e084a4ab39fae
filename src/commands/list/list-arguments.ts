// What several list commands share: which end, an element as a reply, and the end of a removal.

import type { ListCursor } from '../../engine/list-cursor.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataSession } from '../context.ts';

export const LEFT = 1;
export const RIGHT = 2;
/** An end of a list, or 0 when an argument names none. */
export type End = 0 | typeof LEFT | typeof RIGHT;

/** The end that argument `i` names; 0 after an error reply. */
export function endArgument(request: Request, i: number, reply: ReplyWriter): End {
  if (request.is(i, 'LEFT')) return LEFT;
  if (request.is(i, 'RIGHT')) return RIGHT;
  reply.error(errors.syntax);
  return 0;
}

export function replyElement(reply: ReplyWriter, cursor: ListCursor): void {
  const { bytes, start, end } = cursor.load();
  reply.bulkRange(bytes, start, end);
}

/** Reports that `n` elements left at an end; the key goes with the last. */
export function elementsPopped(
  session: DataSession,
  request: Request,
  i: number,
  from: End,
  n: number,
  isEmpty: boolean,
): void {
  const { db } = session;
  const { buffer, starts, ends } = request;
  db.changed(buffer, starts[i], ends[i], NotifyClass.list, from === LEFT ? 'lpop' : 'rpop', n);
  if (isEmpty) db.removeIfEmpty(buffer, starts[i], ends[i]);
}
