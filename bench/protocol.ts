// What the protocol costs, without sockets and without data: nanoseconds a request parsed and a
// reply written. Run it on a quiet machine after `npm run build`: node build/bench/protocol.js.
// Every figure is that of the best of many rounds, the one that was disturbed least; compare figures
// of one run only.

import { OutputBuffer } from '../src/protocol/output-buffer.ts';
import { Resp2Writer, Resp3Writer } from '../src/protocol/reply-writer.ts';
import { Request } from '../src/protocol/request.ts';
import { READY, RequestReader } from '../src/protocol/request-reader.ts';
import { Crc64 } from '../src/util/crc64.ts';
import { formatDouble, parseDouble } from '../src/util/double.ts';
import { KeyedHash } from '../src/util/hash.ts';
import { lzfCompress } from '../src/util/lzf.ts';

const ROUNDS = 25;
const CHUNK_BYTES = 64 * 1024;
const limits = {
  protoMaxBulkLen: 512 * 1024 * 1024,
  authenticated: true,
  queryBufferLimit: 1024 * 1024 * 1024,
};

/** Prints the nanoseconds of one of the operations that `run` does and counts. */
function measure(name: string, run: () => number): void {
  for (let i = 0; i < 3; i++) run();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS; i++) {
    const start = process.hrtime.bigint();
    const count = run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
  }
  console.log(`${name.padEnd(58)} ${best.toFixed(1).padStart(8)} ns`);
}

/** About `bytes` of pipelined requests, made by `make`. */
function stream(bytes: number, make: (i: number) => (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  for (let i = 0; size < bytes; i++) {
    const part = Request.of(make(i)).buffer;
    parts.push(part);
    size += part.length;
  }
  return Buffer.concat(parts);
}

function cut(whole: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < whole.length; at += size) {
    chunks.push(Buffer.from(whole.subarray(at, at + size)));
  }
  return chunks;
}

function parse(name: string, chunks: readonly Buffer[], times = 1): void {
  const reader = new RequestReader(limits);
  const request = new Request();
  measure(name, () => {
    let count = 0;
    for (let i = 0; i < times; i++) {
      for (const chunk of chunks) {
        reader.feed(chunk);
        while (reader.next(request) === READY) count++;
      }
    }
    return count;
  });
}

const key = (i: number): string => `key:${String(i % 100_000).padStart(12, '0')}`;
const value = Buffer.alloc(16, 'x');
const sets = stream(8 * 1024 * 1024, (i) => ['SET', key(i), value]);
const gets = stream(8 * 1024 * 1024, (i) => ['GET', key(i)]);

parse('parse SET 16+16, chunks of 64 KiB cut anywhere', cut(sets, CHUNK_BYTES));
parse('parse GET 16, chunks of 64 KiB cut anywhere', cut(gets, CHUNK_BYTES));
parse('parse SET 16+16, one a chunk', [stream(1, (i) => ['SET', key(i), value])], 100_000);
parse(
  'parse SET 16+16, chunks of 50 bytes',
  cut(
    stream(2 ** 20, (i) => ['SET', key(i), value]),
    50,
  ),
);
parse(
  'parse MSET of 10 pairs, chunks of 64 KiB',
  cut(
    stream(4 * 1024 * 1024, (i) => [
      'MSET',
      ...Array.from({ length: 10 }, (_, j) => [key(i * 10 + j), value]).flat(),
    ]),
    CHUNK_BYTES,
  ),
);
const bigSet = Request.of(['SET', 'key', Buffer.alloc(1024 * 1024)]).buffer;
parse('parse SET of 1 MiB, chunks of 64 KiB', cut(bigSet, CHUNK_BYTES), 20);

const REPLIES = 200_000;
const PER_FLUSH = 64;

function write(name: string, reply: (writer: Resp2Writer, i: number) => void): void {
  const out = new OutputBuffer();
  const writer = new Resp2Writer(out);
  // A server has both in use; one class alone would let the compiler assume too much.
  const other = new Resp3Writer(out);
  for (let i = 0; i < 10_000; i++) reply(other as unknown as Resp2Writer, i);
  out.clear();
  const gone = (): boolean => true;
  measure(name, () => {
    for (let i = 0; i < REPLIES; i += PER_FLUSH) {
      for (let j = 0; j < PER_FLUSH; j++) reply(writer, i + j);
      out.take(gone);
    }
    return REPLIES;
  });
}

const page = Buffer.alloc(1024 * 1024, 'y');
write('write OK', (writer) => writer.ok());
write('write integer', (writer, i) => writer.integer(i));
write('write bulk of 16 bytes', (writer, i) => {
  const start = (i * 48) & 0xffff;
  writer.bulkRange(page, start, start + 16);
});
write('write bulk of 100 bytes', (writer, i) => {
  const start = (i * 128) & 0xffff;
  writer.bulkRange(page, start, start + 100);
});
write('write bulk of 1000 bytes', (writer, i) => {
  const start = (i * 1024) & 0xffff;
  writer.bulkRange(page, start, start + 1000);
});
write('write null', (writer) => writer.null());
write('write double 0.1 * i', (writer, i) => writer.double(i * 0.1));
write('write array of 3, deferred', (writer) => {
  const mark = writer.deferred();
  writer.ok();
  writer.ok();
  writer.ok();
  writer.finishArray(mark, 3);
});

const hash = new KeyedHash(0x12345678, 0x9abcdef0);
let sink = 0;
for (const length of [8, 16, 24, 40, 200]) {
  measure(`hash of ${length} bytes`, () => {
    for (let i = 0; i < REPLIES; i++) {
      const start = (i * 48) & 0xffff;
      sink ^= hash.hash(page, start, start + length);
    }
    return REPLIES;
  });
}
measure('crc64, a KiB', () => {
  const crc = new Crc64();
  for (let i = 0; i < 8; i++) crc.update(page);
  sink ^= Number(crc.value & 255n);
  return 8 * 1024;
});
const packed = Buffer.alloc(8 * 1024);
measure('lzf compress, a KiB of text', () => {
  for (let i = 0; i < 1000; i++) sink ^= lzfCompress(gets, i * 37, i * 37 + 8192, packed);
  return 8 * 1000;
});
const number = Buffer.from('12345.678');
measure('parse double', () => {
  for (let i = 0; i < REPLIES; i++) sink ^= parseDouble(number, 0, number.length);
  return REPLIES;
});
measure('format double', () => {
  for (let i = 0; i < REPLIES; i++) sink ^= formatDouble(i * 1.1).length;
  return REPLIES;
});
if (sink === 0.5) console.log('');
