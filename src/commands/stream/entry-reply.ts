// Ids and entries as replies.

import type { Stream } from '../../engine/stream.ts';
import type { StreamCursor } from '../../engine/stream-cursor.ts';
import { LONGEST_ID_TEXT, type StreamId } from '../../engine/stream-id.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';

const text: Buffer = Buffer.alloc(LONGEST_ID_TEXT);

export function replyId(reply: ReplyWriter, id: StreamId): void {
  reply.bulkRange(text, 0, id.write(text, 0));
}

/** The cursor's entry: its id, and its names and values in a row. */
export function replyEntry(reply: ReplyWriter, cursor: StreamCursor): void {
  const { field, value } = cursor;
  reply.array(2);
  replyId(reply, cursor.id);
  reply.array(cursor.pairs * 2);
  for (let i = cursor.pairs; i > 0; i--) {
    cursor.readPair();
    reply.bulkRange(field.bytes, field.start, field.end);
    reply.bulkRange(value.bytes, value.start, value.end);
  }
}

/** Entries of a range as an array; `count` of them at most, 0: all. */
export function replyEntries(
  reply: ReplyWriter,
  cursor: StreamCursor,
  stream: Stream,
  start: StreamId | undefined,
  end: StreamId | undefined,
  reverse: boolean,
  count: number,
): void {
  const mark = reply.deferred();
  let n = 0;
  cursor.open(stream, start, end, reverse);
  while ((count === 0 || n < count) && cursor.next()) {
    replyEntry(reply, cursor);
    n++;
  }
  reply.finishArray(mark, n);
}

/** The one entry with this id; false, and no reply, when it is gone. */
export function replyEntryOf(
  reply: ReplyWriter,
  cursor: StreamCursor,
  stream: Stream,
  id: StreamId,
): boolean {
  cursor.open(stream, id, id);
  if (!cursor.next()) return false;
  replyEntry(reply, cursor);
  return true;
}
