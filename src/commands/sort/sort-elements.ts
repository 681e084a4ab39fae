// What there is to sort: the elements of a list, a set or a sorted set in their own order, copied,
// since the lookups of BY and GET may delete expired keys and that ends every view.

import { ListCursor } from '../../engine/list-cursor.ts';
import { listLength, openList } from '../../engine/list-value.ts';
import { Kind } from '../../engine/record.ts';
import { forEachMember, setSize } from '../../engine/set-value.ts';
import { zsetForEach, zsetLength } from '../../engine/zset-value.ts';
import type { DataSession, Ref } from '../context.ts';
import { ByteList } from './byte-list.ts';

/** Kinds that SORT takes. */
export function isSortable(kind: number): boolean {
  return kind === Kind.list || kind === Kind.set || kind === Kind.zset;
}

export function sortableLength(session: DataSession, ref: Ref): number {
  const db = session.db;
  if (ref === 0) return 0;
  const kind = db.kind(ref);
  if (kind === Kind.list) return listLength(db, ref);
  if (kind === Kind.set) return setSize(db, ref);
  return zsetLength(db, ref);
}

/**
 * `count` elements from `offset` on; `backwards` from the end of a list or sorted set. A set has no
 * order: all of it comes, whatever is asked for.
 */
export function collectElements(
  session: DataSession,
  ref: Ref,
  offset: number,
  count: number,
  backwards: boolean,
): ByteList {
  const list = new ByteList(count);
  if (ref === 0 || count <= 0) return list;
  const db = session.db;
  const kind = db.kind(ref);
  if (kind === Kind.set) forEachMember(db, ref, (member) => list.push(member));
  else if (kind === Kind.list) collectList(session, ref, offset, count, backwards, list);
  else {
    const rank = backwards ? zsetLength(db, ref) - 1 - offset : offset;
    zsetForEach(db, ref, rank, count, backwards, (member) => list.push(member));
  }
  return list;
}

function collectList(
  session: DataSession,
  ref: Ref,
  offset: number,
  count: number,
  backwards: boolean,
  list: ByteList,
): void {
  const cursor = new ListCursor();
  openList(cursor, session.db, ref, backwards ? -1 - offset : offset, !backwards);
  for (let left = count; left > 0 && cursor.next(); left--) {
    list.push(cursor.load());
  }
}
