// DEBUG PROTOCOL: one reply of each type, for those who write clients.

import { errors } from '../../protocol/errors.ts';
import { type ReplyWriter, Resp3Writer } from '../../protocol/reply-writer.ts';

type Sample = (reply: ReplyWriter) => void;

const samples: ReadonlyMap<string, Sample> = new Map<string, Sample>([
  ['string', (reply) => reply.text('Hello World')],
  ['integer', (reply) => reply.integer(12345)],
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: Redis sends these four digits
  ['double', (reply) => reply.double(3.141)],
  ['bignum', (reply) => reply.bigNumber('1234567999999999999999999999999999999')],
  ['null', (reply) => reply.null()],
  ['array', (reply) => replyCounting(reply, () => reply.array(3))],
  ['set', (reply) => replyCounting(reply, () => reply.set(3))],
  ['map', replyMap],
  ['attrib', replyAttribute],
  ['push', replyPush],
  ['true', (reply) => reply.boolean(true)],
  ['false', (reply) => reply.boolean(false)],
  ['verbatim', (reply) => reply.verbatim('txt', 'This is a verbatim\nstring')],
]);

export function replySample(name: string, reply: ReplyWriter): void {
  const sample = samples.get(name.toLowerCase());
  if (sample === undefined) reply.error(errors.debugProtocolName);
  else sample(reply);
}

function replyCounting(reply: ReplyWriter, open: () => void): void {
  open();
  for (let i = 0; i < 3; i++) reply.integer(i);
}

function replyMap(reply: ReplyWriter): void {
  reply.map(3);
  for (let i = 0; i < 3; i++) {
    reply.integer(i);
    reply.boolean(i === 1);
  }
}

/** Attributes and pushes are not replies: a reply follows, or the client would wait for it. */
function replyAttribute(reply: ReplyWriter): void {
  if (reply instanceof Resp3Writer) {
    reply.attribute(1);
    reply.text('key-popularity');
    reply.array(2);
    reply.text('key:123');
    reply.integer(90);
  }
  reply.text('Some real reply following the attribute');
}

function replyPush(reply: ReplyWriter): void {
  if (reply.protocol < 3) {
    reply.error(errors.debugPushNeedsResp3);
    return;
  }
  // A push to the client whose command runs leaves after the reply, in spite of what this one says.
  reply.text('Some real reply following the push reply');
  reply.push(2);
  reply.text('server-cpu-usage');
  reply.integer(42);
}
