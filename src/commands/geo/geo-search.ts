// GEOSEARCH, GEOSEARCHSTORE and the GEORADIUS family, which are one search in several notations.

import { key, keyAt } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { SortedSet } from '../../engine/sorted-set.ts';
import { zsetCountBelowScore, zsetForEach, zsetStore } from '../../engine/zset-value.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  type KeySpecFlag,
  type Ref,
  readKey,
} from '../context.ts';
import { valueKey } from '../value-key.ts';
import { replyDistance, replyPosition } from './geo-arguments.ts';
import {
  coveringCells,
  distanceWithin,
  type Position,
  positionOfScore,
  scoresOfCell,
} from './geo-cell.ts';
import { parseSearch, type Search, type SearchForm } from './geo-search-arguments.ts';

interface Point {
  readonly member: Buffer;
  readonly score: number;
  readonly position: Position;
  /** From the centre, in the unit asked for. */
  readonly distance: number;
}

function findPoints(session: DataSession, ref: Ref, search: Search): Point[] {
  const { db } = session;
  const points: Point[] = [];
  const enough = search.any ? search.count : Number.POSITIVE_INFINITY;
  for (const cell of coveringCells(search.shape)) {
    const { min, max } = scoresOfCell(cell);
    const from = zsetCountBelowScore(db, ref, min, false);
    const n = zsetCountBelowScore(db, ref, max, false) - from;
    if (n <= 0) continue;
    zsetForEach(db, ref, from, n, false, ({ bytes, start, end }, score) => {
      const position = positionOfScore(score);
      const metres = distanceWithin(search.shape, position);
      if (metres === undefined) return true;
      const member = Buffer.from(bytes.subarray(start, end));
      points.push({ member, score, position, distance: metres / search.metresPerUnit });
      return points.length < enough;
    });
    if (points.length >= enough) break;
  }
  if (search.order === 'asc') points.sort((a, b) => a.distance - b.distance);
  if (search.order === 'desc') points.sort((a, b) => b.distance - a.distance);
  if (search.count > 0 && points.length > search.count) points.length = search.count;
  return points;
}

function replyPoints(reply: ReplyWriter, points: readonly Point[], search: Search): void {
  const extras = [search.withDist, search.withHash, search.withCoord].filter(Boolean).length;
  reply.array(points.length);
  for (const point of points) {
    if (extras > 0) reply.array(extras + 1);
    reply.bulk(point.member);
    if (search.withDist) replyDistance(reply, point.distance);
    if (search.withHash) reply.integer(point.score);
    if (search.withCoord) replyPosition(reply, point.position);
  }
}

/** Puts the points in the place of the key at argument `at`. */
function storePoints(
  session: DataSession,
  request: Request,
  at: number,
  points: readonly Point[],
  search: Search,
  event: string,
  reply: ReplyWriter,
): void {
  const { db } = session;
  const had = db.delete(request.buffer, request.starts[at], request.ends[at]);
  if (points.length > 0) {
    const set = new SortedSet(db.engine.newDict());
    let longest = 0;
    for (const { member, score, distance } of points) {
      set.set(member, 0, member.length, search.storeDist ? distance : score);
      longest = Math.max(longest, member.length);
    }
    zsetStore(valueKey(session, request, at), set, longest);
    changedKey(session, request, at, NotifyClass.zset, event, points.length);
  } else if (had) changedKey(session, request, at, NotifyClass.generic, 'del');
  reply.integer(points.length);
}

function search(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  form: SearchForm,
): void {
  const ref = readKey(session, request, form.keyAt);
  if (ref !== 0 && !isKind(session, ref, Kind.zset, reply)) return;
  const plan = parseSearch(session, request, ref, form, reply);
  if (plan === undefined) return;
  const points = ref === 0 ? [] : findPoints(session, ref, plan);
  if (plan.storeAt === 0) return replyPoints(reply, points, plan);
  const event = form.kind === 'search' ? 'geosearchstore' : 'georadiusstore';
  storePoints(session, request, plan.storeAt, points, plan, event, reply);
}

const COMPLEXITY =
  'O(N+log(M)) with N members in the cells around the shape and M in the sorted set';
const SHAPE =
  'from=<FROMMEMBER member|FROMLONLAT (longitude:double latitude:double)> by=<circle=(BYRADIUS radius:double unit=<M|KM|FT|MI>)|box=(BYBOX width:double height:double unit=<M|KM|FT|MI>)> order=[ASC|DESC] count-block=[COUNT count:integer [ANY]]';

export const geosearch: DataCommand = {
  name: 'geosearch',
  summary: 'Returns the members within a circle or a box.',
  since: '6.2.0',
  group: 'geo',
  complexity: COMPLEXITY,
  arity: -7,
  flags: ['readonly'],
  categories: ['geo'],
  keys: key('RO', 'access'),
  syntax: `key ${SHAPE} [WITHCOORD] [WITHDIST] [WITHHASH]`,
  history: [['7.0.0', 'Units in capitals.']],
  run: (session, request, reply) =>
    search(session, request, reply, { kind: 'search', keyAt: 1, storeAt: 0, mayStore: false }),
};

export const geosearchstore: DataCommand = {
  name: 'geosearchstore',
  summary: 'Stores the members within a circle or a box under another key.',
  since: '6.2.0',
  group: 'geo',
  complexity: COMPLEXITY,
  arity: -8,
  flags: ['write', 'denyoom'],
  categories: ['geo'],
  keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
  syntax: `destination:key source:key#1 ${SHAPE} [STOREDIST]`,
  history: [['7.0.0', 'Units in capitals.']],
  run: (session, request, reply) =>
    search(session, request, reply, { kind: 'search', keyAt: 2, storeAt: 1, mayStore: true }),
};

/** A command of the GEORADIUS family. */
function radiusCommand(
  byMember: boolean,
  mayStore: boolean,
  since: string,
  summary: string,
  history: readonly (readonly [string, string])[],
): DataCommand {
  const arguments_ = byMember ? 4 : 5;
  const targets: readonly KeySpecFlag[] = ['OW', 'update'];
  const find = { last: 0, step: 1, limit: 0 };
  const origin = byMember ? 'member' : 'longitude:double latitude:double';
  const any = byMember ? '[ANY]' : '[ANY@6.2.0]';
  const store = mayStore
    ? ' store=[STORE storekey{key}:key#1|STOREDIST storedistkey{key}:key#2]'
    : '';
  const form: SearchForm = {
    kind: byMember ? 'radiusByMember' : 'radius',
    keyAt: 1,
    storeAt: 0,
    mayStore,
  };
  return {
    name: `georadius${byMember ? 'bymember' : ''}${mayStore ? '' : '_ro'}`,
    summary,
    since,
    group: 'geo',
    complexity: COMPLEXITY,
    arity: -(arguments_ + 1),
    flags: mayStore ? ['write', 'denyoom'] : ['readonly'],
    categories: ['geo'],
    keys: mayStore
      ? [
          keyAt(1, 'RO', 'access'),
          { flags: targets, begin: { keyword: 'STORE', from: arguments_ + 1 }, find },
          { flags: targets, begin: { keyword: 'STOREDIST', from: arguments_ + 1 }, find },
        ]
      : key('RO', 'access'),
    ...(mayStore ? { findKeys: (request: Request) => radiusKeys(request, arguments_) } : {}),
    syntax: `key ${origin} radius:double unit=<M|KM|FT|MI> [WITHCOORD] [WITHDIST] [WITHHASH] count-block=[COUNT count:integer ${any}] order=[ASC|DESC]${store}`,
    history,
    deprecated: {
      since: '6.2.0',
      replacedBy: byMember
        ? `\`GEOSEARCH\`${mayStore ? ' and `GEOSEARCHSTORE`' : ''} with the \`BYRADIUS\` and \`FROMMEMBER\` arguments`
        : `\`GEOSEARCH\`${mayStore ? ' and `GEOSEARCHSTORE`' : ''} with the \`BYRADIUS\` argument`,
    },
    run: (session, request, reply) => search(session, request, reply, form),
  };
}

/** The source, and the last of the targets that are named. */
function radiusKeys(
  request: Request,
  lastFixed: number,
): readonly { index: number; flags: readonly KeySpecFlag[] }[] {
  const source = { index: 1, flags: ['RO', 'access'] as const };
  let target = 0;
  for (let i = lastFixed + 1; i + 1 < request.count; i++) {
    if (!request.is(i, 'STORE') && !request.is(i, 'STOREDIST')) continue;
    target = ++i;
  }
  return target === 0 ? [source] : [source, { index: target, flags: ['OW', 'update'] as const }];
}

export const georadius: DataCommand = radiusCommand(
  false,
  true,
  '3.2.0',
  'Returns or stores the members within a radius of a position.',
  [
    ['6.2.0', 'ANY.'],
    ['7.0.0', 'Units in capitals.'],
  ],
);

export const georadiusRo: DataCommand = radiusCommand(
  false,
  false,
  '3.2.10',
  'Returns the members within a radius of a position.',
  [['6.2.0', 'ANY.']],
);

export const georadiusbymember: DataCommand = radiusCommand(
  true,
  true,
  '3.2.0',
  'Returns or stores the members within a radius of a member.',
  [['7.0.0', 'Units in capitals.']],
);

export const georadiusbymemberRo: DataCommand = radiusCommand(
  true,
  false,
  '3.2.10',
  'Returns the members within a radius of a member.',
  [],
);
