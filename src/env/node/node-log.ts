// The log on a real process. Every line is one synchronous write: a line must be there when the
// process dies in the next instruction, and other processes append to the same file. A log file is
// opened for every line, so that it may be moved away (logrotate) without telling the process.

import { closeSync, openSync, writeSync } from 'node:fs';
import { LeveledLog } from '../leveled-log.ts';
import { type LogLevel, logLineHead } from '../log.ts';

const STDOUT = 1;

export class NodeLog extends LeveledLog {
  override raw(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    // A log that cannot be written (disk full, closed pipe) must not take the data down with it;
    // there is nobody left to tell.
    try {
      if (this.file === '') {
        writeFully(STDOUT, bytes);
        return;
      }
      const descriptor = openSync(this.file, 'a', 0o644);
      try {
        writeFully(descriptor, bytes);
      } finally {
        closeSync(descriptor);
      }
    } catch {}
  }

  protected override write(level: LogLevel, text: string): void {
    const now = Date.now();
    const offset = -new Date(now).getTimezoneOffset();
    this.raw(`${logLineHead(process.pid, this.role, now, offset, level)}${text}\n`);
  }
}

/** Standard output may be a pipe in non-blocking mode, which answers EAGAIN when it is full. */
function writeFully(descriptor: number, bytes: Buffer): void {
  let written = 0;
  let refusals = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const busy = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      // A reader that never reads must not hang the server: after some tries the line is lost.
      if (!busy || ++refusals > 1000) throw error;
    }
  }
}
