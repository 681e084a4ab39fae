// MEMORY USAGE's figure. What a small value takes is known; of a large table or sorted set, whose members
// lie in the arena among everybody else's, some members are looked at and the rest is assumed alike.

import type { Database } from '../../engine/database.ts';
import { Dict } from '../../engine/dict.ts';
import { SortedSet } from '../../engine/sorted-set.ts';
import type { Ref } from '../context.ts';

/** A slot in a table that is about two thirds full. */
const SLOT_BYTES = 12;
/** Score, ref and their share of inner nodes in a tree whose nodes are about two thirds full. */
const TREE_BYTES = 19;

/** Bytes of a key with its value; `samples` members are looked at, 0: all. */
export function memoryUsage(db: Database, ref: Ref, samples: number): number {
  const bytes = db.keyBytes(ref);
  if (!db.isObject(ref)) return bytes;
  const object = db.object(ref);
  if (object instanceof Dict) return bytes + membersBytes(object, samples);
  if (!(object instanceof SortedSet)) return bytes;
  return bytes + membersBytes(object.members, samples) + object.length * TREE_BYTES;
}

function membersBytes(table: Dict, samples: number): number {
  let seen = 0;
  let bytes = 0;
  const look = (member: Ref): boolean => {
    bytes += table.records.recordBytes(member);
    return ++seen !== samples;
  };
  table.forEach(look);
  if (seen === 0) return 0;
  return Math.round((bytes / seen + SLOT_BYTES) * table.count);
}
