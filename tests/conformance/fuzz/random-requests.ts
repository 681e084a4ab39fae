// Random requests after the grammar: a seed gives the same ones again. Few keys, so that the types
// collide; values that repeat, so that something is found; now and then an argument that is hostile.

import type { SeededRandom } from '../../../src/util/seeded-random.ts';
import { type Family, families } from './request-grammar.ts';

/** How two replies to the same request are made comparable. */
export type Comparison = 'exact' | 'unordered' | 'pairs' | 'scan' | 'scanpairs' | 'shape' | 'time';

export interface RandomRequest {
  readonly args: readonly string[];
  readonly comparison: Comparison;
}

type Part =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'random'; readonly name: string }
  | { readonly kind: 'choice'; readonly of: readonly (readonly Part[])[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly least: number; readonly most: number };

interface Form {
  readonly parts: readonly Part[];
  readonly comparison: Comparison;
  readonly isPlain: boolean;
}

const SPOILT_IN = 30;
const FOREIGN_KEY_IN = 5;
const HOSTILE_VALUE_IN = 25;

const hostileIntegers = `-1 -2 -3 100 4294967296 9223372036854775807 -9223372036854775808
9223372036854775808 -9223372036854775807 18446744073709551616 007 +1 1.0 1e3 abc -0 0x10 nan inf`
  .split(/\s+/)
  .concat('', ' 1', '1 ');

const hostileFloats = `inf -inf +inf nan -nan infinity 1e400 -1e400 1e-400 abc 0x10 .5 5. -0 1e17 +3
123456789.123456789 9007199254740993 1_0 1e 1.5e3`
  .split(/\s+/)
  .concat('', ' 1', '1 ');

const names = 'a b c d e f g h aa ab abc 1 2 3 10 -5 field'.split(' ');
const oddNames = [
  '',
  ' ',
  'x'.repeat(30),
  'y'.repeat(70),
  '\x00',
  'é',
  '12345678901',
  '1.5',
  '*',
  '[',
];

const now = Date.now();
const epoch = (days: number): number => Math.floor(now / 1000) + days * 86_400;

/** The values of the grammar's small words. */
const values: Readonly<Record<string, (random: SeededRandom) => string>> = {
  small: (random) => String(random.below(4)),
  int: (random) =>
    random.below(6) === 0 ? pick(random, hostileIntegers) : String(random.below(12) - 3),
  float: (random) =>
    random.below(5) === 0 ? pick(random, hostileFloats) : String((random.below(400) - 100) / 8),
  score: (random) =>
    random.below(8) === 0 ? pick(random, hostileFloats) : String(random.below(9) - 2),
  bound: (random) => `${random.below(3) === 0 ? '(' : ''}${pick(random, bounds)}`,
  value: (random) =>
    random.below(HOSTILE_VALUE_IN) === 0 ? pick(random, oddNames) : pick(random, names),
  pattern: (random) => pick(random, ['*', 'a*', '?', '[a-c]', '*b', '*1', '[', 'hash*->a', '\\']),
  // Redis takes an error of an earlier strtod (1e400) for one of the next weight that it reads.
  weight: (random) => pick(random, ['none*', 'none*->a', 'list*']),
  name: (random) =>
    pick(random, ['-', '+', '[a', '(a', '[c', '(f', '[', '(', '[zz', '[aa', 'a', '']),
  // Beyond 2^29 bytes an error, far below it cheap; nothing in between.
  rank: (random) => pick(random, ['0', '1', '-1', '2', '-2', '9223372036854775807', 'abc']),
  badcursor: (random) => pick(random, ['abc', '-', '1x', '99999999999999999999']),
  offset: (random) => pick(random, ['0', '1', '5', '40', '3000', '-1', '4294967296', '', 'abc']),
  bit: (random) =>
    pick(random, ['0', '1', '7', '8', '9', '100', '999', '-1', '4294967296', '99999999999', 'a']),
  '#small': (random) => `#${random.below(20)}`,
  field: (random) =>
    pick(random, ['u8', 'i8', 'u1', 'i5', 'u63', 'i64', 'u64', 'i65', 'i0', 'u32', 'x8', 'i', '']),
  // Many draws would take for ever; the least integers are refused, and more than there are is all.
  draws: (random) => pick(random, ['0', '1', '-1', '-7', '1000', '-9223372036854775808', 'abc']),
  wait: (random) => pick(random, ['0.01', '0.005', '0.01', '-1', 'abc', '']),
  seconds: (random) => pick(random, ['100000', '500000', '0', '-1', '9223372036854775807', 'abc']),
  // Not those of another request: whether an equal one ends later is a matter of a millisecond.
  longer: (random) =>
    random.below(3) === 0
      ? pick(random, ['0', '-1', '9223372036854775807', 'abc'])
      : String(200_000 + random.below(250_000)),
  milliseconds: (random) =>
    pick(random, ['100000000', '500000000', '0', '-5', '9223372036854775807', '1.5']),
  // A time in the past would leave a key that is there or not, as the expiry cycle comes round.
  later: (random) => pick(random, [`${epoch(2)}`, `${epoch(9)}`, '-1', '0', '99999999999999999']),
  laterms: (random) => pick(random, [`${epoch(2)}000`, `${epoch(9)}000`, '-1', '0', 'abc']),
  epoch: (random) =>
    pick(random, [`${epoch(2)}`, `${epoch(9)}`, '1', '-1', '0', '99999999999999999']),
  epochms: (random) => pick(random, [`${epoch(2)}000`, `${epoch(9)}000`, '1', '-1', '0', '']),
  longitude: (random) =>
    random.below(12) === 0
      ? pick(random, ['180', '-180', '180.1', '-200', 'nan', 'inf', 'abc', ''])
      : String((random.below(360_000) - 180_000) / 1000),
  latitude: (random) =>
    random.below(12) === 0
      ? pick(random, ['85.05112878', '-85.06', '90', 'nan', '-inf', 'abc', ''])
      : String((random.below(170_000) - 85_000) / 1000),
  metres: (random) =>
    pick(random, ['0', '1', '100', '1000', '5000', '20000', '100000', '-1', 'abc', 'inf', 'nan']),
  unit: (random) => pick(random, ['m', 'Km', 'x', '']),
  id: (random) =>
    random.below(8) === 0
      ? pick(random, ['-', '+', '$', '>', '0-0', '0', '18446744073709551615-18446744073709551615'])
      : `${random.below(20)}-${random.below(4)}`,
  'small-*': (random) => `${random.below(30)}-*`,
  group: (random) => pick(random, ['g', 'g', 'g2', '']),
  consumer: (random) => pick(random, ['c', 'd', '']),
  namekey: (random) => pick(random, ['names1', 'names2', 'names1', 'names2', 'listednames']),
};

const bounds = [
  '0',
  '1',
  '2',
  '3',
  '5',
  '-1',
  'inf',
  '-inf',
  '+inf',
  'nan',
  'abc',
  '',
  '1.5',
  '1e400',
];

const foreignKeys = [
  ...['string1', 'bitmap1', 'hll1', 'list1', 'hash1', 'set1', 'zset1', 'geo1', 'stream1'],
  ...['keys1', 'string2', 'set2', 'zset2', 'list2', 'none'],
];

const forms: readonly { readonly family: Family; readonly forms: readonly Form[] }[] = families.map(
  (family) => ({ family, forms: family.lines.map(parseForm) }),
);
const totalWeight = families.reduce((sum, { weight }) => sum + weight, 0);

/** A sequence of `n` requests or a few more; some of them stand in transactions. */
export function randomRequests(random: SeededRandom, n: number): RandomRequest[] {
  const requests: RandomRequest[] = [];
  while (requests.length < n) {
    const isTransaction = random.below(40) === 0;
    const request = randomRequest(random);
    // A redis-server 7.0.15 whose client waits amid a pipeline falls silent, once in some thousand times;
    // in a transaction nothing waits.
    if (!isTransaction && !/^B[LRZ]/.test(request.args[0])) requests.push(request);
    else {
      requests.push({ args: ['MULTI'], comparison: 'exact' }, request);
      for (let left = isTransaction ? random.below(6) : 0; left > 0; left--) {
        requests.push(randomRequest(random));
      }
      const end = isTransaction && random.below(8) === 0 ? 'DISCARD' : 'EXEC';
      requests.push({ args: [end], comparison: 'exact' });
    }
  }
  return requests;
}

function randomRequest(random: SeededRandom): RandomRequest {
  let at = random.below(totalWeight);
  const chosen = forms.find(({ family }) => {
    at -= family.weight;
    return at < 0;
  });
  if (chosen === undefined) throw new Error('the weights of the families do not add up');
  const form = pick(random, chosen.forms);
  const args: string[] = [];
  for (const part of form.parts) expand(random, part, chosen.family.name, args);
  if (!form.isPlain && random.below(SPOILT_IN) === 0) spoil(random, args);
  return { args, comparison: form.comparison };
}

/** One argument too few, too many, or of another kind. */
function spoil(random: SeededRandom, args: string[]): void {
  const at = random.below(args.length);
  switch (random.below(3)) {
    case 0:
      if (args.length > 1) args.splice(Math.max(1, at), 1);
      break;
    case 1:
      args.push(pick(random, random.below(2) === 0 ? names : hostileIntegers));
      break;
    default:
      if (at > 0) args[at] = pick(random, random.below(2) === 0 ? hostileFloats : hostileIntegers);
  }
}

function expand(random: SeededRandom, part: Part, family: string, into: string[]): void {
  switch (part.kind) {
    case 'word':
      into.push(part.text);
      return;
    case 'random':
      into.push(part.name === 'key' ? randomKey(random, family) : values[part.name](random));
      return;
    case 'choice':
      for (const one of pick(random, part.of)) expand(random, one, family, into);
      return;
    case 'repeat': {
      const times = part.least + random.below(part.most - part.least + 1);
      for (let i = 0; i < times; i++) expand(random, part.part, family, into);
    }
  }
}

function randomKey(random: SeededRandom, family: string): string {
  if (random.below(FOREIGN_KEY_IN) === 0) return pick(random, foreignKeys);
  return `${family}${1 + random.below(3)}`;
}

function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.below(from.length)];
}

function parseForm(line: string): Form {
  let comparison: Comparison = 'exact';
  let isPlain = false;
  let rest = line;
  for (let marker = /^@(\w+) /.exec(rest); marker !== null; marker = /^@(\w+) /.exec(rest)) {
    if (marker[1] === 'plain') isPlain = true;
    else comparison = marker[1] as Comparison;
    rest = rest.slice(marker[0].length);
  }
  const tokens = rest.match(/\(|\||\)[?*+]?|[^\s()|]+/g) ?? [];
  return { parts: parseSequence(tokens), comparison, isPlain };
}

function parseSequence(tokens: string[]): Part[] {
  const parts: Part[] = [];
  while (tokens.length > 0 && tokens[0][0] !== ')' && tokens[0] !== '|') {
    parts.push(parsePart(tokens));
  }
  return parts;
}

function parsePart(tokens: string[]): Part {
  const token = tokens.shift() as string;
  if (token === '(') {
    const of = [parseSequence(tokens)];
    let end = tokens.shift();
    for (; end === '|'; end = tokens.shift()) of.push(parseSequence(tokens));
    if (end === undefined) throw new Error('the grammar has a bracket without its other half');
    return repeated({ kind: 'choice', of }, end[1]);
  }
  // A sign alone is a word (`XRANGE key - +`), and so is all of `1-*`.
  const isRepeated = token.length > 1 && /[?*+]$/.test(token) && values[token] === undefined;
  const text = isRepeated ? token.slice(0, -1) : token;
  const isRandom = text === 'key' || values[text] !== undefined;
  const part: Part = isRandom ? { kind: 'random', name: text } : { kind: 'word', text };
  return isRepeated ? repeated(part, token.at(-1)) : part;
}

function repeated(part: Part, sign: string | undefined): Part {
  switch (sign) {
    case '?':
      return { kind: 'repeat', part, least: 0, most: 1 };
    case '*':
      return { kind: 'repeat', part, least: 0, most: 3 };
    case '+':
      return { kind: 'repeat', part, least: 1, most: 3 };
    default:
      return part;
  }
}
