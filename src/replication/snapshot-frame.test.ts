// Where a snapshot ends, however its bytes are cut; and lines of a master.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MasterLines } from './master-lines.ts';
import type { SnapshotFraming } from './replica-handshake.ts';
import { SnapshotFrame } from './snapshot-frame.ts';

const MARK = '0123456789abcdef0123456789abcdef01234567';

function framed(framing: SnapshotFraming, bytes: Buffer, sizes: readonly number[]) {
  const frame = new SnapshotFrame(framing);
  const payload: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length && !frame.isComplete; i++) {
    const size = sizes[i % sizes.length];
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    frame.take(chunk, (part) => {
      assert.notEqual(part.length, 0);
      payload.push(Buffer.from(part));
    });
    // It was lent.
    chunk.fill('!');
    at += size;
  }
  const rest = Buffer.concat([frame.rest, bytes.subarray(Math.min(at, bytes.length))]);
  return {
    payload: Buffer.concat(payload).toString('latin1'),
    rest: rest.toString('latin1'),
    frame,
  };
}

test('payload and rest are told apart wherever chunks end', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 200, unit: 'binary-ascii' }),
      fc.string({ maxLength: 90, unit: 'binary-ascii' }),
      fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 5 }),
      (payload, rest, sizes) => {
        const marked = framed(
          { kind: 'mark', mark: MARK },
          Buffer.from(payload + MARK + rest, 'latin1'),
          sizes,
        );
        assert.ok(marked.frame.isComplete);
        assert.equal(marked.payload, payload);
        assert.equal(marked.rest, rest);
        const counted = framed(
          { kind: 'length', bytes: payload.length },
          Buffer.from(payload + rest, 'latin1'),
          sizes,
        );
        assert.ok(counted.frame.isComplete);
        assert.equal(counted.payload, payload);
        assert.equal(counted.rest, rest);
      },
    ),
  );
});

test('half a mark is no end, and is handed out when it turns out to be data', () => {
  const half = MARK.slice(0, 39);
  const { payload, frame } = framed(
    { kind: 'mark', mark: MARK },
    Buffer.from(`x${half}y${'z'.repeat(40)}`),
    [40],
  );
  assert.ok(!frame.isComplete);
  assert.ok(payload.startsWith(`x${half}y`));
  assert.equal(frame.payloadBytes, payload.length);
});

test('lines end with LF, with or without CR, and are short', () => {
  const lines = new MasterLines();
  lines.push(Buffer.from('+PO'));
  assert.equal(lines.next(), undefined);
  lines.push(Buffer.from('NG\r\n\n$5\nrest'));
  assert.deepEqual([lines.next(), lines.next(), lines.next()], ['+PONG', '', '$5']);
  assert.equal(lines.takeRest().toString(), 'rest');
  lines.push(Buffer.alloc(1025, 'x'));
  assert.equal(lines.next(), undefined);
  assert.ok(lines.isTooLong);
});
