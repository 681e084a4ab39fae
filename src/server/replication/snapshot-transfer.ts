// How the bytes of a snapshot reach a replica: as they are made, with a mark behind them, or from a file,
// with their number in front.

import type { FileHandle } from '../../env/files.ts';
import type { SnapshotReceiver } from '../../persistence/snapshot-runner.ts';
import { assert } from '../../util/assert.ts';
import type { AttachedReplica } from './attached-replica.ts';

const READ_BYTES = 64 * 1024;

/** Takes a running snapshot to one replica. The snapshot waits for it as for any receiver. */
export class LinkReceiver implements SnapshotReceiver {
  failure: string | undefined;
  onFree: ((chunk: Buffer) => void) | undefined;
  readonly replica: AttachedReplica;
  readonly #mark: Buffer;
  /** Chunks that the connection has, until it has drained. */
  #lent: Buffer[] = [];
  #isComplete = false;

  /** `mark`: 40 bytes that no snapshot contains. */
  constructor(replica: AttachedReplica, mark: Buffer) {
    this.replica = replica;
    this.#mark = mark;
  }

  get queuedBytes(): number {
    return this.replica.queuedBytes;
  }

  begin(): void {
    this.replica.write(Buffer.concat([Buffer.from('$EOF:'), this.#mark, Buffer.from('\r\n')]));
  }

  write(chunk: Buffer): void {
    if (this.failure !== undefined) return;
    if (this.replica.write(chunk)) {
      this.onFree?.(chunk);
      return;
    }
    this.#lent.push(chunk);
    this.replica.onDrained = () => this.#drained();
  }

  /** Nothing is queued any more: all chunks are the snapshot's again. */
  #drained(): void {
    const chunks = this.#lent;
    this.#lent = [];
    for (const chunk of chunks) this.onFree?.(chunk);
    if (this.#isComplete) this.#sent();
  }

  end(): void {
    this.#isComplete = true;
    if (this.replica.write(this.#mark) && this.replica.queuedBytes === 0) this.#sent();
    else this.replica.onDrained = () => this.#drained();
  }

  /** The snapshot broke off; or the replica is gone, which ends nobody else's. */
  cancel(): void {
    if (this.#isComplete) return;
    this.failure ??= 'cancelled';
    this.replica.input({ kind: 'failed' });
  }

  #sent(): void {
    this.replica.onDrained = undefined;
    this.replica.input({ kind: 'sent' });
  }
}

/** Sends a file to one replica, a piece at a time. */
export class FileTransfer {
  readonly #replica: AttachedReplica;
  readonly #handle: FileHandle;
  readonly #failed: (reason: string) => void;
  readonly #sizeBytes: number;
  #sentBytes = 0;
  #isOver = false;

  constructor(replica: AttachedReplica, handle: FileHandle, failed: (reason: string) => void) {
    this.#replica = replica;
    this.#handle = handle;
    this.#failed = failed;
    this.#sizeBytes = handle.sizeNow();
  }

  start(): void {
    if (this.#replica.write(Buffer.from(`$${this.#sizeBytes}\r\n`, 'latin1'))) void this.#run();
    else this.#replica.onDrained = () => void this.#run();
  }

  /** The replica is gone. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handle.close();
    this.#replica.onDrained = undefined;
  }

  async #run(): Promise<void> {
    this.#replica.onDrained = undefined;
    try {
      while (!this.#isOver && this.#sentBytes < this.#sizeBytes) {
        const most = Math.min(READ_BYTES, this.#sizeBytes - this.#sentBytes);
        const piece = Buffer.allocUnsafeSlow(most);
        const count = await this.#handle.read(piece, this.#sentBytes);
        if (this.#isOver) return;
        if (count === 0) throw new Error('premature EOF');
        this.#sentBytes += count;
        if (this.#replica.write(piece.subarray(0, count))) continue;
        this.#replica.onDrained = () => void this.#run();
        return;
      }
    } catch (error) {
      this.stop();
      this.#failed(error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.#isOver) return;
    assert(this.#sentBytes === this.#sizeBytes, 'a snapshot is sent whole');
    this.stop();
    this.#replica.input({ kind: 'sent' });
  }
}
