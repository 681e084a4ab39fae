// The directives that the engine and the data structures read, live: CONFIG SET only assigns.

export interface EngineSettings {
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
  setMaxIntsetEntries: number;
  setMaxListpackEntries: number;
  setMaxListpackValue: number;
  zsetMaxListpackEntries: number;
  zsetMaxListpackValue: number;
  listMaxListpackSize: number;
  listCompressDepth: number;
  /** Bytes of an element that gets a node of its own; only DEBUG QUICKLIST-PACKED-THRESHOLD sets it. */
  listPackedThreshold?: number;
  streamNodeMaxBytes: number;
  streamNodeMaxEntries: number;
  hllSparseMaxBytes: number;
  /** Logarithm factor of the LFU counter. */
  lfuLogFactor: number;
  /** Minutes after which an LFU counter loses one. */
  lfuDecayTime: number;
  /** One of the eight policies, by its name in the configuration. */
  maxmemoryPolicy: string;
  maxmemorySamples: number;
}
