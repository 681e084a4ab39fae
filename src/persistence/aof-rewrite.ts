// A new base for the append-only file: all data of one moment, as an RDB file or as commands, written while
// the node serves (or at once, when it starts). It lies under a name of its own in `dir` until it is
// complete and durable, then under the name that a manifest will give it.

import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../env/clock.ts';
import type { Files } from '../env/files.ts';
import type { Timers } from '../env/timers.ts';
import { type SaveOptions, saveAll } from '../rdb/rdb-save.ts';
import { AofBaseEncoder } from './aof-base.ts';
import type { AofOptions } from './aof-options.ts';
import type { AofParts } from './aof-parts.ts';
import { RdbFile, type RdbFileOptions, reasonOf, writeRdbFileNow } from './rdb-file.ts';
import { type SnapshotReceiver, SnapshotRunner } from './snapshot-runner.ts';

interface AofBaseOptions {
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

const AOF_BASE: readonly [string, string] = ['aof-base', '1'];

/** What a base of the data of this moment is to be. */
export function baseOptionsOf(
  options: AofOptions,
  parts: AofParts,
  temporaryName: string,
): AofBaseOptions {
  const { settings, clock, timers, engine, saveOptions } = options;
  const { folder } = parts;
  const format = settings.aofUseRdbPreamble ? 'rdb' : 'aof';
  const save = saveOptions();
  return {
    files: folder.files,
    clock,
    timers,
    engine,
    path: folder.path(parts.nextBaseName(format)),
    temporaryPath: folder.outside(temporaryName),
    format,
    incrementalSync: settings.aofRewriteIncrementalFsync,
    save: { ...save, aux: save.aux.map((fact) => (fact[0] === AOF_BASE[0] ? AOF_BASE : fact)) },
    timestamp: settings.aofTimestampEnabled ? Math.floor(clock.wallMs() / 1000) : undefined,
    keyDelayUs: () => settings.rdbKeySaveDelay,
  };
}

/** Writes a base before it returns; its name, or undefined with the reason in the log. */
export function writeFirstBase(options: AofOptions, parts: AofParts): string | undefined {
  const { log, pid } = options;
  const base = baseOptionsOf(options, parts, `temp-rewriteaof-${pid}.aof`);
  const { engine, format, timestamp, save } = base;
  try {
    writeRdbFileNow(fileOptions(base), (emit) => {
      if (format === 'rdb') saveAll(engine, save, emit);
      else {
        const encoder = new AofBaseEncoder(timestamp);
        saveAll(engine, save, (chunk) => emit(encoder.encode(chunk)));
      }
    });
  } catch (error) {
    log.warning(`Write error writing append only file on disk: ${reasonOf(error)}`);
    return undefined;
  }
  const name = parts.folder.files.nameOf(base.path);
  log.notice(`Creating AOF base file ${name} on server start`);
  return name;
}
