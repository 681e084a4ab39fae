// A node under load whose process is killed, or whose machine loses power, before every single operation on
// its disk: what the next start finds must be the data after some number of writes, no fewer than were
// acknowledged as durable, each of them once, and no transaction in part. Nothing may be refused either: a
// crash tears the end of the last file, and that is mended.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { SimulatedDisk } from '../env/simulated/simulated-files.ts';
import { SeededRandom } from '../util/seeded-random.ts';
import { NextStart, write } from './crash-fixture.ts';
import { NodeBench, type TestClient } from './node-fixture.ts';

interface Load {
  readonly name: string;
  readonly configuration: string;
  /** Beside write n. */
  readonly also?: (n: number) => readonly string[] | undefined;
  /**
   * What a reply to a write promises: that neither a killed process nor a power failure undoes it, that a
   * killed process does not, or nothing.
   */
  readonly promise: 'disk' | 'system' | 'none';
}

const WRITES = 400;
const BASE = 'databases 2\nsave ""\nauto-aof-rewrite-percentage 0\n';
/** Outcomes of one power failure that are tried. */
const FAILURES = 3;
const LEAST_POINTS = 10_000;

function every(each: number, ...words: string[]): (n: number) => readonly string[] | undefined {
  return (n) => (n % each === 0 ? words : undefined);
}

const loads: readonly Load[] = [
  {
    name: 'appendfsync always',
    configuration: `${BASE}appendonly yes\nappendfsync always`,
    promise: 'disk',
  },
  {
    name: 'appendfsync always, rewritten again and again',
    configuration: `${BASE}appendonly yes\nappendfsync always`,
    also: every(23, 'BGREWRITEAOF'),
    promise: 'disk',
  },
  {
    name: 'appendfsync everysec, rewritten as commands, with times',
    configuration: `${BASE}appendonly yes\naof-use-rdb-preamble no\naof-timestamp-enabled yes`,
    also: every(31, 'BGREWRITEAOF'),
    promise: 'system',
  },
  {
    name: 'appendfsync no, rewritten',
    configuration: `${BASE}appendonly yes\nappendfsync no`,
    also: every(29, 'BGREWRITEAOF'),
    promise: 'system',
  },
  {
    name: 'switched off and on',
    configuration: `${BASE}appendonly yes\nappendfsync always`,
    also: (n) =>
      n % 20 === 0 ? ['CONFIG', 'SET', 'appendonly', n % 40 === 0 ? 'yes' : 'no'] : undefined,
    promise: 'none',
  },
  {
    name: 'background saves beside rewrites',
    configuration: `${BASE}appendonly yes`,
    also: (n) => (n % 40 === 20 ? ['BGSAVE'] : n % 40 === 0 ? ['BGREWRITEAOF'] : undefined),
    promise: 'system',
  },
  {
    name: 'background saves alone',
    configuration: BASE,
    also: every(7, 'BGSAVE'),
    promise: 'none',
  },
];

let points = 0;

after(() => assert.ok(points >= LEAST_POINTS, `only ${points} crashes were tried`));

/** Asks what is on disk; the whole data when the answer is 1. */
async function isDurable(bench: NodeBench, client: TestClient): Promise<boolean> {
  if (!bench.node.parts.aof.isOn) return false;
  return (await client.ask('WAITAOF', '1', '0', '1500')).startsWith('*2\r\n:1\r\n');
}

for (const load of loads) {
  test(`no crash loses what was durable: ${load.name}`, async () => {
    const bench = new NodeBench(load.configuration);
    const { disk } = bench.environment.files;
    const { aof, persistence } = bench.node.parts;
    const random = new SeededRandom(load.name.length);
    const hasAof = load.configuration.includes('appendonly yes');
    const next = new NextStart(hasAof);
    const problems: string[] = [];
    let issued = 0;
    let replied = 0;
    let durable = 0;
    const tried = (image: SimulatedDisk, how: string, least: number): void => {
      points++;
      const problem = next.problemOf(image, least, issued);
      if (problem !== undefined) problems.push(`${how} amid write ${issued}: ${problem}`);
    };
    disk.faults = (operation, path) => {
      if (['stat', 'read', 'list'].includes(operation)) return undefined;
      const where = `before ${operation} of ${path}`;
      tried(disk.afterKill(), `killed ${where}`, load.promise === 'none' ? durable : replied);
      for (let i = 0; i < FAILURES; i++) {
        const least = load.promise === 'disk' ? replied : durable;
        tried(disk.afterPowerFailure(random), `power lost ${where}`, least);
      }
      return undefined;
    };
    assert.equal(await bench.start(), true);
    const client = bench.connect();
    let saved = 0;
    let saves = 0;
    for (let n = 1; n <= WRITES && problems.length === 0; n++) {
      issued = n;
      await write(client, n);
      replied = n;
      const words = load.also?.(n);
      if (words?.[0] === 'BGSAVE' && !persistence.isSaving) saved = n;
      if (words !== undefined) await client.ask(...words);
      if (hasAof && n % 10 === 5 && (await isDurable(bench, client))) durable = n;
      if (!hasAof && persistence.saves > saves) {
        saves = persistence.saves;
        durable = saved;
      }
    }
    assert.deepEqual(problems.slice(0, 3), []);
    assert.ok(hasAof ? durable > WRITES / 2 || load.promise !== 'none' : durable > WRITES / 2);
    assert.equal(aof.failure, undefined);
  });
}
