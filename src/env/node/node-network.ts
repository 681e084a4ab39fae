// TCP and Unix sockets of the operating system. They are read into one buffer that all of them share,
// and written by the method that Node documents for those who implement streams, so that they go round
// the stream's own queues (docs/decisions/0009-sockets-past-the-stream.md says what for and how safely).
//
// A socket error never leaves this file as an exception: it becomes the code given to `onClose`.

import { lookup } from 'node:dns/promises';
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer, type Server, Socket, type SocketConstructorOpts } from 'node:net';
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
/** What libuv asks the system for in one read. */
const READ_BYTES = 64 * 1024;
/**
 * libuv reads a socket up to 32 times in a row while each read fills the buffer: 2 MiB of small commands would
 * keep everybody else waiting for tens of milliseconds. After so many full reads the others have their turn.
 */
const FULL_READS = 2;
/** One for all: a chunk is dealt with before the next socket is read. */
const readBuffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES);
/** Views of its first so many bytes, made once: a view costs as much as a small command. */
const chunks: (Buffer | undefined)[] = new Array(4096).fill(undefined);

function chunkOf(length: number): Buffer {
  if (length >= chunks.length) return readBuffer.subarray(0, length);
  let chunk = chunks[length];
  if (chunk === undefined) {
    chunk = readBuffer.subarray(0, length);
    chunks[length] = chunk;
  }
  return chunk;
}

export class NodeNetwork implements Network {
  readonly #sharesBuffer: boolean;

  /** `sharesBuffer: false` reads accepted sockets as any other, which is slower. */
  constructor({ sharesBuffer = true }: { readonly sharesBuffer?: boolean } = {}) {
    this.#sharesBuffer = sharesBuffer;
  }

  async listen(address: ListenAddress, handlers: ListenerHandlers): Promise<Listener> {
    const path = 'path' in address ? address.path : '';
    if (path !== '') removeStaleSocket(path);
    // Nothing is read before the connection knows where to.
    const options = { allowHalfOpen: false, noDelay: true, pauseOnConnect: true };
    const server = createServer(options, (accepted) => {
      const source = this.#sharesBuffer ? intoBuffer(accepted) : () => accepted;
      handlers.onConnection(new NodeConnection(source, path));
    });
    await bound(server, address);
    // From here on an error is a failed accept (EMFILE, ECONNABORTED). libuv itself keeps a spare
    // descriptor to drain the queue with, so neither spins: the event is for the log.
    server.on('error', (error) => handlers.onError?.(codeOf(error)));
    return new NodeListener(server, path);
  }

  connect(address: ConnectAddress): Connection {
    const connection = new NodeConnection(outgoing, 'path' in address ? address.path : '');
    connection.open(address);
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

/** What a socket has and its type does not show; read with care, never relied upon. */
interface WithHandle {
  _handle?: { readonly fd?: unknown; readonly useUserBuffer?: unknown } | null;
}

/** Makes a connection's socket, which tells how much it has read into `readBuffer`; true: read on. */
type SocketSource = (received: (length: number) => boolean) => Socket;

/**
 * The accepted socket again, reading into `readBuffer`: `onread` is there for sockets that are made,
 * not for those that a server hands out. The socket itself when its handle is not what is known.
 */
function intoBuffer(accepted: Socket): SocketSource {
  return (callback) => {
    const { _handle: handle } = accepted as unknown as WithHandle;
    if (typeof handle?.useUserBuffer !== 'function') return accepted;
    const options = { handle, allowHalfOpen: false, onread: { buffer: readBuffer, callback } };
    (accepted as unknown as WithHandle)._handle = null;
    return new Socket(options as SocketConstructorOpts);
  };
}

const outgoing: SocketSource = (callback) => {
  const options = { allowHalfOpen: false, onread: { buffer: readBuffer, callback } };
  return new Socket(options as SocketConstructorOpts);
};

/** Before `handle` nothing is read. */
const noHandlers: ConnectionHandlers = { onData: () => {}, onClose: () => {} };

class NodeConnection implements Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly path: string;
  readonly isUnix: boolean;
  readonly #socket: Socket;
  #handlers: ConnectionHandlers = noHandlers;
  #error: string | undefined;
  #draining = false;
  #closed = false;
  /** The program wants nothing read. */
  #isPaused = false;
  #fullReads = 0;
  /** Bytes of a direct write that the system has not taken whole yet. */
  #pendingBytes = 0;
  readonly #directWritten: (error?: Error | null) => void;
  // One function for the life of the connection: a closure per write would be garbage per reply.
  readonly #written: () => void;

  constructor(source: SocketSource, path: string) {
    const socket = source((length) => this.#received(length));
    this.#socket = socket;
    this.path = path;
    this.isUnix = path !== '';
    // Kept now: the system forgets them when the peer is gone, and the log still wants them then.
    this.remoteHost = plainHost(socket.remoteAddress);
    this.remotePort = socket.remotePort ?? 0;
    this.#written = () => {
      if (this.#draining && this.queuedBytes === 0 && !this.#closed) {
        this.#draining = false;
        this.#handlers.onDrain?.();
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
      this.#handlers.onClose(this.#error);
    });
  }

  open(address: ConnectAddress): void {
    const socket = this.#socket;
    if ('path' in address) {
      socket.connect({ path: address.path });
      return;
    }
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
    assert(this.#handlers === noHandlers, 'a connection has one set of handlers');
    this.#handlers = handlers;
    const socket = this.#socket;
    socket.on('connect', () => handlers.onConnect?.());
    socket.on('end', () => handlers.onEnd?.());
    // Starts the flow; of a socket that reads into the buffer it brings only the end.
    socket.on('data', (chunk: Buffer) => handlers.onData(chunk));
    socket.resume();
  }

  #received(length: number): boolean {
    this.#handlers.onData(chunkOf(length));
    if (length < READ_BYTES) this.#fullReads = 0;
    else if (++this.#fullReads >= FULL_READS) {
      this.#fullReads = 0;
      setImmediate(() => {
        if (!this.#isPaused && !this.#closed) this.#socket.resume();
      });
      return false;
    }
    return true;
  }

  write(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (this.#closed || !socket.writable) return true;
    if (!socket.connecting && this.queuedBytes === 0) return this.#writeDirectly(bytes);
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
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
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
