// A master that starts again from a file may go on for those who replicated from it: the file says where
// its stream stood. What has expired since was left out of the data, so the stream has to say that it is
// deleted, or replicas would keep it for ever.

import { encodeCommand } from '../../protocol/encode-command.ts';
import type { RdbString } from '../../rdb/rdb-source.ts';
import type { History } from '../../replication/history.ts';
import type { MasterSide } from './master-side.ts';

interface Limit {
  readonly replBacklogSize: number;
}

export class RestoredHistory {
  readonly #limit: Limit;
  #commands: Buffer[] = [];
  #bytes = 0;
  #dbIndex = -1;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  expired(dbIndex: number, key: RdbString): void {
    if (dbIndex !== this.#dbIndex) this.#add(encodeCommand(['SELECT', dbIndex]));
    this.#dbIndex = dbIndex;
    this.#add(encodeCommand(['DEL', key.copy()]));
  }

  /** More than the backlog can hold is only counted: nobody can be served from so far back anyway. */
  #add(command: Buffer): void {
    this.#bytes += command.length;
    if (this.#bytes <= this.#limit.replBacklogSize) this.#commands.push(command);
    else this.#commands = [];
  }

  /** The history stands where the file said, and goes on with the deletions. */
  apply(history: History, master: MasterSide): void {
    const isWhole = this.#bytes <= this.#limit.replBacklogSize;
    if (!isWhole) history.feed(this.#bytes);
    master.openBacklog();
    for (const command of this.#commands) master.feedVerbatim(command, 0, command.length);
    this.#commands = [];
  }
}
