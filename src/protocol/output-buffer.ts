// The bytes that wait for one connection's next flush: pieces that are full or lent, and a current
// piece that the reply writer fills in place. Pieces come from a pool that all connections share,
// so a connection with nothing to say holds none. It never writes to a socket and knows no limit;
// both are the net layer's.

// Most replies of one poll are short, and hundreds of connections answer in one: with 16 KiB each they
// would pass through more memory than the processor's caches hold (500 connections: 8 MiB a poll).
const SMALLEST = 1024;
/** What needs more contiguous room than this gets a piece of exactly its size, outside the pool. */
const LARGEST = 1024 * 1024;
const SIZES = Math.log2(LARGEST / SMALLEST) + 1;
/** A connection never begins with more than 64 KiB. */
const USUAL_SIZES = 6;
/** What the pool keeps of each size once nobody needs it. */
const KEPT_BYTES = 4 * LARGEST;

const EMPTY: Buffer = Buffer.alloc(0);

/** SMALLEST << size bytes, contents arbitrary. */
class Piece {
  readonly size: number;
  readonly bytes: Buffer;
  #head: Buffer = EMPTY;

  constructor(size: number) {
    this.size = size;
    this.bytes = Buffer.allocUnsafeSlow(SMALLEST << size);
  }

  /** bytes[0..end); the view of the last time when it had that length, as those of equal replies have. */
  head(end: number): Buffer {
    if (this.#head.length !== end) this.#head = this.bytes.subarray(0, end);
    return this.#head;
  }
}

/** Free pieces of 1 KiB to 1 MiB, doubling. */
export class BufferPool {
  readonly #free: Piece[][] = Array.from({ length: SIZES }, () => []);

  take(size: number): Piece {
    return this.#free[size].pop() ?? new Piece(size);
  }

  give(piece: Piece): void {
    const free = this.#free[piece.size];
    if (free.length * piece.bytes.length < KEPT_BYTES) free.push(piece);
  }
}

const sharedPool: BufferPool = new BufferPool();

/** Bytes that are written, and the piece to give back once they are gone. */
interface Sealed {
  bytes: Buffer;
  readonly home: Piece | undefined;
}

export class OutputBuffer {
  /** The current piece; the writer fills it at `at` after `reserve`. Empty while nothing waits. */
  bytes: Buffer = EMPTY;
  at = 0;
  /** Called when the first byte is about to come in: the time to schedule a flush. */
  onFirstByte: (() => void) | undefined = undefined;
  /** Called when a piece is full or a large bulk came in: the time to hold the whole against a limit. */
  onGrow: (() => void) | undefined = undefined;
  /** Everything written is dropped: replies are switched off, or the connection is being closed. */
  discards: boolean;

  readonly #pool: BufferPool;
  /** Whose bytes `bytes` are; none where they are not the pool's. */
  #piece: Piece | undefined;
  #sealed: Sealed[] = [];
  #sealedBytes = 0;
  /** Where the current piece's unsealed part begins (an owned bulk splits a piece). */
  #start = 0;
  #nextSize = 0;

  constructor(options: { discards?: boolean; pool?: BufferPool } = {}) {
    this.discards = options.discards ?? false;
    this.#pool = options.pool ?? sharedPool;
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#sealedBytes + this.at - this.#start;
  }

  /** Memory held, free room included. */
  get capacityBytes(): number {
    return this.#sealedBytes + this.bytes.length - this.#start;
  }

  /** Pieces held, as CLIENT LIST's oll counts them. */
  get pieces(): number {
    return this.#sealed.length + (this.at > this.#start ? 1 : 0);
  }

  /** Makes room for n contiguous bytes at bytes[at..]. */
  reserve(n: number): void {
    if (this.bytes.length - this.at < n) this.#grow(n);
  }

  /** Copies b[start..end) in. */
  append(b: Buffer, start: number, end: number): void {
    const length = end - start;
    this.reserve(length);
    b.copy(this.bytes, this.at, start, end);
    this.at += length;
  }

  /** Takes the bytes in by reference: they are the connection's from now on and must not change. */
  appendOwned(b: Buffer): void {
    if (this.discards || b.length === 0) return;
    if (this.length === 0) this.onFirstByte?.();
    if (this.at > this.#start) {
      // The piece goes on being filled behind the split; only its last part may bring it home.
      this.#seal(this.bytes.subarray(this.#start, this.at), undefined);
      this.#start = this.at;
    }
    this.#seal(b, undefined);
  }

  /** Puts header[0..length) in front of the byte that was written at `position` (a former `length`). */
  insert(position: number, header: Uint8Array, length: number): void {
    if (this.discards) return;
    if (position >= this.#sealedBytes) {
      if (this.at === this.#start) this.reserve(length);
      if (this.bytes.length - this.at >= length) {
        const at = this.#start + position - this.#sealedBytes;
        this.bytes.copyWithin(at + length, at, this.at);
        for (let i = 0; i < length; i++) this.bytes[at + i] = header[i];
        this.at += length;
        return;
      }
      this.#sealCurrent();
    }
    const added: Sealed = { bytes: Buffer.from(header.subarray(0, length)), home: undefined };
    let index = this.#sealed.length;
    let pieceStart = this.#sealedBytes;
    while (pieceStart > position) pieceStart -= this.#sealed[--index].bytes.length;
    const piece = this.#sealed[index];
    const offset = position - pieceStart;
    if (offset === 0) this.#sealed.splice(index, 0, added);
    else {
      const head: Sealed = { bytes: piece.bytes.subarray(0, offset), home: undefined };
      this.#sealed.splice(index, 0, head, added);
      piece.bytes = piece.bytes.subarray(offset);
    }
    this.#sealedBytes += length;
  }

  /**
   * Hands every waiting piece over, in order. `write` answers true when the bytes are gone and their
   * memory may be used again; once it has answered false, all that follows is the receiver's.
   */
  take(write: (bytes: Buffer) => boolean): void {
    const waiting = Math.max(1, this.length);
    const { bytes, at } = this;
    const piece = this.#piece;
    const start = this.#start;
    const sealed = this.#sealed;
    // Emptied first: a failing write may come back here through the connection's closing.
    this.#sealedBytes = 0;
    this.#leavePiece();
    // What was enough this time probably is the next time: one piece, one write.
    this.#nextSize = Math.min(32 - Math.clz32((waiting - 1) >>> 10), USUAL_SIZES);
    let gone = true;
    if (this.discards) write = () => true;
    if (sealed.length > 0) {
      this.#sealed = [];
      for (const { bytes: some, home } of sealed) {
        gone = write(some) && gone;
        if (gone && home !== undefined) this.#pool.give(home);
      }
    }
    if (at > start) {
      const rest = start === 0 && piece !== undefined ? piece.head(at) : bytes.subarray(start, at);
      gone = write(rest) && gone;
    }
    if (gone && piece !== undefined) this.#pool.give(piece);
  }

  /** Drops everything that waits. */
  clear(): void {
    this.take(() => true);
  }

  /** Drops everything that waits and all that will follow. The current piece stays writable. */
  discard(): void {
    this.discards = true;
    this.#sealed = [];
    this.#sealedBytes = 0;
    this.at = 0;
    this.#start = 0;
  }

  #seal(bytes: Buffer, home: Piece | undefined): void {
    this.#sealed.push({ bytes, home });
    this.#sealedBytes += bytes.length;
  }

  #sealCurrent(): void {
    const piece = this.#piece;
    if (this.at > this.#start) this.#seal(this.bytes.subarray(this.#start, this.at), piece);
    // A piece whose first part is lent may not come home by this way; the collector has it then.
    else if (piece !== undefined && this.#start === 0) this.#pool.give(piece);
    this.#leavePiece();
  }

  #leavePiece(): void {
    this.bytes = EMPTY;
    this.#piece = undefined;
    this.at = 0;
    this.#start = 0;
  }

  #grow(n: number): void {
    if (this.at > this.#start) this.onGrow?.();
    if (this.discards) {
      this.at = 0;
      this.#start = 0;
      if (this.bytes.length >= n) return;
    } else if (this.length === 0) this.onFirstByte?.();
    this.#sealCurrent();
    let size = this.#nextSize;
    while (size < SIZES - 1 && SMALLEST << size < n) size++;
    this.#nextSize = Math.min(size + 1, SIZES - 1);
    this.#piece = SMALLEST << size >= n ? this.#pool.take(size) : undefined;
    this.bytes = this.#piece?.bytes ?? Buffer.allocUnsafeSlow(n);
  }
}
