// Replies of two servers of different versions in a form in which equal ones are equal text. Besides
// the order of hash tables: 7.0 writes doubles with 17 digits, 7.2 with as many as are needed, and 7.0
// keeps the sign of zero.

import { render } from '../../support/render-reply.ts';
import type { Reply } from '../../support/resp-connection.ts';
import type { Comparison, RandomRequest } from './random-requests.ts';

/** Commands whose bulks may be doubles, as RESP2 shows them. */
const answersDoubles = /^(Z|BZ|GEO)/i;

/** Forms differ by version, and SORT unpacks a sorted set in Redis but not here. */
const collectionEncodings = ['listpack', 'quicklist', 'hashtable', 'intset', 'skiplist'];

/** Errors that 7.0 words differently, and a word for either. */
const rewordedErrors: readonly (readonly [RegExp, string])[] = [
  [/^-ERR Unbalanced '?(\w+)'? list/i, 'unbalanced streams'],
];

/** The reply to `request` as text; `queued`: what EXEC answers, one by one. */
export function comparable(
  request: RandomRequest,
  reply: Reply,
  queued: readonly RandomRequest[],
): string {
  if (reply.type === 'error') {
    const text = render(reply);
    return rewordedErrors.find(([pattern]) => pattern.test(text))?.[1] ?? text;
  }
  const command = request.args[0];
  if (command === 'EXEC' && reply.type === 'array' && reply.items.length === queued.length) {
    return `EXEC ${reply.items.map((item, i) => comparable(queued[i], item, [])).join('\n  ')}`;
  }
  if (command === 'OBJECT' && reply.type === 'bulk') {
    return collectionEncodings.includes(reply.bytes.toString()) ? 'encoded' : render(reply);
  }
  return withOrder(answersDoubles.test(command) ? withDoubles(reply) : reply, request.comparison);
}

function withOrder(reply: Reply, comparison: Comparison): string {
  switch (comparison) {
    case 'unordered':
      return ordered(reply, false);
    case 'pairs':
      return ordered(reply, true);
    case 'scan':
    case 'scanpairs':
      if (reply.type !== 'array' || reply.items.length !== 2) return render(reply);
      return `${render(reply.items[0])} ${ordered(reply.items[1], comparison === 'scanpairs')}`;
    case 'shape':
      return reply.type === 'error' ? render(reply) : shape(reply);
    case 'time':
      return reply.type === 'integer' ? roundedTime(Number(reply.text)) : render(reply);
    default:
      return render(reply);
  }
}

function ordered(reply: Reply, pairs: boolean): string {
  return render(reply, { unordered: !pairs, pairs, masked: false, except: [] });
}

function shape(reply: Reply): string {
  return render(reply, { unordered: false, pairs: false, masked: true, except: [] });
}

/** Times since 1970 and times left, of either unit, to a thousandth: deadlines are far apart. */
function roundedTime(value: number): string {
  const now = Date.now();
  const sinceNow = [value - now, value - Math.round(now / 1000)];
  const left = sinceNow.find((time) => Math.abs(time) < 1e9) ?? value;
  return Math.abs(left) < 1000 ? String(left) : left.toPrecision(3);
}

function withDoubles(reply: Reply): Reply {
  switch (reply.type) {
    case 'double':
      return { type: 'double', text: shortestDouble(reply.text) };
    case 'bulk': {
      const text = reply.bytes.toString('latin1');
      const isDouble = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) && /\.|e|\d{16}|^-0$/.test(text);
      return isDouble ? { type: 'bulk', bytes: Buffer.from(shortestDouble(text)) } : reply;
    }
    case 'array':
    case 'set':
    case 'push':
    case 'map':
      return { type: reply.type, items: reply.items.map(withDoubles) };
    default:
      return reply;
  }
}

function shortestDouble(text: string): string {
  return /^-?(inf|nan)$/.test(text) ? text : String(Number(text) + 0);
}
