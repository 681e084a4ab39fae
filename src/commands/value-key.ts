// The key of a request as the engine's functions on collections take it.

import { ValueKey } from '../engine/value-key.ts';
import type { Request } from '../protocol/request.ts';
import type { DataSession } from './context.ts';

/** No command has more than two keys in hand at a time, and none is re-entered. */
const keys = [new ValueKey(), new ValueKey()];

/** The key at argument `i`, valid until the next call with the same `slot`. */
export function valueKey(
  session: DataSession,
  request: Request,
  i: number,
  slot: 0 | 1 = 0,
): ValueKey {
  return keys[slot].set(session.db, request.buffer, request.starts[i], request.ends[i]);
}
