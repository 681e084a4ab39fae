import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../util/seeded-random.ts';
import { Backlog, type BacklogCursor } from './backlog.ts';

const KIB = 1024;

/** The byte that stands at this offset of the test stream. */
const byteAt = (offset: number): number => (offset * 7 + (offset >>> 8)) & 255;

function write(backlog: Backlog, length: number): void {
  const bytes = Buffer.alloc(length + 2);
  for (let i = 0; i < length; i++) bytes[i + 1] = byteAt(backlog.endOffset + i);
  backlog.append(bytes, 1, length + 1);
}

/** Reads at most `most` bytes and checks each. */
function read(backlog: Backlog, cursor: BacklogCursor, most = Infinity): number {
  let done = 0;
  while (done < most) {
    const slice = backlog.slice(cursor)?.subarray(0, most - done);
    if (slice === undefined) break;
    const { offset } = cursor;
    for (const [i, byte] of slice.entries()) assert.equal(byte, byteAt(offset + i));
    backlog.advance(cursor, slice.length);
    done += slice.length;
  }
  return done;
}

test('closed, it has neither bytes nor a first byte', () => {
  const backlog = new Backlog(100 * KIB);
  assert.deepEqual([backlog.isOpen, backlog.firstByte, backlog.length], [false, 0, 0]);
  backlog.open(41);
  assert.deepEqual([backlog.isOpen, backlog.firstByte, backlog.length], [true, 42, 0]);
});

test('every reader sees every byte from where it began', () => {
  const backlog = new Backlog(64 * KIB);
  backlog.open(1000);
  const first = backlog.cursorAt(1000);
  write(backlog, 5000);
  const second = backlog.cursorAt(3000);
  write(backlog, 40_000);
  assert.equal(read(backlog, first), 45_000);
  assert.equal(read(backlog, second), 43_000);
  assert.equal(backlog.waiting(first), 0);
});

test('a reader at the end of a full block goes on in the next one', () => {
  const backlog = new Backlog(16 * KIB);
  backlog.open(0);
  const cursor = backlog.cursorAt(0);
  write(backlog, 16 * KIB);
  assert.equal(read(backlog, cursor), 16 * KIB);
  write(backlog, 100);
  assert.equal(read(backlog, cursor), 100);
  const late = backlog.cursorAt(16 * KIB);
  assert.equal(read(backlog, late), 100);
});

test('it is trimmed to its size in whole blocks, not below it', () => {
  const backlog = new Backlog(64 * KIB);
  backlog.open(0);
  for (let i = 0; i < 100; i++) write(backlog, 10 * KIB);
  assert.ok(backlog.length > 64 * KIB && backlog.length <= 80 * KIB, String(backlog.length));
  assert.equal(backlog.firstByte, backlog.endOffset - backlog.length + 1);
});

test('a reader holds what it has yet to read, and only until it is gone', () => {
  const backlog = new Backlog(16 * KIB);
  backlog.open(0);
  const slow = backlog.cursorAt(0);
  for (let i = 0; i < 50; i++) write(backlog, 10 * KIB);
  assert.equal(backlog.length, 500 * KIB);
  assert.equal(read(backlog, slow, 300 * KIB), 300 * KIB);
  write(backlog, 1);
  assert.ok(backlog.length < 240 * KIB);
  backlog.release(slow);
  backlog.release(slow);
  assert.ok(backlog.length <= 32 * KIB);
  assert.equal(backlog.cursors, 0);
});

test('bytes that were handed out do not change while their reader has not advanced', () => {
  const backlog = new Backlog(16 * KIB);
  backlog.open(0);
  write(backlog, 100);
  const gone = backlog.cursorAt(0);
  const slice = backlog.slice(gone) as Buffer;
  const copy = Buffer.from(slice);
  // Its socket may still hold the slice: the block must not come into use again.
  backlog.release(gone);
  for (let i = 0; i < 20; i++) write(backlog, 16 * KIB);
  assert.deepEqual(slice, copy);
});

test('a smaller size takes effect at once, a larger one from now on', () => {
  const backlog = new Backlog(512 * KIB);
  backlog.open(0);
  write(backlog, 512 * KIB);
  backlog.resize(64 * KIB);
  assert.ok(backlog.length <= 64 * KIB + 32 * KIB, String(backlog.length));
  const { firstByte } = backlog;
  backlog.resize(1024 * KIB);
  write(backlog, 512 * KIB);
  assert.equal(backlog.firstByte, firstByte);
});

test('closed and opened again, it begins where it is told', () => {
  const backlog = new Backlog(16 * KIB);
  backlog.open(0);
  write(backlog, 100);
  backlog.close();
  backlog.open(5);
  assert.deepEqual([backlog.firstByte, backlog.length, backlog.blocks], [6, 0, 1]);
});

test('random appends, readers and sizes', () => {
  const random = new SeededRandom(7);
  const backlog = new Backlog(40 * KIB);
  backlog.open(123);
  const cursors: BacklogCursor[] = [];
  for (let step = 0; step < 20_000; step++) {
    const dice = random.below(100);
    if (dice < 60) write(backlog, random.below(random.below(20) === 0 ? 40_000 : 200));
    else if (dice < 62 && cursors.length < 5) {
      const from = backlog.firstByte - 1;
      cursors.push(backlog.cursorAt(from + random.below(backlog.length + 1)));
    } else if (dice < 63 && cursors.length > 0) {
      backlog.release(cursors.splice(random.below(cursors.length), 1)[0]);
    } else if (dice < 64) backlog.resize(random.below(200 * KIB));
    else if (cursors.length > 0) {
      read(backlog, cursors[random.below(cursors.length)], random.below(5000));
    }
    const first = Math.min(...cursors.map((cursor) => cursor.offset));
    assert.ok(backlog.firstByte - 1 <= first);
  }
  for (const cursor of cursors) {
    read(backlog, cursor);
    assert.equal(backlog.waiting(cursor), 0);
  }
});
