// Mutated pipelines, cut at random places, against a parser that is as plain as can be. The budget is
// fixed; the seed is printed and may be given: FUZZ_SEED=123 node --test …/request-reader-fuzz.test.js

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../util/seeded-random.ts';
import { splitArguments } from '../util/split-arguments.ts';
import { Request } from './request.ts';
import { FAILED, READY, RequestReader } from './request-reader.ts';

const BUDGET_MS = 3000;

interface Limits {
  protoMaxBulkLen: number;
  authenticated: boolean;
  queryBufferLimit: number;
}

interface Result {
  requests: string[][];
  error: string;
}

/** Redis's rules word for word over a whole input, with no care for speed. */
function reference(input: string, limits: Limits): Result {
  const requests: string[][] = [];
  let rest = input;
  const fail = (error: string): Result => ({ requests, error: `Protocol error: ${error}` });
  const tooLong = (): boolean => rest.length > 65_536;
  const number = (text: string): number => {
    const isInteger =
      /^(0|-?[1-9][0-9]*)$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
    return isInteger ? Number(text) : Number.NaN;
  };
  while (rest !== '') {
    if (rest[0] !== '*') {
      const end = rest.indexOf('\n');
      if (end < 0) return tooLong() ? fail('too big inline request') : { requests, error: '' };
      const line = rest.slice(0, end).replace(/\r$/, '');
      const words = splitArguments(Buffer.from(line, 'latin1'));
      if (words === undefined) return fail('unbalanced quotes in request');
      rest = rest.slice(end + 1);
      if (words.length > 0) requests.push(words.map((word) => word.toString('latin1')));
      continue;
    }
    const end = rest.indexOf('\r');
    if (end < 0 && tooLong()) return fail('too big mbulk count string');
    if (end < 0 || end + 2 > rest.length) return { requests, error: '' };
    const count = number(rest.slice(1, end));
    if (!(count <= 2 ** 31 - 1)) return fail('invalid multibulk length');
    if (count > 10 && !limits.authenticated) return fail('unauthenticated multibulk length');
    rest = rest.slice(end + 2);
    const args: string[] = [];
    while (args.length < count) {
      const lineEnd = rest.indexOf('\r');
      if (lineEnd < 0 && tooLong()) return fail('too big bulk count string');
      if (lineEnd < 0 || lineEnd + 2 > rest.length) return { requests, error: '' };
      if (rest[0] !== '$') {
        return fail(`expected '$', got '${rest[0] === '\0' ? '' : `${rest[0]}'`}`);
      }
      const length = number(rest.slice(1, lineEnd));
      if (!(length >= 0 && length <= limits.protoMaxBulkLen)) return fail('invalid bulk length');
      if (length > 16_384 && !limits.authenticated) return fail('unauthenticated bulk length');
      if (rest.length < lineEnd + 2 + length + 2) return { requests, error: '' };
      args.push(rest.slice(lineEnd + 2, lineEnd + 2 + length));
      rest = rest.slice(lineEnd + 2 + length + 2);
    }
    if (count > 0) requests.push(args);
  }
  return { requests, error: '' };
}

function ours(input: Buffer, random: SeededRandom, limits: Limits): Result {
  const reader = new RequestReader(limits);
  const own = new Request();
  const batch = [new Request(), new Request(), new Request()];
  let ahead: Request[] = [];
  const requests: string[][] = [];
  const sizes = [1, 3, 20, 300, 5000, 100_000];
  const least = input.length > 5000 ? 3 : 0;
  const largest = sizes[least + random.below(sizes.length - least)];
  for (let at = 0; at < input.length; ) {
    const chunk = Buffer.from(input.subarray(at, at + 1 + random.below(largest)));
    at += chunk.length;
    reader.feed(chunk);
    // Now and then a client is blocked and its input waits.
    if (random.below(10) === 0 && at < input.length) {
      reader.keep();
      chunk.fill(0);
      continue;
    }
    ahead = [];
    for (;;) {
      if (ahead.length === 0 && random.below(2) === 0) {
        ahead = batch.slice(0, reader.readAhead(batch));
      }
      const next = ahead.shift();
      if (next !== undefined) reader.take(next);
      const request = next ?? own;
      const outcome = next === undefined ? reader.next(request) : READY;
      if (outcome === FAILED) return { requests, error: reader.error };
      if (outcome !== READY) break;
      const args = Array.from({ length: request.count }, (_, i) => request.text(i));
      requests.push(args);
      if (request.spanStart >= 0) {
        const span = request.buffer.subarray(request.spanStart, request.spanEnd);
        assert.ok(span.equals(Request.of(args.map((arg) => Buffer.from(arg, 'latin1'))).buffer));
      }
      if (random.below(20) === 0) assert.deepEqual(texts(request.clone()), args);
      if (random.below(10) === 0) {
        reader.keep();
        chunk.fill(0);
        ahead = [];
      }
    }
    chunk.fill(0);
  }
  return { requests, error: '' };
}

function texts(request: Request): string[] {
  return Array.from({ length: request.count }, (_, i) => request.text(i));
}

const words = ['SET', 'k', '', 'GET', 'a b', '\r\n', '*1\r\n', '$-1', '\0', '"', "'", '\xff'];

function pipeline(random: SeededRandom): Buffer {
  const parts: Buffer[] = [];
  for (let n = 1 + random.below(8); n > 0; n--) {
    const count = random.below(10) === 0 ? random.below(40) : 1 + random.below(4);
    const args = Array.from({ length: count }, () =>
      random.below(60) === 0 ? 'x'.repeat(random.below(40_000)) : words[random.below(words.length)],
    );
    const kind = random.below(8);
    // Below the limit of a line: whether a longer one passes depends on how it is cut, here and in Redis.
    if (kind === 0) {
      const line = args.slice(0, 3).map((arg) => arg.slice(0, 20_000));
      parts.push(Buffer.from(`${line.join(' ')}\r\n`, 'latin1'));
    } else if (kind === 1)
      parts.push(Buffer.from(['\n', '\r\n', '*0\r\n', '*-1\r\n', ' \n'][random.below(5)]));
    else parts.push(Request.of(args).buffer);
  }
  return Buffer.concat(parts);
}

const tokens = ['*', '$', '\r', '\n', '\r\n', '-', '0', '1', '9', '99999999999', '"', '$0\r\n\r\n'];

/** Some bytes changed, taken out, doubled or put in. */
function mutated(input: Buffer, random: SeededRandom): Buffer {
  let result = input;
  for (let n = random.below(4); n > 0; n--) {
    // Rather near headers than inside long values.
    const at = Math.min(random.below(result.length + 1), random.below(200) + random.below(200));
    const before = result.subarray(0, at);
    const kind = random.below(4);
    if (kind === 0) result = Buffer.concat([before, random.bytes(1), result.subarray(at + 1)]);
    else if (kind === 1)
      result = Buffer.concat([before, result.subarray(at + 1 + random.below(5))]);
    else if (kind === 2) {
      const token = Buffer.from(tokens[random.below(tokens.length)]);
      result = Buffer.concat([before, token, result.subarray(at)]);
    } else result = Buffer.concat([result.subarray(0, at), result.subarray(Math.max(0, at - 30))]);
  }
  return result;
}

test('reads every mutation as the reference does', (context) => {
  const given = process.env['FUZZ_SEED'];
  const seed = given === undefined ? Number(process.hrtime.bigint() % 2n ** 32n) : Number(given);
  context.diagnostic(`FUZZ_SEED=${seed}`);
  const end = process.hrtime.bigint() + BigInt(BUDGET_MS) * 1_000_000n;
  let rounds = 0;
  for (; process.hrtime.bigint() < end; rounds++) {
    // Each round has a seed of its own, so that a failing one can be run alone.
    const own = (seed + rounds) % 2 ** 32;
    const random = new SeededRandom(own);
    const limits: Limits = {
      protoMaxBulkLen: 1024 * 1024,
      authenticated: random.below(4) > 0,
      queryBufferLimit: 1024 * 1024 * 1024,
    };
    const input = mutated(pipeline(random), random);
    const expected = reference(input.toString('latin1'), limits);
    const result = ours(input, random, limits);
    // Where a chunk ends decides whether a line that is too long is seen to be so; all else is equal.
    assert.deepEqual(result, expected, `FUZZ_SEED=${own}`);
  }
  context.diagnostic(`${rounds} inputs`);
});
