// Stream sockets as the server needs them: TCP and Unix, nothing half open, errors as events. It is
// not a general socket interface; TLS and datagrams are left out on purpose.
//
// Who owns bytes. A chunk is lent until `onData` returns, since all connections share a buffer. Bytes
// given to `write` come back at once when it returns true; otherwise the connection keeps them. A
// writer that reuses its buffer must therefore look at the answer each time.

export interface ConnectionHandlers {
  /** An outgoing connection is established. */
  onConnect?(): void;
  onData(chunk: Buffer): void;
  /** After a `write` that returned false: everything has left, `queuedBytes` is 0. */
  onDrain?(): void;
  /** The peer will send no more. Nothing is half open here: what is queued leaves, then it closes. */
  onEnd?(): void;
  /** Last event, exactly once, whoever closed it. `error` is a code such as 'ECONNRESET'. */
  onClose(error: string | undefined): void;
}

export interface Connection {
  /** Empty and 0 on Unix sockets. IPv4 addresses that arrive mapped into IPv6 are given as IPv4. */
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly localHost: string;
  readonly localPort: number;
  /** The path of the listener when `isUnix`. */
  readonly path: string;
  readonly isUnix: boolean;
  /** The descriptor, for CLIENT LIST; -1 when it is unknown or closed. */
  readonly fd: number;
  /** Bytes handed to `write` that the system has not taken. */
  readonly queuedBytes: number;
  readonly isClosed: boolean;
  /** Must be called once, before the function that received the connection returns. */
  handle(handlers: ConnectionHandlers): void;
  /**
   * True: gone, the caller may reuse the bytes. False: queued, they now belong to the connection and
   * `onDrain` will follow. On a closed connection the bytes are dropped and the answer is true.
   */
  write(bytes: Uint8Array): boolean;
  /** Stops and resumes `onData`; the system's buffers then push back at the peer. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Closes now; what is queued is lost. */
  destroy(): void;
  /** Closes with a TCP reset where the system can, else like `destroy`. */
  reset(): void;
  /** Seconds of silence before the first probe; 0 turns probing off. */
  setKeepAlive(seconds: number): void;
  setNoDelay(on: boolean): void;
}

export type ListenAddress =
  | { readonly host: string; readonly port: number; readonly backlog?: number }
  | { readonly path: string; readonly mode?: number; readonly backlog?: number };

export type ConnectAddress =
  | { readonly host: string; readonly port: number; readonly localHost?: string }
  | { readonly path: string };

export interface Listener {
  readonly host: string;
  /** The real port, also when 0 was asked for. */
  readonly port: number;
  readonly path: string;
  /** No further connections; those that exist live on. A Unix socket's file is removed. */
  close(): Promise<void>;
}

export interface ListenerHandlers {
  onConnection(connection: Connection): void;
  /** Accepting failed (EMFILE …): a code. Listening goes on; the handler at most counts and logs. */
  onError?(code: string): void;
}

export interface Network {
  /** Rejects with a NetworkError. `mode` is set before the first peer can connect. */
  listen(address: ListenAddress, handlers: ListenerHandlers): Promise<Listener>;
  /** Never throws: a failure arrives as `onClose`. */
  connect(address: ConnectAddress): Connection;
  /** An IP address for a name; rejects with a NetworkError. */
  resolve(host: string): Promise<string>;
}
