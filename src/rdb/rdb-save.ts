// All data as an RDB stream at once: for SAVE, DEBUG RELOAD and the last save of a node that ends, where
// nobody is served meanwhile. Saving while serving is rdb-snapshot.ts.

import type { Engine } from '../engine/engine.ts';
import { RdbOutput } from './rdb-output.ts';
import { clockOf, RdbWriter } from './rdb-writer.ts';

export interface SaveOptions {
  readonly version: number;
  /** LZF (rdbcompression). */
  readonly compress: boolean;
  /** CRC-64 (rdbchecksum). */
  readonly checksum: boolean;
  /** Facts about the file, in order. */
  readonly aux: readonly (readonly [name: string, value: string])[];
}

/** A writer for the engine's data whose chunks go to `emit`; header and facts are written. */
export function beginFile(
  engine: Engine,
  options: SaveOptions,
  emit: (chunk: Buffer) => void,
): RdbWriter {
  const { compress, checksum, version } = options;
  const clock = clockOf(engine.settings.maxmemoryPolicy);
  const out = new RdbOutput({ compress, checksum, emit });
  const writer = new RdbWriter(out, { version, clock, access: engine.access });
  writer.header();
  for (const [name, value] of options.aux) writer.aux(name, value);
  return writer;
}

/** Writes everything, chunk by chunk; an exception of `emit` ends it. Returns the number of keys. */
export function saveAll(
  engine: Engine,
  options: SaveOptions,
  emit: (chunk: Buffer) => void,
): number {
  const writer = beginFile(engine, options, emit);
  let keys = 0;
  for (const db of engine.databases) {
    if (db.keyCount === 0) continue;
    writer.selectDb(db.index);
    writer.resize(db.keyCount, db.expiryCount);
    db.table.forEach((ref) => {
      keys++;
      writer.record(db.table.records, ref);
    });
  }
  writer.end();
  return keys;
}

/** The whole file in memory. */
export function saveWhole(engine: Engine, options: SaveOptions): Buffer {
  const chunks: Buffer[] = [];
  saveAll(engine, options, (chunk) => chunks.push(chunk));
  return Buffer.concat(chunks);
}
