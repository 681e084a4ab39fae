// TCP and Unix sockets of the operating system, on documented Node interfaces only. Accepted sockets
// take the methods that Node documents for those who implement streams, and so go round the stream's
// own queues (docs/decisions/0009-sockets-on-public-interfaces.md says what for and how safely).
//
// A socket error never leaves this file as an exception: it becomes the code given to `onClose`.

import { lookup } from 'node:dns/promises';
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import { assert } from '../../util/assert.ts';
import type {
  ConnectAddress,
  Connection,
  ConnectionHandlers,
  ListenAddress,
  Listener,
  ListenerHandlers,
  Network,
} from '../network.ts';
import { NetworkError } from '../system-error.ts';

const DEFAULT_BACKLOG = 511;
/** What Node passes for chunks that are bytes already; its type lists encodings of text only. */
const RAW = 'buffer' as BufferEncoding;

export class NodeNetwork implements Network {
  async listen(address: ListenAddress, handlers: ListenerHandlers): Promise<Listener> {
    const path = 'path' in address ? address.path : '';
    if (path !== '') removeStaleSocket(path);
    const server = createServer({ allowHalfOpen: false, noDelay: true }, (socket) =>
      handlers.onConnection(new NodeConnection(socket, path, true)),
    );
    await bound(server, address);
    // From here on an error is a failed accept (EMFILE, ECONNABORTED). libuv itself keeps a spare
    // descriptor to drain the queue with, so neither spins: the event is for the log.
    server.on('error', (error) => handlers.onError?.(codeOf(error)));
    return new NodeListener(server, path);
  }

  connect(address: ConnectAddress): Connection {
    const socket = new Socket({ allowHalfOpen: false });
    if ('path' in address) {
      const connection = new NodeConnection(socket, address.path, false);
      socket.connect({ path: address.path });
      return connection;
    }
    const connection = new NodeConnection(socket, '', false);
    const { host, port, localHost } = address;
    socket.setNoDelay(true);
    // A bad port or local address makes connect() throw where the system would only refuse.
    try {
      socket.connect(
        localHost === undefined ? { host, port } : { host, port, localAddress: localHost },
      );
    } catch {
      socket.destroy(Object.assign(new Error('invalid address'), { code: 'EINVAL' }));
    }
    return connection;
  }

  async resolve(host: string): Promise<string> {
    try {
      return (await lookup(host)).address;
    } catch (error) {
      throw new NetworkError(codeOf(error));
    }
  }
}

class NodeListener implements Listener {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly #server: Server;

  constructor(server: Server, path: string) {
    this.#server = server;
    this.path = path;
    const facts = server.address();
    const isTcp = facts !== null && typeof facts === 'object';
    this.host = isTcp ? facts.address : '';
    this.port = isTcp ? facts.port : 0;
  }

  close(): Promise<void> {
    // The callback of close() waits for all connections, which outlive the listener here; the
    // descriptor itself is closed before close() returns.
    this.#server.close();
    return new Promise((fulfil) => setImmediate(fulfil));
  }
}

/** Public fields of a socket's handle that are not in its type; read with care, never relied upon. */
interface WithHandle {
  readonly _handle?: { readonly fd?: unknown } | null;
}

class NodeConnection implements Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly path: string;
  readonly isUnix: boolean;
  readonly #socket: Socket;
  #handlers: ConnectionHandlers | undefined;
  #error: string | undefined;
  #draining = false;
  #closed = false;
  /** Reads and writes go round the stream's queues. */
  readonly #direct: boolean;
  /** Bytes of a direct write that the system has not taken whole yet. */
  #pendingBytes = 0;
  #paused = false;
  /** What arrived after `pause`: at most what one read brings. */
  #held: Buffer[] = [];
  readonly #directWritten: (error?: Error | null) => void;
  // One function for the life of the connection: a closure per write would be garbage per reply.
  readonly #written: () => void;

  constructor(socket: Socket, path: string, accepted: boolean) {
    this.#socket = socket;
    this.#direct = accepted;
    this.path = path;
    this.isUnix = path !== '';
    // Kept now: the system forgets them when the peer is gone, and the log still wants them then.
    this.remoteHost = plainHost(socket.remoteAddress);
    this.remotePort = socket.remotePort ?? 0;
    this.#written = () => {
      if (this.#draining && this.queuedBytes === 0 && !this.#closed) {
        this.#draining = false;
        this.#handlers?.onDrain?.();
      }
    };
    this.#directWritten = (error) => {
      this.#pendingBytes = 0;
      if (error != null) this.#socket.destroy(error);
      else this.#written();
    };
    socket.on('error', (error) => {
      this.#error = codeOf(error);
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#handlers?.onClose(this.#error);
    });
  }

  get localHost(): string {
    return this.isUnix ? '' : plainHost(this.#socket.localAddress);
  }

  get localPort(): number {
    return this.isUnix ? 0 : (this.#socket.localPort ?? 0);
  }

  get fd(): number {
    const fd = (this.#socket as unknown as WithHandle)._handle?.fd;
    return typeof fd === 'number' ? fd : -1;
  }

  get queuedBytes(): number {
    return this.#closed ? 0 : this.#socket.writableLength + this.#pendingBytes;
  }

  get isClosed(): boolean {
    return this.#closed || this.#socket.destroyed;
  }

  handle(handlers: ConnectionHandlers): void {
    assert(this.#handlers === undefined, 'a connection has one set of handlers');
    this.#handlers = handlers;
    const socket = this.#socket;
    socket.on('connect', () => handlers.onConnect?.());
    socket.on('end', () => handlers.onEnd?.());
    if (this.#direct) this.#readDirectly(handlers);
    // Starts the flow; while chunks are taken directly it brings none.
    socket.on('data', (chunk: Buffer) => handlers.onData(chunk));
  }

  /** Takes chunks where the socket pushes them into its stream, so that they never queue there. */
  #readDirectly(handlers: ConnectionHandlers): void {
    const socket = this.#socket;
    const push = socket.push;
    socket.push = (chunk: Buffer | null): boolean => {
      if (chunk === null) {
        this.#deliverHeld();
        return push.call(socket, null);
      }
      if (this.#paused) this.#held.push(chunk);
      else handlers.onData(chunk);
      // False makes the socket stop reading until `resume`.
      return !this.#paused;
    };
  }

  #deliverHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const chunk of held) if (!this.#closed) this.#handlers?.onData(chunk);
  }

  write(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (this.#closed || !socket.writable) return true;
    if (this.#direct && this.queuedBytes === 0) return this.#writeDirectly(bytes);
    // Measured rule (200 MB against a stalling reader, the buffer overwritten after every "gone"):
    // nothing queued before and nothing after means that the system has taken all bytes.
    const wasEmpty = socket.writableLength === 0 && !socket.connecting;
    socket.write(bytes, this.#written);
    if (wasEmpty && socket.writableLength === 0) return true;
    this.#draining = true;
    return false;
  }

  /** The callback comes before `_write` returns when the system took all bytes at once. */
  #writeDirectly(bytes: Uint8Array): boolean {
    this.#pendingBytes = bytes.length;
    this.#socket._write(bytes, RAW, this.#directWritten);
    if (this.#pendingBytes === 0) return true;
    this.#draining = true;
    return false;
  }

  pause(): void {
    this.#paused = true;
    if (!this.#direct) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#direct) {
      this.#socket.resume();
      return;
    }
    // Not from within the caller, which may be in the middle of a chunk.
    setImmediate(() => {
      if (this.#closed || this.#paused) return;
      this.#deliverHeld();
      if (!this.#paused && !this.#socket.destroyed) this.#socket._read(0);
    });
  }

  end(): void {
    // Not end(): that would wait for the peer's own end, and keep a descriptor for one that never ends.
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    if (this.isUnix) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  setKeepAlive(seconds: number): void {
    if (!this.isUnix) this.#socket.setKeepAlive(seconds > 0, seconds * 1000);
  }

  setNoDelay(on: boolean): void {
    if (!this.isUnix) this.#socket.setNoDelay(on);
  }
}

/** Resolves when the socket listens; rejects with a NetworkError. */
function bound(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((fulfil, reject) => {
    const failed = (error: Error): void => reject(new NetworkError(codeOf(error)));
    server.once('error', failed);
    const done = (): void => {
      server.removeListener('error', failed);
      fulfil();
    };
    const backlog = address.backlog ?? DEFAULT_BACKLOG;
    if (!('path' in address)) {
      // `ipv6Only`: '::' and '0.0.0.0' are both listed in a `bind`, so the first must not take the second.
      server.listen({ host: address.host, port: address.port, backlog, ipv6Only: true }, done);
      return;
    }
    // The file appears inside listen(). Under the strictest umask nobody can connect before chmod has
    // given it the mode that was asked for (the race of CVE-2023-45145).
    const mode = address.mode;
    const previous = mode === undefined ? undefined : process.umask(0o777);
    try {
      server.listen({ path: address.path, backlog }, () => {
        if (mode !== undefined) chmodSync(address.path, mode);
        done();
      });
    } finally {
      if (previous !== undefined) process.umask(previous);
    }
  });
}

/** A socket file left by a process that was killed would fail the bind; any other file is kept. */
function removeStaleSocket(path: string): void {
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch {}
}

function plainHost(host: string | undefined): string {
  if (host === undefined) return '';
  return host.startsWith('::ffff:') && host.includes('.') ? host.slice(7) : host;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'EIO';
}
