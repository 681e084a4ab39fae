// Random requests over all types to our server and to the real redis-server: every reply, all keyspace
// events and the data at the end must be the same. A failure prints the seed and the shortest requests
// that still differ.
//
//   UNDERSTUDY_FUZZ_SEED=123        begin with this seed; the next sequence takes the next one
//   UNDERSTUDY_FUZZ_SECONDS=300     instead of the few seconds that every test run has for it
//   UNDERSTUDY_FUZZ_DIFFERENCES=20  go on until so many are found

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../src/util/seeded-random.ts';
import { missingProgram, realRedis, startServer, subject } from '../support/server-process.ts';
import { type RandomRequest, randomRequests } from './fuzz/random-requests.ts';
import { type Difference, RivalServers } from './fuzz/rival-servers.ts';

const DEFAULT_SECONDS = 8;
const SEQUENCE_LENGTH = 200;

const firstSeed = Number(process.env.UNDERSTUDY_FUZZ_SEED ?? Date.now() % 1_000_000_000);
const seconds = Number(process.env.UNDERSTUDY_FUZZ_SECONDS ?? DEFAULT_SECONDS);
/** How many differences are shown before it gives up. */
const most = Number(process.env.UNDERSTUDY_FUZZ_DIFFERENCES ?? 1);

/** Low, so that sequences of a few hundred requests reach the other encodings. */
const thresholds = {
  'enable-debug-command': 'yes',
  'notify-keyspace-events': 'KEA',
  'hash-max-listpack-entries': '6',
  'hash-max-listpack-value': '20',
  'zset-max-listpack-entries': '6',
  'zset-max-listpack-value': '20',
  'set-max-intset-entries': '6',
  'list-max-listpack-size': '4',
  'stream-node-max-entries': '4',
  'hll-sparse-max-bytes': '40',
};

test('random requests', { skip: missingProgram('redis-server') }, async (t) => {
  const ours = await startServer(subject, thresholds);
  const theirs = await startServer(realRedis, thresholds);
  const found: string[] = [];
  let seed = firstSeed;
  try {
    const end = Date.now() + seconds * 1000;
    for (; Date.now() < end && found.length < most; seed++) {
      const random = new SeededRandom(seed);
      const requests = randomRequests(random, SEQUENCE_LENGTH);
      const servers = new RivalServers([ours.port, theirs.port], random.below(2) === 0 ? 2 : 3);
      const difference = await servers.firstDifference(requests).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`);
      });
      if (difference === undefined) continue;
      found.push(`seed ${seed}\n${shown(await servers.shortened(difference))}`);
    }
  } finally {
    await ours.stop();
    await theirs.stop();
  }
  t.diagnostic(`seeds ${firstSeed} to ${seed - 1}, ${SEQUENCE_LENGTH} requests each`);
  assert.ok(found.length === 0, `\n${found.join('\n\n')}\n`);
});

function shown({ requests, ours, theirs }: Difference): string {
  const lines = requests.map((request) => `  ${line(request)}`);
  return [...lines, `ours:   ${ours}`, `theirs: ${theirs}`].join('\n');
}

function line({ args }: RandomRequest): string {
  return args.map((arg) => (/^[\x21-\x7e]+$/.test(arg) ? arg : JSON.stringify(arg))).join(' ');
}
