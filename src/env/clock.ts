// Time as an argument. Two clocks, because they answer different questions: the wall clock says what
// an expiry or a log line means, and may be stepped by an operator at any moment; the monotonic clock
// says how long something took, and is what every timeout of a protocol is measured with.

export interface Clock {
  /** Milliseconds since 1970, an integer. May jump in both directions. */
  wallMs(): number;
  /** Microseconds since 1970, an integer. May jump in both directions. */
  wallUs(): number;
  /** Microseconds since an arbitrary start, an integer. Never goes back. */
  monotonicUs(): number;
  /** How far local time is ahead of UTC at this wall time, in minutes; for what people read. */
  localOffsetMinutes(wallMs: number): number;
}
