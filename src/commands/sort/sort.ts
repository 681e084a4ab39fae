// SORT and SORT_RO. Elements are copied into one buffer and an array of their numbers is sorted;
// weights are looked up once each. Text is compared by bytes, also where Redis would ask the locale.

import { type KeySpec, keyAt } from '../../dispatch/command.ts';
import { pushElements } from '../../engine/list-value.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { parseDouble } from '../../util/double.ts';
import { changedKey, type DataCommand, type DataSession, readKey } from '../context.ts';
import { valueKey } from '../value-key.ts';
import { ByteList } from './byte-list.ts';
import { newEntry } from './key-pattern.ts';
import { collectElements, isSortable, sortableLength } from './sort-elements.ts';
import { parseSortOptions, type SortOptions, sortKeys, sourceKey } from './sort-options.ts';

const value = newEntry();

/** Elements first..last of the sorted order are wanted; none when last < first. */
interface Window {
  readonly first: number;
  readonly last: number;
}

function windowOf(options: SortOptions, length: number): Window {
  const first = Math.min(Math.max(options.offset, 0), length);
  const count = Math.min(Math.max(options.count, -1), length);
  if (first >= length) return { first: 0, last: -1 };
  return { first, last: count < 0 ? length - 1 : Math.min(first + count, length) - 1 };
}

/**
 * As strtod reads it: leading space is skipped, a zero byte ends the text, and the empty text is 0. NaN when it
 * is no number.
 */
function weightOf(b: Buffer, start: number, stop: number): number {
  let end = start;
  while (end < stop && b[end] !== 0) end++;
  let at = start;
  while (at < end && (b[at] === 0x20 || (b[at] >= 9 && b[at] <= 13))) at++;
  return start === end ? 0 : parseDouble(b, at, end);
}

/** The numbers of the elements in sorted order; undefined when one has no number for a weight. */
function sortOrder(
  session: DataSession,
  options: SortOptions,
  elements: ByteList,
): Uint32Array | undefined {
  const { count } = elements;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const sign = options.descending ? -1 : 1;
  if (options.alpha) {
    const texts = options.by === undefined ? elements : weightTexts(session, options, elements);
    return order.sort((i, j) => sign * texts.compare(i, j));
  }
  const weights = weightNumbers(session, options, elements);
  if (weights === undefined) return undefined;
  return order.sort((i, j) => {
    const difference = weights[i] - weights[j];
    // Equal weights: by the elements, so that the result is always the same. (inf - inf is NaN.)
    return sign * (weights[i] === weights[j] ? elements.compare(i, j) : difference);
  });
}

function weightTexts(session: DataSession, options: SortOptions, elements: ByteList): ByteList {
  const { bytes, starts, ends, count } = elements;
  const texts = new ByteList(count);
  for (let i = 0; i < count; i++) {
    if (options.by?.resolve(session, bytes, starts[i], ends[i], value)) texts.push(value);
    else texts.pushAbsent();
  }
  return texts;
}

function weightNumbers(
  session: DataSession,
  options: SortOptions,
  elements: ByteList,
): Float64Array | undefined {
  const { bytes, starts, ends, count } = elements;
  const weights = new Float64Array(count);
  let isNumeric = true;
  for (let i = 0; i < count; i++) {
    if (options.by === undefined) value.set(bytes, starts[i], ends[i]);
    else if (!options.by.resolve(session, bytes, starts[i], ends[i], value)) continue;
    weights[i] = weightOf(value.bytes, value.start, value.end);
    // Go on: the lookups themselves have effects (hits, keys found expired).
    if (Number.isNaN(weights[i])) isNumeric = false;
  }
  return isNumeric ? weights : undefined;
}

/** What is wanted, in order, before GET. */
interface Selection {
  readonly elements: ByteList;
  /** Numbers of elements; undefined: as they lie. */
  readonly order: Uint32Array | undefined;
  readonly window: Window;
}

/** Undefined after an error reply. */
function select(
  session: DataSession,
  request: Request,
  options: SortOptions,
  reply: ReplyWriter,
): Selection | undefined {
  const db = session.db;
  const ref = readKey(session, request, 1);
  if (ref !== 0 && !isSortable(db.kind(ref))) {
    reply.error(errors.wrongType);
    return undefined;
  }
  const length = sortableLength(session, ref);
  const window = windowOf(options, length);
  const isSet = ref !== 0 && db.kind(ref) === Kind.set;
  if (options.unsorted && !isSet) {
    const count = window.last - window.first + 1;
    const elements = collectElements(session, ref, window.first, count, options.descending);
    return { elements, order: undefined, window: { first: 0, last: count - 1 } };
  }
  const elements = collectElements(session, ref, 0, length, false);
  if (options.unsorted && options.storeAt === 0) return { elements, order: undefined, window };
  // A set that is stored unsorted would be another list on every node: it is sorted as text.
  const effective = options.unsorted ? { ...options, alpha: true, by: undefined } : options;
  const order = sortOrder(session, effective, elements);
  if (order !== undefined) return { elements, order, window };
  reply.error(errors.sortNotNumeric);
  return undefined;
}

/** Calls `visit` for each value of the result; `value` holds it, unless it is missing. */
function forEachResult(
  session: DataSession,
  options: SortOptions,
  selection: Selection,
  visit: (isThere: boolean) => void,
): void {
  const { elements, order, window } = selection;
  const { bytes, starts, ends } = elements;
  for (let i = window.first; i <= window.last; i++) {
    const at = order === undefined ? i : order[i];
    if (options.get.length === 0) {
      value.set(bytes, starts[at], ends[at]);
      visit(true);
    }
    for (const pattern of options.get) {
      visit(pattern.resolve(session, bytes, starts[at], ends[at], value));
    }
  }
}

function storeResult(
  session: DataSession,
  request: Request,
  options: SortOptions,
  selection: Selection,
  size: number,
): void {
  const { storeAt } = options;
  const result = new ByteList(size);
  forEachResult(session, options, selection, (isThere) => {
    if (isThere) result.push(value);
    else result.pushEmpty();
  });
  const db = session.db;
  // A stored result takes nothing over from what was there, its expiry included.
  const existed = db.delete(request.buffer, request.starts[storeAt], request.ends[storeAt]);
  if (size > 0) {
    const target = valueKey(session, request, storeAt);
    pushElements(target, 0, result.bytes, result.starts, result.ends, 0, size, false);
    changedKey(session, request, storeAt, NotifyClass.list, 'sortstore', size);
  } else if (existed) changedKey(session, request, storeAt, NotifyClass.generic, 'del');
}

function runSort(session: DataSession, request: Request, reply: ReplyWriter, mayStore: boolean) {
  const options = parseSortOptions(session, request, mayStore, reply);
  if (options === undefined) return;
  const selection = select(session, request, options, reply);
  if (selection === undefined) return;
  // Lookups that find nothing still count: the size is known before the first GET.
  const { first, last } = selection.window;
  const size = (last - first + 1) * Math.max(1, options.get.length);
  if (options.storeAt > 0) {
    storeResult(session, request, options, selection, size);
    reply.integer(size);
    return;
  }
  reply.array(size);
  forEachResult(session, options, selection, (isThere) => {
    if (isThere) reply.bulkRange(value.bytes, value.start, value.end);
    else reply.null();
  });
}

const patternKeys: KeySpec = {
  flags: ['RO', 'access'],
  notes: 'BY and GET: their names are made of the elements',
  begin: 'unknown',
  find: 'unknown',
};

export const sort: DataCommand = {
  name: 'sort',
  summary: 'Sorts the elements of a list, a set or a sorted set, and returns or stores them.',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(N+M*log(M)) with N being the number of elements and M that of returned ones',
  arity: -2,
  flags: ['write', 'denyoom'],
  categories: ['set', 'sortedset', 'list', 'dangerous'],
  keys: [
    keyAt(1, 'RO', 'access'),
    patternKeys,
    {
      flags: ['OW', 'update'],
      notes: 'STORE: it may stand anywhere',
      begin: 'unknown',
      find: 'unknown',
    },
  ],
  findKeys: sortKeys,
  syntax:
    'key [BY by-pattern{pattern}:pattern#1] [LIMIT (offset:integer count:integer)] [GET get-pattern{pattern}:pattern#1]... order=[ASC|DESC] [sorting=ALPHA] [STORE destination:key#2]',
  run(session, request, reply) {
    runSort(session, request, reply, true);
  },
};

export const sortRo: DataCommand = {
  name: 'sort_ro',
  summary: 'Sorts the elements of a list, a set or a sorted set and returns them.',
  since: '7.0.0',
  group: 'generic',
  complexity: 'O(N+M*log(M)) with N being the number of elements and M that of returned ones',
  arity: -2,
  flags: ['readonly'],
  categories: ['set', 'sortedset', 'list', 'dangerous'],
  keys: [keyAt(1, 'RO', 'access'), patternKeys],
  findKeys: sourceKey,
  syntax:
    'key [BY by-pattern{pattern}:pattern#1] [LIMIT (offset:integer count:integer)] [GET get-pattern{pattern}:pattern#1]... order=[ASC|DESC] [sorting=ALPHA]',
  run(session, request, reply) {
    runSort(session, request, reply, false);
  },
};
