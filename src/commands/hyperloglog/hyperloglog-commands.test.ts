import assert from 'node:assert/strict';
import test from 'node:test';
import { CommandFixture } from '../command-fixture.ts';
import { keysCommands } from '../keys/keys-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { elementRun } from './element-hash.ts';
import { hyperloglogCommands } from './hyperloglog-commands.ts';

const CORRUPTED = '-INVALIDOBJ Corrupted HLL object detected';
const NO_HLL = '-WRONGTYPE Key is not a valid HyperLogLog string value.';

function fixture(): CommandFixture {
  return new CommandFixture([...stringCommands, ...keysCommands, ...hyperloglogCommands]);
}

/** The hash in bigints, from its definition. */
function definedRun(element: Buffer): number {
  const mask = (1n << 64n) - 1n;
  const m = 0xc6a4a7935bd1e995n;
  let h = 0xadc83b19n ^ ((BigInt(element.length) * m) & mask);
  const blocks = element.length - (element.length % 8);
  for (let i = 0; i < blocks; i += 8) {
    let k = (element.readBigUInt64LE(i) * m) & mask;
    k = ((k ^ (k >> 47n)) * m) & mask;
    h = ((h ^ k) * m) & mask;
  }
  if (blocks < element.length) {
    for (let i = blocks; i < element.length; i++) {
      h ^= BigInt(element[i]) << BigInt((i - blocks) * 8);
    }
    h = (h * m) & mask;
  }
  h = ((h ^ (h >> 47n)) * m) & mask;
  h ^= h >> 47n;
  const rest = (h >> 14n) | (1n << 50n);
  let run = 1;
  for (let bit = 1n; (rest & bit) === 0n; bit <<= 1n) run++;
  return (run << 14) | Number(h & 16383n);
}

test('the hash of elements is the defined one, whatever their length', () => {
  for (let i = 0; i < 2000; i++) {
    const element = Buffer.from(`${i}${'\xff'.repeat(i % 23)}`, 'latin1');
    assert.equal(elementRun(element, 0, element.length), definedRun(element));
  }
});

test('PFADD and PFCOUNT, from sparse to dense', () => {
  const f = fixture();
  assert.equal(f.line('pfadd h'), 1);
  assert.deepEqual(f.events, ['pfadd h']);
  assert.equal(f.line('pfadd h'), 0);
  assert.equal(f.line('pfcount h'), 0);
  assert.equal(f.dirty, 1);
  assert.equal(f.line('pfcount h'), 0);
  assert.equal(f.dirty, 0);
  assert.equal(f.line('pfadd h a b c'), 1);
  assert.equal(f.dirty, 3);
  assert.equal(f.line('pfadd h a b c'), 0);
  assert.equal(f.line('pfcount h'), 3);
  assert.equal(f.line('pfdebug encoding h'), '+sparse');
  for (let i = 0; i < 20_000; i += 10) {
    f.run('pfadd', 'h', ...Array.from({ length: 10 }, (_, j) => `element:${i + j}`));
  }
  assert.equal(f.line('pfdebug encoding h'), '+dense');
  assert.equal(f.line('strlen h'), 12_304);
  const count = f.line('pfcount h') as number;
  assert.ok(Math.abs(count - 20_003) < 20_003 * 0.04, String(count));
});

test('a new HyperLogLog has the bytes that Redis gives it', () => {
  const f = fixture();
  f.line('pfadd h');
  const bytes = Buffer.from(f.line('get h') as string, 'latin1');
  assert.equal(bytes.toString('hex'), '48594c4c0100000000000000000000807fff');
});

test('PFMERGE and PFCOUNT of several', () => {
  const f = fixture();
  f.line('pfadd a 1 2 3 4');
  f.line('pfadd b 3 4 5 6');
  assert.equal(f.line('pfcount a b none'), 6);
  assert.equal(f.line('pfmerge m a b'), '+OK');
  assert.deepEqual(f.events, ['pfadd m']);
  assert.equal(f.line('pfcount m'), 6);
  assert.equal(f.line('pfdebug encoding m'), '+sparse');
  assert.equal(f.line('pfdebug todense a'), 1);
  assert.equal(f.line('pfdebug todense a'), 0);
  assert.equal(f.line('pfmerge m a'), '+OK');
  assert.equal(f.line('pfdebug encoding m'), '+dense');
  assert.equal(f.line('pfcount m'), 6);
  assert.equal(f.line('pfmerge empty'), '+OK');
  assert.equal(f.line('pfcount empty'), 0);
});

test('what is no HyperLogLog is refused, what is a broken one too', () => {
  const f = fixture();
  f.line('set k foo');
  assert.equal(f.line('pfadd k a'), NO_HLL);
  assert.equal(f.line('pfcount k'), NO_HLL);
  assert.equal(f.line('pfmerge m k'), NO_HLL);
  f.line('pfadd h a b c');
  f.line('append h hello');
  assert.equal(f.line('pfcount h'), CORRUPTED);
  assert.equal(f.line('pfmerge m h'), CORRUPTED);
  const short = Buffer.from('48594c4c0100000000000000000000804000', 'hex');
  f.run('set', 's', short);
  assert.equal(f.line('pfadd s a'), CORRUPTED);
  assert.equal(f.line('pfdebug getreg s'), CORRUPTED);
  f.run('set', 'd', Buffer.from('48594c4c00000000000000000000008000', 'hex'));
  assert.equal(f.line('pfcount d'), NO_HLL);
});

test('PFDEBUG and PFSELFTEST', () => {
  const f = fixture();
  assert.equal(f.line('pfdebug encoding none'), '-ERR The specified key does not exist');
  f.line('pfadd h a');
  assert.match(f.line('pfdebug decode h') as string, /^Z:\d+ v:\d+,1 Z:\d+$/);
  const registers = f.line('pfdebug getreg h') as number[];
  assert.equal(registers.length, 16_384);
  assert.equal(registers.filter((value) => value > 0).length, 1);
  assert.equal(f.line('pfdebug decode h'), '-ERR HLL encoding is not sparse');
  assert.equal(f.line('pfdebug bogus h'), "-ERR Unknown PFDEBUG subcommand 'bogus'");
  assert.equal(f.line('pfselftest'), '+OK');
});
