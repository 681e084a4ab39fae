// The arguments of SORT and SORT_RO, and where their keys are.

import { KeyAccess } from '../../dispatch/acl/acl-selector.ts';
import type { FoundKey } from '../../dispatch/command.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataSession } from '../context.ts';
import { KeyPattern } from './key-pattern.ts';

export interface SortOptions {
  readonly descending: boolean;
  readonly alpha: boolean;
  /** First element wanted and how many; negative: all. */
  readonly offset: number;
  readonly count: number;
  /** Undefined: by the elements themselves. */
  readonly by: KeyPattern | undefined;
  /** BY names one key for all: there is nothing to sort by. */
  readonly unsorted: boolean;
  readonly get: readonly KeyPattern[];
  /** Argument position of the key to store into; 0: the result is the reply. */
  readonly storeAt: number;
}

/** All options; undefined after an error reply. */
export function parseSortOptions(
  session: DataSession,
  request: Request,
  mayStore: boolean,
  reply: ReplyWriter,
): SortOptions | undefined {
  const options = {
    descending: false,
    alpha: false,
    offset: 0,
    count: -1,
    by: undefined as KeyPattern | undefined,
    unsorted: false,
    get: [] as KeyPattern[],
    storeAt: 0,
  };
  for (let i = 2; i < request.count; i++) {
    const left = request.count - i - 1;
    if (request.is(i, 'ASC')) options.descending = false;
    else if (request.is(i, 'DESC')) options.descending = true;
    else if (request.is(i, 'ALPHA')) options.alpha = true;
    else if (left >= 2 && request.is(i, 'LIMIT')) {
      options.offset = request.integer(i + 1);
      options.count = request.integer(i + 2);
      i += 2;
      if (Number.isNaN(options.offset) || Number.isNaN(options.count)) {
        reply.error(errors.notInteger);
        return undefined;
      }
    } else if (left >= 1 && mayStore && request.is(i, 'STORE')) options.storeAt = ++i;
    else if (left >= 1 && request.is(i, 'BY')) {
      options.by = new KeyPattern(request.bytes(++i));
      options.unsorted = !options.by.hasStar;
      if (options.unsorted) continue;
      if (!refusedByAcl(session, request, errors.sortByDenied, reply)) continue;
      return undefined;
    } else if (left >= 1 && request.is(i, 'GET')) {
      options.get.push(new KeyPattern(request.bytes(++i)));
      if (refusedByAcl(session, request, errors.sortGetDenied, reply)) return undefined;
    } else {
      reply.error(errors.syntax);
      return undefined;
    }
  }
  return options;
}

/** Patterns reach keys that no rule was asked about: who uses them must be allowed every key. */
function refusedByAcl(
  session: DataSession,
  request: Request,
  text: string,
  reply: ReplyWriter,
): boolean {
  const { user, command } = session;
  if (user.unrestricted || command === undefined) return false;
  if (user.allowsWithAnyKey(command, request, KeyAccess.read)) return false;
  reply.error(text);
  return true;
}

/** The sorted key and the last STORE, found without checking the rest. */
export function sortKeys(request: Request): readonly FoundKey[] {
  const source: FoundKey = { index: 1, flags: ['RO', 'access'] };
  let storeAt = 0;
  for (let i = 2; i < request.count; i++) {
    if (request.is(i, 'LIMIT')) i += 2;
    else if (request.is(i, 'GET') || request.is(i, 'BY')) i++;
    else if (request.is(i, 'STORE') && i + 1 < request.count) storeAt = i + 1;
  }
  return storeAt === 0 ? [source] : [source, { index: storeAt, flags: ['OW', 'update'] }];
}

export function sourceKey(): readonly FoundKey[] {
  return [{ index: 1, flags: ['RO', 'access'] }];
}
