// What becomes of the chunks of a stream.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RdbOutput } from './rdb-output.ts';

/** Writes `count` strings of 21 bytes with their lengths, which fill no chunk to its last byte. */
function write(out: RdbOutput, count: number): void {
  const b = Buffer.from('a string, as it lies in memory'.slice(0, 21));
  for (let i = 0; i < count; i++) out.string(b, 0, b.length);
}

test('chunks that are given back are filled again, full or not', () => {
  const memory = new Set<ArrayBufferLike>();
  let chunks = 0;
  let isWhole = 0;
  const out = new RdbOutput({
    compress: false,
    checksum: false,
    emit: (chunk) => {
      chunks++;
      if (chunk.length === chunk.buffer.byteLength) isWhole++;
      memory.add(chunk.buffer);
      out.reuse(chunk);
    },
  });
  write(out, 50_000);
  assert.ok(chunks > 10 && isWhole < chunks, `${isWhole} of ${chunks} are full`);
  assert.equal(memory.size, 2);
});

test('a chunk that is not given back keeps its bytes', () => {
  const chunks: Buffer[] = [];
  const emit = (chunk: Buffer): void => void chunks.push(chunk);
  const out = new RdbOutput({ compress: false, checksum: false, emit });
  write(out, 10_000);
  out.flush();
  assert.equal(new Set(chunks.map(({ buffer }) => buffer)).size, chunks.length);
  assert.equal(Buffer.concat(chunks).length, 10_000 * 22);
});
