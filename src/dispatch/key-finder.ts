// Where the keys of a request are, by its command's key specifications: the same two steps as Redis's
// (getKeysUsingKeySpecs in db.c). Everything that asks for keys (ACL, COMMAND GETKEYS, tracking)
// asks here. A request that does not fit the specification has no keys rather than wrong ones; the
// command itself will refuse it.

import type { Request } from '../protocol/request.ts';
import type { Command, FoundKey, KeySpec, KeySpecFlag } from './command.ts';

const NO_KEYS: readonly FoundKey[] = [];

/** Positions of all keys; undefined when the arguments fit no specification. */
export function findKeys(
  command: Command<never>,
  request: Request,
): readonly FoundKey[] | undefined {
  if (command.findKeys !== undefined) {
    const keys = command.findKeys(request);
    return keys.length > 0 ? keys : undefined;
  }
  const found: FoundKey[] = [];
  for (const spec of command.keys ?? NO_KEYS_SPECS) {
    if (spec.flags.includes('not_key')) continue;
    const flags = command.keyFlags?.(request) ?? spec.flags;
    if (!collect(spec, flags, request, found)) return undefined;
  }
  return found;
}

const NO_KEYS_SPECS: readonly KeySpec[] = [];

/** As `findKeys`, for those to whom a malformed request simply has no keys. */
export function keysOf(command: Command<never>, request: Request): readonly FoundKey[] {
  return findKeys(command, request) ?? NO_KEYS;
}

/** Whether the command can have keys at all. */
export function mayHaveKeys(command: Command<never>): boolean {
  if (command.findKeys !== undefined) return true;
  return (command.keys ?? NO_KEYS_SPECS).some((spec) => !spec.flags.includes('not_key'));
}

/** Adds the keys of one specification; false when the request does not fit it. */
function collect(
  spec: KeySpec,
  flags: readonly KeySpecFlag[],
  request: Request,
  found: FoundKey[],
): boolean {
  const { begin, find } = spec;
  const { count } = request;
  if (begin === 'unknown' || find === 'unknown') return false;
  let first = 'index' in begin ? begin.index : keywordPosition(begin, request);
  // A keyword that is not there is no error: its option was not given.
  if (first === 0) return true;
  let last: number;
  if ('keynum' in find) {
    if (first + find.keynum >= count) return false;
    const keys = request.integer(first + find.keynum);
    if (!(keys >= 0)) return false;
    first += find.first;
    last = first + keys - 1;
  } else {
    last = lastPosition(find, first, count);
  }
  if (last >= count || last < first || first >= count) return false;
  for (let i = first; i <= last; i += find.step) found.push({ index: i, flags });
  return !spec.flags.includes('incomplete');
}

function lastPosition(
  find: { readonly last: number; readonly limit: number },
  first: number,
  count: number,
): number {
  if (find.last >= 0) return first + find.last;
  if (find.limit === 0) return count + find.last;
  // Keys and their companions share what follows (XREAD STREAMS k1 k2 id1 id2: half are keys).
  return first + Math.trunc((count - first) / find.limit) + find.last;
}

/** The position after the keyword; 0 when it is not there. A negative start searches backwards. */
function keywordPosition(
  begin: { readonly keyword: string; readonly from: number },
  request: Request,
): number {
  const { count } = request;
  const start = begin.from > 0 ? begin.from : count + begin.from;
  const end = begin.from > 0 ? count - 1 : 1;
  const step = start <= end ? 1 : -1;
  for (let i = start; i !== end && i >= 1 && i < count; i += step) {
    if (request.is(i, begin.keyword)) return i + 1;
  }
  return 0;
}
