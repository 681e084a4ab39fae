// A new base for the append-only file: all data of one moment, as an RDB file or as commands, written while
// the node serves (or at once, when it starts). It lies under a name of its own in `dir` until it is
// complete and durable, then under the name that a manifest will give it.

import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../env/clock.ts';
import type { Files } from '../env/files.ts';
import type { Timers } from '../env/timers.ts';
import { type SaveOptions, saveAll } from '../rdb/rdb-save.ts';
import { AofBaseEncoder } from './aof-base.ts';
import { RdbFile, type RdbFileOptions, writeRdbFileNow } from './rdb-file.ts';
import { type SnapshotReceiver, SnapshotRunner } from './snapshot-runner.ts';

export interface AofBaseOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly engine: Engine;
  /** Where the base shall be, and until then. */
  readonly path: string;
  readonly temporaryPath: string;
  readonly format: 'rdb' | 'aof';
  readonly incrementalSync: boolean;
  readonly save: SaveOptions;
  /** The time for the first line of a base of commands, in seconds; undefined: none. */
  readonly timestamp: number | undefined;
  /** Microseconds to wait for each key (rdb-key-save-delay), read live. */
  keyDelayUs(): number;
}

/** Turns the stream into commands on its way to the file. */
class CommandsFile implements SnapshotReceiver {
  readonly #file: RdbFile;
  readonly #encoder: AofBaseEncoder;

  constructor(file: RdbFile, timestamp: number | undefined) {
    this.#file = file;
    this.#encoder = new AofBaseEncoder(timestamp);
  }

  get queuedBytes(): number {
    return this.#file.queuedBytes;
  }

  get failure(): string | undefined {
    return this.#file.failure;
  }

  write(chunk: Buffer): void {
    this.#file.write(this.#encoder.encode(chunk));
  }

  end(): void {
    this.#file.end();
  }

  cancel(): void {
    this.#file.cancel();
  }
}

function fileOptions(options: AofBaseOptions): RdbFileOptions {
  const { files, path, temporaryPath, incrementalSync } = options;
  return { files, path, temporaryPath, incrementalSync };
}

/** Begins to write; `done` is called once unless it is cancelled. Throws a FileError when it cannot begin. */
export function writeBaseInBackground(
  options: AofBaseOptions,
  done: (failure: string | undefined) => void,
): SnapshotRunner {
  const { clock, timers, engine, format, timestamp, save, keyDelayUs } = options;
  const file = new RdbFile(fileOptions(options), done);
  const receiver = format === 'rdb' ? file : new CommandsFile(file, timestamp);
  // Files check the checksum; nobody would see the one of a stream that becomes commands.
  const checksum = save.checksum && format === 'rdb';
  return new SnapshotRunner(
    { clock, timers, engine, keyDelayUs },
    [receiver],
    { ...save, checksum },
    () => {},
  );
}

/** Writes everything before it returns. Throws a FileError. */
export function writeBaseNow(options: AofBaseOptions): void {
  const { engine, format, timestamp, save } = options;
  writeRdbFileNow(fileOptions(options), (emit) => {
    if (format === 'rdb') saveAll(engine, save, emit);
    else {
      const encoder = new AofBaseEncoder(timestamp);
      saveAll(engine, save, (chunk) => emit(encoder.encode(chunk)));
    }
  });
}
