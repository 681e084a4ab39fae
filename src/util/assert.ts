// Broken invariants. An assertion stays on in production and is never caught to go on: state that
// contradicts itself must not reach the disk or a replica. What a client did wrong is a reply from
// protocol/errors.ts, not an assertion.

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
