// An engine for tests: seeded, with the default configuration and a clock that stands still.

import { KeyedHash } from '../util/hash.ts';
import { Engine } from './engine.ts';
import type { EngineSettings } from './settings.ts';

export function testSettings(changes: Partial<EngineSettings> = {}): EngineSettings {
  return {
    hashMaxListpackEntries: 128,
    hashMaxListpackValue: 64,
    setMaxIntsetEntries: 512,
    setMaxListpackEntries: 128,
    setMaxListpackValue: 64,
    zsetMaxListpackEntries: 128,
    zsetMaxListpackValue: 64,
    listMaxListpackSize: -2,
    listCompressDepth: 0,
    streamNodeMaxBytes: 4096,
    streamNodeMaxEntries: 100,
    hllSparseMaxBytes: 3000,
    lfuLogFactor: 10,
    lfuDecayTime: 1,
    maxmemoryPolicy: 'noeviction',
    maxmemorySamples: 5,
    ...changes,
  };
}

export function testEngine(seed = 1, changes: Partial<EngineSettings> = {}): Engine {
  let state = seed | 0 || 1;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const engine = new Engine({
    settings: testSettings(changes),
    databases: 16,
    hash: new KeyedHash(seed, ~seed),
    random,
  });
  engine.tick(1_700_000_000_000);
  return engine;
}
