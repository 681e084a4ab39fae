import assert from 'node:assert/strict';
import test from 'node:test';
import type { Session } from '../dispatch/session.ts';
import { OutputBuffer } from '../protocol/output-buffer.ts';
import { Resp2Writer } from '../protocol/reply-writer.ts';
import { repeat } from './random-sample.ts';

test('draws with repetition end when the connection gives up', () => {
  const out = new OutputBuffer();
  const reply = new Resp2Writer(out);
  let draws = 0;
  repeat({} as Session, reply, 2 ** 62, () => {
    reply.text('x');
    if (++draws === 5000) out.discard();
  });
  assert.equal(draws, 5000);
  // Nobody reads what CLIENT REPLY OFF drops.
  reply.suppressed = true;
  repeat({} as Session, reply, 2 ** 62, () => draws++);
  assert.equal(draws, 5000);
});

test('a reply that nothing else ends closes its connection', () => {
  const out = new OutputBuffer();
  const reply = new Resp2Writer(out);
  // Sent from where it lies, so that the reply is long without taking memory.
  const large = Buffer.alloc(1024 * 1024);
  let closed = 0;
  const session = {
    close: () => {
      closed++;
      out.discard();
    },
  } as unknown as Session;
  repeat(session, reply, 2 ** 62, () => reply.bulk(large));
  assert.equal(closed, 1);
  out.discards = false;
  let draws = 0;
  repeat(session, reply, 2 ** 62, () => draws++);
  assert.equal(closed, 2);
  assert.equal(draws, 2 ** 24 + 1);
});
