// `--check-aof [--fix | --truncate-to-timestamp SECONDS] FILE`: reads the files of an append-only file without
// running anything, says how far they are in order, and cuts off what is not if it is told to. FILE is a
// manifest, or one file with or without an RDB preamble. The lines are redis-check-aof's: scripts read them.

import type { Clock } from '../env/clock.ts';
import { FileError, type FileHandle, type Files } from '../env/files.ts';
import { manifestErrorLines } from '../persistence/aof-folder.ts';
import { type AofPart, parseManifest } from '../persistence/aof-manifest.ts';
import { AofReader, Found } from '../persistence/aof-reader.ts';
import { checkRdbFile } from './check-rdb.ts';

export interface AofCheckOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly path: string;
  readonly fix: boolean;
  /** Seconds since 1970: what was written later is cut off. */
  readonly toTimestamp: number | undefined;
  print(text: string): void;
  /** Whether the person at the terminal says yes. */
  confirm(): boolean;
}

const CHUNK_BYTES = 1 << 20;
const TIMESTAMP = /^TS:(\d{1,15})$/;

/** Ends the check; what there is to say has been printed. */
class CheckFailed extends Error {}

/** How far a file is in order. */
interface Findings {
  okUpTo: number;
  lines: number;
  /** Where a record later than the timestamp begins. */
  laterFrom: number | undefined;
}

/** The exit code: 0 when all is in order or has been put in order. */
export function checkAof(options: AofCheckOptions): 0 | 1 {
  try {
    new AofCheck(options).run();
    return 0;
  } catch (error) {
    if (error instanceof FileError) {
      options.print(`Cannot open file ${error.path}: ${error.message}, aborting...\n`);
    } else if (!(error instanceof CheckFailed)) throw error;
    return 1;
  }
}

class AofCheck {
  readonly #options: AofCheckOptions;
  /** Lines of all files before this one. */
  #linesBefore = 1;

  constructor(options: AofCheckOptions) {
    this.#options = options;
  }

  #say(text: string): void {
    this.#options.print(`${text}\n`);
  }

  #fail(text: string): never {
    this.#say(text);
    throw new CheckFailed();
  }

  run(): void {
    const { files, path } = this.#options;
    const bytes = this.#head(path);
    if (!looksLikeManifest(bytes)) {
      this.#say('Start checking Old-Style AOF');
      this.#single(path, path, true, 'AOF');
      return;
    }
    this.#say('Start checking Multi Part AOF');
    const manifest = parseManifest(files.readWhole(path));
    if (!('parts' in manifest)) {
      for (const line of manifestErrorLines(manifest)) this.#say(line);
      throw new CheckFailed();
    }
    const { base, increments, parts } = manifest;
    const folder = files.folderOf(path);
    const check = (part: AofPart, kind: string): void =>
      this.#single(part.name, files.resolve(folder, part.name), part === parts.at(-1), kind);
    if (base !== undefined) {
      const isRdb = this.#isRdb(files.resolve(folder, base.name));
      this.#say(`Start to check BASE AOF (${isRdb ? 'RDB' : 'RESP'} format).`);
      check(base, 'BASE AOF');
    }
    if (increments.length > 0) this.#say('Start to check INCR files.');
    for (const part of increments) check(part, 'INCR AOF');
    this.#say('All AOF files and manifest are valid');
  }

  /** The first bytes of a file: manifests are small, other files need not be read twice. */
  #head(path: string): Buffer {
    const handle = this.#options.files.open(path, 'read');
    const head = Buffer.alloc(CHUNK_BYTES);
    try {
      return head.subarray(0, handle.readNow(head));
    } finally {
      handle.close();
    }
  }

  #isRdb(path: string): boolean {
    return this.#head(path).toString('latin1', 0, 5) === 'REDIS';
  }

  #single(name: string, path: string, isLast: boolean, kind: string): void {
    const { files, toTimestamp } = this.#options;
    const start = this.#preamble(path);
    const handle = files.open(path, 'update');
    try {
      const size = handle.sizeNow();
      if (size === 0) {
        this.#say(`${kind} ${name} is empty`);
        return;
      }
      const findings = this.#read(handle, name, start);
      this.#linesBefore += findings.lines;
      if (findings.laterFrom !== undefined) {
        this.#cutLater(handle, path, findings.laterFrom, isLast);
        this.#say(`Successfully truncated AOF ${name} to timestamp ${toTimestamp}`);
      } else if (this.#judge(handle, name, size, findings, isLast)) {
        this.#say(`Successfully truncated AOF ${name}`);
      } else this.#say(`${kind} ${name} is valid`);
    } finally {
      handle.close();
    }
  }

  /** Checks the RDB that a file begins with; where it ends. */
  #preamble(path: string): number {
    if (!this.#isRdb(path)) return 0;
    const { files, clock } = this.#options;
    const report = checkRdbFile(files, clock, path);
    for (const line of report.lines) this.#say(line);
    if (!report.isGood) this.#fail('RDB preamble of AOF file is not sane, aborting.');
    this.#say('RDB preamble is OK, proceeding with AOF tail...');
    return report.endOffset;
  }

  #read(handle: FileHandle, name: string, start: number): Findings {
    const reader = new AofReader(start);
    const findings: Findings = { okUpTo: start, lines: 0, laterFrom: undefined };
    let position = start;
    let isOpen = false;
    for (;;) {
      const before = reader.position;
      const found = reader.next();
      findings.lines = reader.lines;
      if (found === Found.more) {
        const count = handle.readNow(reader.space().subarray(0, CHUNK_BYTES), position);
        if (count === 0) break;
        position += count;
        reader.filled(count);
        continue;
      }
      if (found === Found.damage) {
        this.#sayAt(reader.understood, reader.reason);
        this.#say(`AOF ${name} format error`);
        return findings;
      }
      if (found === Found.annotation) {
        if (this.#isLater(reader.annotation)) {
          findings.laterFrom = before;
          return findings;
        }
      } else {
        const isMulti = reader.command.isNamed('MULTI');
        const isExec = reader.command.isNamed('EXEC');
        if ((isMulti && isOpen) || (isExec && !isOpen)) {
          this.#sayAt(before, `Unexpected ${isMulti ? 'MULTI' : 'EXEC'} in AOF ${name}`);
          return findings;
        }
        if (isMulti || isExec) isOpen = isMulti;
      }
      if (!isOpen) findings.okUpTo = reader.position;
    }
    if (reader.pendingBytes > 0) this.#sayAt(reader.position, 'Unexpected end of file');
    else if (isOpen) this.#sayAt(position, 'Reached EOF before reading EXEC for MULTI');
    return findings;
  }

  #sayAt(position: number, text: string): void {
    this.#say(`0x${position.toString(16).padStart(16)}: ${text}`);
  }

  #isLater(annotation: string): boolean {
    const { toTimestamp } = this.#options;
    if (toTimestamp === undefined || !annotation.startsWith('TS:')) return false;
    const time = TIMESTAMP.exec(annotation);
    if (time === null) this.#fail('Invalid timestamp annotation');
    return Number(time[1]) > toTimestamp;
  }

  #cutLater(handle: FileHandle, path: string, from: number, isLast: boolean): void {
    const { toTimestamp } = this.#options;
    if (from === 0) {
      this.#fail(`AOF ${path} has nothing before timestamp ${toTimestamp}, aborting...`);
    }
    if (!isLast) {
      this.#say(
        `Failed to truncate AOF ${path} to timestamp ${toTimestamp} to offset ${from} because it is not the last file.`,
      );
      this.#fail(
        'If you insist, please delete all files after this file according to the manifest file and delete the corresponding records in manifest file manually. Then re-run redis-check-aof.',
      );
    }
    handle.truncateNow(from);
    handle.syncNow();
  }

  /** True when the end was cut off; fails when it must be and may not. */
  #judge(
    handle: FileHandle,
    name: string,
    size: number,
    { okUpTo }: Findings,
    isLast: boolean,
  ): boolean {
    const { fix, toTimestamp, confirm, print } = this.#options;
    const diff = size - okUpTo;
    if (diff === 0 && toTimestamp !== undefined) {
      this.#say(`Truncate nothing in AOF ${name} to timestamp ${toTimestamp}`);
      return false;
    }
    this.#say(
      `AOF analyzed: filename=${name}, size=${size}, ok_up_to=${okUpTo}, ok_up_to_line=${this.#linesBefore}, diff=${diff}`,
    );
    if (diff === 0) return false;
    if (!fix) this.#fail(`AOF ${name} is not valid. Use the --fix option to try fixing it.`);
    if (!isLast) this.#fail(`Failed to truncate AOF ${name} because it is not the last file`);
    this.#say(
      `This will shrink the AOF ${name} from ${size} bytes, with ${diff} bytes, to ${okUpTo} bytes`,
    );
    print('Continue? [y/N]: ');
    if (!confirm()) this.#fail('Aborting...');
    handle.truncateNow(okUpTo);
    handle.syncNow();
    return true;
  }
}

/** As redis-check-aof tells: some line that is no comment begins with `file`. */
function looksLikeManifest(head: Buffer): boolean {
  return head
    .toString('latin1')
    .split('\n')
    .some((line) => line.startsWith('file'));
}
