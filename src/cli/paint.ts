// Colours, for people only: never into a file or a pipe, and not where NO_COLOR asks for none.

import type { WriteStream } from 'node:tty';

export interface Paint {
  bold(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

export function paintFor(
  stream: NodeJS.WriteStream | WriteStream,
  variables: NodeJS.ProcessEnv,
): Paint {
  const isColourful = stream.isTTY === true && !variables.NO_COLOR && variables.TERM !== 'dumb';
  const code = (on: number, off: number) => (text: string) =>
    isColourful ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    bold: code(1, 22),
    faint: code(2, 22),
    good: code(32, 39),
    bad: code(31, 39),
    warn: code(33, 39),
  };
}
