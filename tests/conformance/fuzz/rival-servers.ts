// Runs the same requests on two servers and finds the first reply, or else the keyspace events or the
// data at the end, that differ; then looks for fewer requests that show it too.

import { render } from '../../support/render-reply.ts';
import { type Reply, RespConnection } from '../../support/resp-connection.ts';
import { comparable } from './comparable-reply.ts';
import type { RandomRequest } from './random-requests.ts';

/** The requests up to and with the one whose reply, or effect on the data, differs. */
export interface Difference {
  readonly requests: readonly RandomRequest[];
  readonly ours: string;
  readonly theirs: string;
}

export class RivalServers {
  private readonly ports: readonly [ours: number, theirs: number];
  private readonly protocol: 2 | 3;

  constructor(ports: readonly [ours: number, theirs: number], protocol: 2 | 3) {
    this.ports = ports;
    this.protocol = protocol;
  }

  /** Undefined where all replies and the data at the end are the same. */
  async firstDifference(requests: readonly RandomRequest[]): Promise<Difference | undefined> {
    const [ours, theirs] = await Promise.all(
      this.ports.map((port, i) =>
        run(port, this.protocol, requests).catch((error: Error) => {
          throw new Error(`${i === 0 ? 'ours' : 'theirs'}: ${error.message}`);
        }),
      ),
    );
    const at = requests.findIndex((_, i) => ours.replies[i] !== theirs.replies[i]);
    const apart = ours.replies.findIndex(
      (reply, i) =>
        PARTING.test(reply) || hasOldError(requests.slice(0, i), reply, theirs.replies[i]),
    );
    const isError = apart !== -1 && ours.replies[apart].includes(CORRUPTED);
    if (apart !== -1 && (at === -1 || apart < at || (apart === at && !isError))) {
      return this.firstDifference(requests.slice(0, apart));
    }
    if (at !== -1) {
      const upTo = requests.slice(0, at + 1);
      return { requests: upTo, ours: ours.replies[at], theirs: theirs.replies[at] };
    }
    if (ours.events !== theirs.events) {
      return { requests, ours: ours.events, theirs: theirs.events };
    }
    if (ours.data === theirs.data) return undefined;
    return { requests, ours: ours.data, theirs: theirs.data };
  }

  /** The same difference, or one found on the way, with fewer requests. */
  async shortened(found: Difference): Promise<Difference> {
    let shortest = found;
    for (let step = shortest.requests.length >> 1; step >= 1; step >>= 1) {
      for (let at = shortest.requests.length - 1; at >= 0; at -= step) {
        const { requests } = shortest;
        const from = Math.max(0, at - step + 1);
        const fewer = [...requests.slice(0, from), ...requests.slice(at + 1)];
        const difference = await this.firstDifference(fewer);
        if (difference !== undefined) shortest = difference;
      }
    }
    return shortest;
  }
}

/** The answer of both to a corrupted HyperLogLog. Of a PFADD Redis has then kept some elements, and we none. */
const CORRUPTED = 'INVALIDOBJ';
/**
 * Where the two rightly part, so that nothing behind can be compared: there, and where 7.2 refuses an XSETID
 * below a deleted entry that 7.0 takes.
 */
const PARTING = new RegExp(`${CORRUPTED}|smaller than current max_deleted_entry_id`);

/** SORT of Redis, with the error that strtod or strtoul left at a number out of range in an earlier request. */
function hasOldError(earlier: readonly RandomRequest[], ours: string, theirs: string): boolean {
  return (
    theirs.includes("One or more scores can't be converted into double") &&
    !ours.startsWith('-') &&
    earlier.some(({ args }) => args.some((arg) => /e-?400$|\d{17}/.test(arg)))
  );
}

interface Outcome {
  readonly replies: readonly string[];
  readonly events: string;
  readonly data: string;
}

/** The channel of keyspace events, and of the message behind the last one. */
const EVENTS = '__keyevent@*';
const END = '__keyevent@end';

async function run(
  port: number,
  protocol: 2 | 3,
  requests: readonly RandomRequest[],
): Promise<Outcome> {
  const connection = await RespConnection.open(port);
  const listener = await RespConnection.open(port);
  try {
    await connection.call('FLUSHALL');
    await listener.call('PSUBSCRIBE', EVENTS);
    await connection.call('HELLO', String(protocol));
    for (const { args } of requests) connection.send(args.map(bytesOf));
    const replies: string[] = [];
    let queued: RandomRequest[] = [];
    for (const request of requests) {
      const reply = await connection.next(request.args.join(' '));
      if (request.args[0] === 'MULTI') queued = [];
      else if (reply.type === 'simple' && reply.text === 'QUEUED') queued.push(request);
      replies.push(comparable(request, reply, queued));
    }
    connection.send(['DISCARD']);
    await connection.next();
    await connection.call('PUBLISH', END, '');
    const events = await eventsOf(listener, requests.some(claims));
    return { replies, events, data: await dataOf(connection) };
  } finally {
    connection.close();
    listener.close();
  }
}

function claims({ args }: RandomRequest): boolean {
  return /^X(AUTO)?CLAIM$/i.test(args[0]);
}

/** `hasClaims`: consumers are not the same on both servers, so neither is whether one could be deleted. */
async function eventsOf(listener: RespConnection, hasClaims: boolean): Promise<string> {
  const events: string[] = [];
  for (;;) {
    const message = render(await listener.next('a keyspace event'));
    if (message.includes(END)) return events.join('\n');
    // XCLAIM and XAUTOCLAIM create a consumer since 7.2 also when it gets nothing, and tell of every one.
    if (message.includes('xgroup-createconsumer')) continue;
    if (hasClaims && message.includes('xgroup-delconsumer')) continue;
    events.push(message.replace(/^.*__keyevent@/, ''));
  }
}

/** Arguments are latin1, so that any byte can be sent. */
function bytesOf(arg: string): Buffer {
  return Buffer.from(arg, 'latin1');
}

const readers: Readonly<Record<string, readonly [before: string[], after: string[]]>> = {
  string: [['GET'], []],
  list: [['LRANGE'], ['0', '-1']],
  set: [['SMEMBERS'], []],
  zset: [['ZRANGE'], ['0', '-1', 'WITHSCORES']],
  hash: [['HGETALL'], []],
  stream: [['XRANGE'], ['-', '+']],
};

/** All that is in the databases, as text, and the servers' own digest of it. */
async function dataOf(connection: RespConnection): Promise<string> {
  const lines: string[] = [];
  for (const database of ['0', '1']) {
    await connection.call('SELECT', database);
    const keys = listed(await connection.call('KEYS', '*')).sort(Buffer.compare);
    for (const key of keys) {
      const kind = await connection.call('TYPE', key);
      const [before, after] = readers[kind.type === 'simple' ? kind.text : ''];
      const value = await connection.call(...before, key, ...after);
      const comparison = before[0] === 'HGETALL' ? 'pairs' : 'unordered';
      const inOrder = before[0] === 'LRANGE' || before[0] === 'ZRANGE' || before[0] === 'XRANGE';
      const request = { args: before, comparison: inOrder ? 'exact' : comparison } as const;
      const isLasting = render(await connection.call('PTTL', key)) === '-1';
      const name = key.toString('latin1');
      lines.push(
        `${database} ${name} ${isLasting ? '' : '(expires) '}${comparable(request, value, [])}`,
      );
    }
  }
  // 7.0 has scores in its digest with 17 digits, so that it is another one where there are fractions.
  const hasFractions = lines.some((line) => / \[.*[",]-?\d+(\.\d|e|\d{16})/.test(line));
  if (!hasFractions) lines.push(`digest ${render(await connection.call('DEBUG', 'DIGEST'))}`);
  return lines.join('\n');
}

function listed(reply: Reply): Buffer[] {
  if (reply.type !== 'array' && reply.type !== 'set') return [];
  return reply.items.flatMap((item) => (item.type === 'bulk' ? [item.bytes] : []));
}
