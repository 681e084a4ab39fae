// Programs started as child processes. Node closes every other descriptor on exec by itself.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import type { ChildProcess, ProcessEnd, Processes } from '../processes.ts';

/** Errors that mean: this file is no program. Anything else is the system's lack of something. */
const NO_PROGRAM: ReadonlySet<string> = new Set([
  'ENOENT',
  'EACCES',
  'ENOEXEC',
  'ENOTDIR',
  'EPERM',
  'ELOOP',
]);

export class NodeProcesses implements Processes {
  start(
    path: string,
    args: readonly string[],
    folder: string,
    onEnd: (end: ProcessEnd) => void,
  ): ChildProcess {
    const child = spawn(resolve(folder, path), args, {
      argv0: path,
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    let isOver = false;
    const end = (exitCode: number, signal: number, hasFailedToStart: boolean): void => {
      if (isOver) return;
      isOver = true;
      onEnd({ exitCode, signal, hasFailedToStart });
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) end(2, 0, !NO_PROGRAM.has(error.code ?? ''));
    });
    child.once('exit', (code, signal) => {
      end(code ?? 0, signal === null ? 0 : constants.signals[signal], false);
    });
    return { pid: child.pid ?? 0, kill: () => void child.kill('SIGKILL') };
  }
}
