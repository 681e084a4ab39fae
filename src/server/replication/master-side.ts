// The master's side of replication on a node: the stream and the replicas that follow it. A replica with
// replicas of its own has this side too; its stream is then its master's, byte for byte.

import type { Backlog } from '../../replication/backlog.ts';
import type { History } from '../../replication/history.ts';
import type { NodeReplicationOptions } from './node-replication.ts';
import { StreamFeed } from './stream-feed.ts';

export class MasterSide {
  readonly #options: NodeReplicationOptions;
  readonly #history: History;
  readonly #backlog: Backlog;
  readonly #feed: StreamFeed;
  #isSink = false;
  #isMaster = true;
  #countsCommands = false;

  constructor(options: NodeReplicationOptions, history: History, backlog: Backlog) {
    this.#options = options;
    this.#history = history;
    this.#backlog = backlog;
    this.#feed = new StreamFeed(history, backlog, () => {});
  }

  /** The database that the stream is in (repl-stream-db); -1: none is selected. */
  get streamDb(): number {
    return this.#feed.dbIndex;
  }

  /** A master's bytes on their way to this node's replicas; the history moves on by them. */
  feedVerbatim(bytes: Buffer, start: number, end: number): void {
    if (this.#backlog.isOpen) this.#feed.feed(bytes, start, end);
    else this.#history.feed(end - start);
  }

  /** Makes sure that there is a backlog: with the first replica, or when this node gets a master. */
  openBacklog(): void {
    if (this.#backlog.isOpen) return;
    this.#options.dispatcher.propagation.flush();
    this.#backlog.open(this.#history.offset);
    this.#updateSink();
  }

  /** Frees the backlog: what was is of no use to anybody any more. All replicas must be gone. */
  closeBacklog(): void {
    if (!this.#backlog.isOpen) return;
    this.#backlog.close();
    this.#updateSink();
  }

  /** Replicas must ask again where they are: the history changes its name, or becomes another. */
  disconnectReplicas(_reason: string): void {}

  /** The node's role is about to change. Call `propagation.flush()` and write no effects in between. */
  setMaster(isMaster: boolean): void {
    this.#options.dispatcher.propagation.flush();
    this.#isMaster = isMaster;
    this.#feed.forgetDatabase();
    this.#updateSink();
  }

  /** An AOF needs offsets of its writes although nobody replicates. */
  countCommands(on: boolean): void {
    this.#countsCommands = on;
    this.#updateSink();
  }

  #updateSink(): void {
    const wanted = this.#isMaster && (this.#backlog.isOpen || this.#countsCommands);
    if (wanted === this.#isSink) return;
    this.#isSink = wanted;
    const { propagation } = this.#options.dispatcher;
    if (wanted) propagation.addSink(this.#feed);
    else propagation.removeSink(this.#feed);
  }
}
