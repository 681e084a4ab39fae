// A connection whose link can be cut and slowed while it is open, and which a frozen process can own.
// It stands between a node and the real connection, which goes on living behind a cut: the peer must
// see silence, not a close, until the link heals. Then everything arrives that was held back, in
// order, as retransmission would bring it.

import { assert } from '../util/assert.ts';
import type { Clock } from './clock.ts';
import { healthyLink, type LinkFaults, linkAddress } from './link-faults.ts';
import { LinkLane } from './link-lane.ts';
import type { ConnectAddress, Connection, ConnectionHandlers } from './network.ts';
import type { Timers } from './timers.ts';

/** Beyond this many bytes read and not yet delivered, the real connection is made to push back. */
const HELD_BYTES = 1024 * 1024;

export interface FaultyConnectionOwner {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly faults: LinkFaults;
  /** The real connection. */
  open(address: ConnectAddress): Connection;
  /** The connection is over on both sides. */
  forget(connection: FaultyConnection): void;
}

type Way = 'end' | 'destroy' | 'reset';

export class FaultyConnection implements Connection {
  readonly #owner: FaultyConnectionOwner;
  readonly #address: ConnectAddress | undefined;
  /** What the table of faults knows this link by; '' when it cannot be broken. */
  readonly #key: string;
  readonly #out: LinkLane;
  readonly #in: LinkLane;
  #real: Connection | undefined;
  #handlers: ConnectionHandlers | undefined;
  #isPaused = false;
  #pushesBack = false;
  #owesDrain = false;
  /** The node has been told the end, or has ended it and will be. */
  #isLeft = false;
  #isClosed = false;
  #keepAliveSeconds: number | undefined;
  #noDelay: boolean | undefined;

  /** An accepted connection, or one to be made to an address. */
  constructor(owner: FaultyConnectionOwner, from: Connection | ConnectAddress) {
    this.#owner = owner;
    const isAccepted = 'handle' in from;
    this.#address = isAccepted ? undefined : from;
    this.#key = isAccepted || 'path' in from ? '' : linkAddress(from.host, from.port);
    const rule = () => (this.#key === '' ? healthyLink : owner.faults.ruleFor(this.#key));
    const isHeld = () => owner.faults.isFrozen || rule().isCut;
    this.#out = new LinkLane(owner, rule, isHeld, () => this.#sent());
    this.#in = new LinkLane(
      owner,
      rule,
      () => isHeld() || (this.#isPaused && !this.#isLeft),
      () => this.#delivered(),
    );
    if (isAccepted) this.#take(from);
    else this.#out.add(0, () => this.#take(owner.open(from)));
  }

  get remoteHost(): string {
    if (this.#real !== undefined && this.#address === undefined) return this.#real.remoteHost;
    return this.#address !== undefined && 'host' in this.#address ? this.#address.host : '';
  }

  get remotePort(): number {
    if (this.#real !== undefined && this.#address === undefined) return this.#real.remotePort;
    return this.#address !== undefined && 'host' in this.#address ? this.#address.port : 0;
  }

  get localHost(): string {
    return this.#real?.localHost ?? '';
  }

  get localPort(): number {
    return this.#real?.localPort ?? 0;
  }

  get path(): string {
    return this.#real?.path ?? '';
  }

  get isUnix(): boolean {
    return this.#real?.isUnix ?? false;
  }

  get fd(): number {
    return this.#real?.fd ?? -1;
  }

  get queuedBytes(): number {
    return this.#isClosed ? 0 : this.#out.waitingBytes + (this.#real?.queuedBytes ?? 0);
  }

  get isClosed(): boolean {
    return this.#isLeft || this.#isClosed;
  }

  handle(handlers: ConnectionHandlers): void {
    assert(this.#handlers === undefined, 'a connection has one set of handlers');
    // Made by a process that is dead already: nothing of it runs any more.
    if (!this.#isClosed) this.#handlers = handlers;
  }

  write(bytes: Uint8Array): boolean {
    if (this.isClosed) return true;
    const real = this.#real;
    if (real !== undefined && this.#out.isClear) {
      const isGone = real.write(bytes);
      if (!isGone) this.#owesDrain = true;
      return isGone;
    }
    this.#owesDrain = true;
    this.#out.add(bytes.length, () => this.#real?.write(bytes));
    return false;
  }

  pause(): void {
    this.#isPaused = true;
    this.#real?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#pushesBack) this.#real?.resume();
    // Not from within the caller, which may be in the middle of a chunk.
    this.#owner.timers.immediate(() => this.#in.refresh());
  }

  end(): void {
    this.#leave('end');
  }

  destroy(): void {
    this.#leave('destroy');
  }

  reset(): void {
    this.#leave('reset');
  }

  setKeepAlive(seconds: number): void {
    this.#keepAliveSeconds = seconds;
    this.#real?.setKeepAlive(seconds);
  }

  setNoDelay(on: boolean): void {
    this.#noDelay = on;
    this.#real?.setNoDelay(on);
  }

  /** The table of faults has changed. */
  refresh(): void {
    this.#out.refresh();
    this.#in.refresh();
  }

  /** The process died: the system closes what it had, and nothing of it runs any more. */
  crash(): void {
    this.#isLeft = true;
    this.#isClosed = true;
    this.#handlers = undefined;
    this.#out.clear();
    this.#in.clear();
    this.#real?.destroy();
    this.#owner.forget(this);
  }

  #take(real: Connection): void {
    this.#real = real;
    real.handle({
      onConnect: () => this.#arrived(0, (handlers) => handlers.onConnect?.()),
      onData: (chunk) => {
        // It is only lent.
        const bytes = this.#in.isClear ? chunk : Buffer.from(chunk);
        this.#arrived(bytes.length, (handlers) => handlers.onData(bytes));
        if (!this.#pushesBack && this.#in.waitingBytes > HELD_BYTES) {
          this.#pushesBack = true;
          real.pause();
        }
      },
      onDrain: () => this.#sent(),
      onEnd: () => this.#arrived(0, (handlers) => handlers.onEnd?.()),
      onClose: (error) => this.#realClosed(error),
    });
    if (this.#keepAliveSeconds !== undefined) real.setKeepAlive(this.#keepAliveSeconds);
    if (this.#noDelay !== undefined) real.setNoDelay(this.#noDelay);
    if (this.#isPaused) real.pause();
  }

  #arrived(bytes: number, deliver: (handlers: ConnectionHandlers) => void): void {
    if (this.#isLeft) return;
    this.#in.add(bytes, () => {
      if (!this.#isLeft && this.#handlers !== undefined) deliver(this.#handlers);
    });
  }

  #realClosed(error: string | undefined): void {
    this.#isClosed = !this.#isHeldBack;
    if (this.#isLeft) {
      this.#over(error);
      return;
    }
    // A reader that paused must still learn of the end; what it had not read is lost, as with a socket.
    if (this.#isPaused && !this.#isHeldBack) this.#in.clear();
    this.#isPaused = false;
    this.#in.add(0, () => this.#over(error));
  }

  get #isHeldBack(): boolean {
    const { faults } = this.#owner;
    return faults.isFrozen || (this.#key !== '' && faults.ruleFor(this.#key).isCut);
  }

  /** The last event; exactly once. */
  #over(error: string | undefined): void {
    this.#isLeft = true;
    this.#isClosed = true;
    this.#out.clear();
    this.#in.clear();
    const handlers = this.#handlers;
    this.#handlers = undefined;
    this.#owner.forget(this);
    handlers?.onClose(error);
  }

  /** The node ends it: at once as it sees it, and for the peer when the link lets it through. */
  #leave(way: Way): void {
    if (this.isClosed) return;
    if (this.#out.isClear && this.#real !== undefined) {
      this.#real[way]();
      return;
    }
    this.#isLeft = true;
    // What was written before is under way already; only a reset takes it back.
    const isUnopened = this.#real === undefined && way !== 'end';
    if (way === 'reset' || isUnopened) this.#out.clear();
    this.#in.clear();
    this.#real?.pause();
    const handlers = this.#handlers;
    this.#handlers = undefined;
    this.#owner.timers.immediate(() => handlers?.onClose(undefined));
    if (isUnopened) this.#owner.forget(this);
    else this.#out.add(0, () => this.#real?.[way]());
  }

  #sent(): void {
    if (!this.#owesDrain || this.isClosed || this.queuedBytes > 0) return;
    if (this.#owner.faults.isFrozen) return;
    this.#owesDrain = false;
    this.#handlers?.onDrain?.();
  }

  #delivered(): void {
    if (this.#owesDrain) this.#sent();
    if (!this.#pushesBack || this.#in.waitingBytes > HELD_BYTES / 2) return;
    this.#pushesBack = false;
    if (!this.#isPaused) this.#real?.resume();
  }
}
