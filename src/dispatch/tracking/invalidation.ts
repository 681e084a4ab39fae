// The bytes of an invalidation: an array of keys, or a null for "every key you hold", as a push of
// RESP3 or as a message on a channel of its own for a RESP2 session that listens there.

const PUSH = Buffer.from('>2\r\n$10\r\ninvalidate\r\n');
const MESSAGE = Buffer.from('*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n');

const NULL2: Buffer = Buffer.from('$-1\r\n');
const NULL3: Buffer = Buffer.from('_\r\n');

/** "All keys", in a protocol. */
export function allKeysBody(protocol: 2 | 3): Buffer {
  return protocol === 2 ? NULL2 : NULL3;
}

/** An array of keys; the same in both protocols. */
export function keysBody(keys: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${keys.length}\r\n`)];
  for (const key of keys) parts.push(Buffer.from(`$${key.length}\r\n`), key, LINE_END);
  return Buffer.concat(parts);
}

const LINE_END = Buffer.from('\r\n');

export function invalidationPush(body: Uint8Array): Buffer {
  return Buffer.concat([PUSH, body]);
}

export function invalidationMessage(body: Uint8Array): Buffer {
  return Buffer.concat([MESSAGE, body]);
}

/** Tells a session that the one it redirects to is gone. */
export function brokenRedirectPush(redirect: number): Buffer {
  return Buffer.from(`>2\r\n$21\r\ntracking-redir-broken\r\n:${redirect}\r\n`);
}
