// The figures rbs and rbp of CLIENT LIST. A connection here holds no reply buffer: the bytes of a reply lie
// in pieces of a pool that all share, and only until they have left. What is shown is the room that
// its recent replies needed, between 1 and 16 KiB by the rules with which Redis fits the buffer that
// each of its clients has, so that operators find the figures they know. Nothing is accounted by it.

import { type NetStatistics, type NetSwitches, netLimits } from './net-settings.ts';

const SMALLEST_BYTES = 1024;

export class ReplyRoom {
  bytes: number = netLimits.replyBufferBytes;
  /** Most that waited at once since the last reset, at most `bytes`. */
  peakBytes = 0;
  #resetMs = 0;

  /** A reply of `bytes` leaves. */
  note(bytes: number): void {
    if (bytes > this.peakBytes) this.peakBytes = Math.min(bytes, this.bytes);
  }

  /** Regular visit. */
  fit(nowMs: number, waitingBytes: number, switches: NetSwitches, counts: NetStatistics): void {
    const { bytes, peakBytes } = this;
    if (switches.replyBufferResizing) {
      if (bytes / 2 >= SMALLEST_BYTES && peakBytes < bytes / 2) {
        this.bytes = Math.max(SMALLEST_BYTES, peakBytes + 1);
        counts.replyBufferShrinks++;
      } else if (bytes < netLimits.replyBufferBytes && peakBytes === bytes) {
        this.bytes = Math.min(netLimits.replyBufferBytes, bytes * 2);
        counts.replyBufferExpands++;
      }
    }
    const everyMs = switches.replyBufferPeakResetMs;
    if (everyMs < 0 || nowMs - this.#resetMs <= everyMs) return;
    this.#resetMs = nowMs;
    this.peakBytes = Math.min(waitingBytes, this.bytes);
  }
}
