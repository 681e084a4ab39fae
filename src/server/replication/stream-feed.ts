// Where commands become the stream: the sink of a master's effects. It inserts SELECT where the database
// changes, moves the history on and writes into the backlog, from where replicas are served.
//
// It is a sink only while there is somebody to keep the stream for (an open backlog), or while offsets are
// counted for an AOF's sake. Otherwise a command costs a master nothing here.

import type { PropagationSink } from '../../dispatch/propagation.ts';
import { ANY_DATABASE } from '../../dispatch/propagation.ts';
import { encodeCommand } from '../../protocol/encode-command.ts';
import type { Backlog } from '../../replication/backlog.ts';
import type { History } from '../../replication/history.ts';

export class StreamFeed implements PropagationSink {
  readonly #history: History;
  readonly #backlog: Backlog;
  /** New bytes are in the backlog: replicas are to be served at the end of this poll. */
  readonly #onBytes: () => void;
  readonly #selects: Buffer[] = [];
  /** The database that the stream is in; ANY_DATABASE: the next command must say it. */
  #dbIndex = ANY_DATABASE;

  constructor(history: History, backlog: Backlog, onBytes: () => void) {
    this.#history = history;
    this.#backlog = backlog;
    this.#onBytes = onBytes;
  }

  /** The database that the stream is in; -1 when the next command will say it. */
  get dbIndex(): number {
    return this.#dbIndex;
  }

  /** Whoever begins to read here knows no database: the next command says it again. */
  forgetDatabase(): void {
    this.#dbIndex = ANY_DATABASE;
  }

  append(dbIndex: number, bytes: Buffer, start: number, end: number, commands: number): void {
    // Without a backlog an offset is a number of commands: an AOF only asks which came first.
    if (!this.#backlog.isOpen) {
      this.#history.feed(commands);
      return;
    }
    if (dbIndex !== this.#dbIndex && dbIndex !== ANY_DATABASE) {
      this.#dbIndex = dbIndex;
      const select = this.#select(dbIndex);
      this.feed(select, 0, select.length);
    }
    this.feed(bytes, start, end);
  }

  /** Bytes of the stream as they are: a master's own, or what belongs to no database (PING). */
  feed(bytes: Buffer, start: number, end: number): void {
    this.#history.feed(end - start);
    this.#backlog.append(bytes, start, end);
    this.#onBytes();
  }

  #select(dbIndex: number): Buffer {
    this.#selects[dbIndex] ??= encodeCommand(['SELECT', dbIndex]);
    return this.#selects[dbIndex];
  }
}
