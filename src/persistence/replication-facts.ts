// What the append-only file and replication tell each other. A node that starts again from its AOF can go
// on in its history, and resume replication partially, only when it knows which offset of which history
// the data in the file belong to. So the file itself says it: in lines that begin with '#', which every
// loader of Redis 7 skips (docs/persistence.md, "Where the history stands").

/** The history that the data belong to, read live. src/server/replication provides it. */
export interface ReplicationFacts {
  /** 40 hexadecimal digits. */
  readonly id: string;
  /**
   * Bytes of its stream whose effects are in the data and have been handed to propagation. Amid a
   * transaction that a master sends it stays before the MULTI.
   */
  readonly offset: number;
  /** The database that the stream has selected at `offset`; -1 when its next command selects one. */
  readonly streamDb: number;
  /** False while nobody could ever go on from here (no backlog was ever made): nothing is written then. */
  readonly isKept: boolean;
}

/** What a loaded AOF says about its last byte. */
export interface LoadedFacts {
  readonly id: string;
  readonly offset: number;
  readonly streamDb: number;
}

/** What replication asks of the append-only file: WAITAOF, and the acknowledgements of a replica. */
export interface LocalDurability {
  /**
   * Bytes of the history that are on this node's disk: 0 until the first rewrite is complete, -1 while
   * the AOF is off. Whenever it changes, `onDurable` of the AOF's options is called.
   */
  readonly fsyncedOffset: number;
}
