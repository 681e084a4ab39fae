// A large collection: what a key refers to once its packed form has outgrown the configuration.

import type { Dict } from './dict.ts';

export interface StoredObject {
  /** The table of members or fields, where there is one. */
  readonly memberTable?: Dict;
  /** Bytes held, kept up to date by the structure itself. */
  readonly memoryBytes: number;
  /** Elements: members, fields, entries. */
  readonly length: number;
  /** What the engine last counted for this object. Only the engine writes it. */
  accountedBytes: number;
  /**
   * Releases about `budget` elements of an object that has left the keyspace; true when nothing is
   * left. Called in slices, so that no deletion, however large, stalls the server.
   */
  free(budget: number): boolean;
  /** An equal, independent object. */
  clone(): StoredObject;
}
