// One end of a simulated connection. Bytes go: `write` → (window) → the wire, with its delay → the
// peer's inbox → `onData`. The window is what the system's two socket buffers are in reality.

import { assert } from '../../util/assert.ts';
import { copied } from '../../util/copied.ts';
import type { Connection, ConnectionHandlers } from '../network.ts';
import type { SimulatedNetwork } from './simulated-network.ts';

const LENT_NO_MORE = 0xa5;
/** What tcp_retries2 = 15 comes to. */
const RETRANSMISSIONS_SECONDS = 924;

export interface ConnectionFacts {
  readonly path: string;
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly localHost: string;
  readonly localPort: number;
}

export class SimulatedConnection implements Connection {
  readonly path: string;
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly localHost: string;
  readonly localPort: number;
  readonly isUnix: boolean;
  readonly fd: number;
  isClosed = false;
  /** Seconds; what the program asked for, so that tests can see it. */
  keepAliveSeconds = 0;
  noDelay = false;

  readonly #network: SimulatedNetwork;
  #peer: SimulatedConnection | undefined;
  #handlers: ConnectionHandlers | undefined;
  #isConnected = false;
  #hasVanished = false;
  #isPaused = false;
  /** Given by the program, not yet taken by the "system". Kept by reference: they are ours. */
  #queue: Uint8Array[] = [];
  #queued = 0;
  #mustDrain = false;
  /** Taken and not yet read by the peer's program. */
  #unread = 0;
  #inbox: Buffer[] = [];
  #peerEnded = false;
  #isEnding = false;
  #lastArrivalUs = 0;
  #isForgotten = false;

  constructor(network: SimulatedNetwork, facts: ConnectionFacts) {
    this.#network = network;
    this.path = facts.path;
    this.isUnix = facts.path !== '';
    this.remoteHost = facts.remoteHost;
    this.remotePort = facts.remotePort;
    this.localHost = facts.localHost;
    this.localPort = facts.localPort;
    this.fd = network.fabric.fd();
  }

  get queuedBytes(): number {
    return this.isClosed ? 0 : this.#queued;
  }

  /** Whether anybody will read what is sent now. */
  get hasReader(): boolean {
    return this.#peer !== undefined && !this.#peer.isClosed;
  }

  handle(handlers: ConnectionHandlers): void {
    assert(this.#handlers === undefined, 'a connection has one set of handlers');
    this.#handlers = handlers;
  }

  write(bytes: Uint8Array): boolean {
    if (this.isClosed || this.#isEnding || bytes.length === 0) return true;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#isConnected) this.#fillWindow();
    if (this.#queued === 0) return true;
    this.#mustDrain = true;
    return false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#network.fabric.time.schedule(0, () => this.#network.timers.due(() => this.#deliver()));
  }

  end(): void {
    if (this.isClosed || this.#isEnding) return;
    this.#isEnding = true;
    if (this.#isConnected && this.#queued === 0) this.#finish();
  }

  destroy(): void {
    if (this.isClosed) return;
    // The system goes on sending what it has taken; what it has not is lost.
    this.#finish();
  }

  reset(): void {
    if (this.isClosed) return;
    const peer = this.#peer;
    this.#close(undefined);
    if (peer !== undefined) this.#overWire(peer, () => peer.fail('ECONNRESET'));
  }

  setKeepAlive(seconds: number): void {
    this.keepAliveSeconds = seconds;
    if (this.#isForgotten) this.#giveUp();
  }

  setNoDelay(on: boolean): void {
    this.noDelay = on;
  }

  // For the network.

  join(peer: SimulatedConnection): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  /** The accepting end: it may write at once. */
  accepted(onConnection: (connection: SimulatedConnection) => void): void {
    this.#isConnected = true;
    onConnection(this);
    this.established();
  }

  established(): void {
    if (this.isClosed) return;
    assert(this.#handlers !== undefined, 'handle() must be called before the function returns');
    this.#isConnected = true;
    this.#handlers.onConnect?.();
    this.#pump();
    this.#deliver();
  }

  /** Closed by the network with an error. */
  fail(code: string | undefined): void {
    this.#close(code);
  }

  /** The process is gone, without a word to it; the peer sees the end. */
  abandon(): void {
    this.#handlers = undefined;
    this.destroy();
  }

  /** The machine is gone without a word; its peer finds out when it sends and the machine is back. */
  vanish(): void {
    this.#handlers = undefined;
    this.#hasVanished = true;
    this.#close(undefined);
  }

  goesTo(network: SimulatedNetwork): boolean {
    return this.#peer !== undefined && this.#peer.#network === network;
  }

  /** Something between the two breaks the connection, and tells both. */
  breakOff(): void {
    const peer = this.#peer;
    const network = this.#network;
    network.timers.due(() => this.fail('ECONNRESET'));
    if (peer !== undefined) peer.#network.timers.due(() => peer.fail('ECONNRESET'));
  }

  /**
   * Something between the two forgets the connection and drops what comes: both ends think that it is
   * open until their patience, their keep-alive or the system's retransmissions end.
   */
  forgetWay(): void {
    for (const end of [this, this.#peer]) {
      if (end === undefined || end.#isForgotten) continue;
      end.#isForgotten = true;
      end.#giveUp();
    }
  }

  /** As Linux does: probes that stay without answer, or else fifteen retransmissions. */
  #giveUp(): void {
    const { keepAliveSeconds } = this;
    const seconds = keepAliveSeconds > 0 ? 2 * keepAliveSeconds : RETRANSMISSIONS_SECONDS;
    const { fabric, timers } = this.#network;
    fabric.time.schedule(seconds * 1_000_000, () => timers.due(() => this.fail('ETIMEDOUT')));
  }

  /** As much of the queue as the window takes; the program gets back what it gave. */
  #fillWindow(): void {
    while (this.#queue.length > 0) {
      const first = this.#queue[0];
      const room = this.#network.fabric.options.windowBytes - this.#unread;
      if (room <= 0) return;
      const isWhole = first.length <= room;
      const part = isWhole ? first : first.subarray(0, room);
      this.#launch(copied(part));
      this.#queued -= part.length;
      if (isWhole) this.#queue.shift();
      else this.#queue[0] = first.subarray(room);
    }
  }

  #pump(): void {
    this.#fillWindow();
    if (this.isClosed || this.#queued > 0) return;
    if (this.#isEnding) {
      this.#finish();
      return;
    }
    if (this.#mustDrain) {
      this.#mustDrain = false;
      this.#handlers?.onDrain?.();
    }
  }

  /** Puts bytes on the wire. They are a copy: the program may do with its own what it likes. */
  #launch(bytes: Buffer): void {
    const peer = this.#peer;
    this.#unread += bytes.length;
    if (peer === undefined) return;
    this.#network.fabric.tap?.(this, bytes);
    this.#overWire(peer, () => {
      if (peer.isClosed) return;
      peer.#inbox.push(bytes);
      peer.#deliver();
    });
  }

  /** The program's side of the receiving end. */
  #deliver(): void {
    while (this.#isConnected && !this.#isPaused && !this.isClosed && this.#inbox.length > 0) {
      const first = this.#inbox[0];
      const size = Math.max(1, this.#network.fabric.options.chunkBytes());
      const chunk = first.length <= size ? first : Buffer.from(first.subarray(0, size));
      if (chunk === first) this.#inbox.shift();
      else this.#inbox[0] = first.subarray(size);
      this.#handlers?.onData(chunk);
      // The chunk was lent: whoever looks at it again shall notice here and not in production.
      spoil(chunk);
      this.#tellRead(chunk.length);
    }
    if (this.#peerEnded && this.#inbox.length === 0 && this.#isConnected && !this.isClosed) {
      this.#peerEnded = false;
      this.#handlers?.onEnd?.();
      this.end();
    }
  }

  /** Room in the sender's window; the notice travels back as an acknowledgement would. */
  #tellRead(bytes: number): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    const { fabric, address } = this.#network;
    // A sender far from the end of its window would not notice when the notice comes: a third of all
    // events. Over a cut wire it must wait all the same.
    if (
      peer.#unread < fabric.options.windowBytes >> 1 &&
      !this.#isForgotten &&
      !fabric.isCut(address, peer.#network.address)
    ) {
      peer.#unread -= bytes;
      return;
    }
    this.#overWire(peer, () => {
      peer.#unread -= bytes;
      if (peer.#queue.length > 0) peer.#pump();
    });
  }

  /** Everything has been given to the system: FIN follows the bytes, and this end is closed. */
  #finish(): void {
    const peer = this.#peer;
    this.#close(undefined);
    if (peer === undefined) return;
    this.#overWire(peer, () => {
      if (peer.isClosed) return;
      peer.#peerEnded = true;
      peer.#deliver();
    });
  }

  #close(code: string | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#queue = [];
    this.#queued = 0;
    this.#inbox = [];
    this.#network.forget(this);
    const handlers = this.#handlers;
    const network = this.#network;
    // Never out of a call of the program: Node's sockets do not either.
    network.fabric.time.schedule(0, () => network.timers.due(() => handlers?.onClose(code)));
  }

  /** Runs `arrive` at the peer after the wire's delay, behind everything sent before. */
  #overWire(peer: SimulatedConnection, arrive: () => void): void {
    if (this.#isForgotten) return;
    const { fabric, address } = this.#network;
    const to = peer.#network.address;
    const delay = this.isUnix ? 0 : fabric.options.delayUs(address, to);
    const at = Math.max(this.#lastArrivalUs, fabric.time.nowUs + Math.floor(delay));
    this.#lastArrivalUs = at;
    const land = (): void => {
      if (this.#isForgotten) return;
      if (fabric.hold(address, to, land)) return;
      // Sent again and again until the machine runs, and then knows nothing of this connection. An
      // answer to a machine that has lost power as well meets nobody who could be told.
      if (peer.#hasVanished) {
        if (peer === this) return;
        fabric.whenBack(peer.#network, () => this.#overWire(this, () => this.fail('ECONNRESET')));
      } else peer.#network.timers.due(arrive);
    };
    fabric.time.schedule(at - fabric.time.nowUs, land);
  }
}

/** Below this a loop is faster than a call out of JavaScript; most messages of a fleet are PING and PONG. */
const SHORT = 64;

function spoil(chunk: Buffer): void {
  if (chunk.length > SHORT) chunk.fill(LENT_NO_MORE);
  else for (let i = 0; i < chunk.length; i++) chunk[i] = LENT_NO_MORE;
}
