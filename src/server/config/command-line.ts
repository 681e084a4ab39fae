// The arguments of redis-server: `[conf] [--option value …] [-]`. Options become lines in the syntax
// of a configuration file, which are read after the file and after standard input, so that the last
// one wins and their errors look like those of a file. Nothing is read or printed here.

import { quoted } from '../../util/quoted.ts';
import { splitArguments } from '../../util/split-arguments.ts';

export type CommandLine =
  | { readonly kind: 'version' | 'help' | 'checkSystem' }
  /** Undefined: not told how much, which is an error. */
  | { readonly kind: 'checkRdb'; readonly path: string }
  | AofCheckLine
  | { readonly kind: 'testMemory'; readonly megabytes: number | undefined }
  | RunCommandLine;

export interface AofCheckLine {
  readonly kind: 'checkAof';
  /** Undefined: the arguments are wrong. */
  readonly path: string | undefined;
  readonly fix: boolean;
  /** NaN: none that is a number. */
  readonly toTimestamp: number | undefined;
}

export interface RunCommandLine {
  readonly kind: 'run';
  /** As typed. */
  readonly configFile: string | undefined;
  readonly readStandardInput: boolean;
  /** Lines of configuration; undefined when there were no arguments at all. */
  readonly options: string | undefined;
  readonly sentinel: boolean;
}

/** `args` without the program; `programName` decides about sentinel mode like the option does. */
export function parseCommandLine(programName: string, args: readonly string[]): CommandLine {
  const sentinel = programName.includes('sentinel') || args.includes('--sentinel');
  if (programName.includes('check-aof')) return aofCheckLine(args);
  switch (args[0]) {
    case undefined:
      return {
        kind: 'run',
        configFile: undefined,
        readStandardInput: false,
        options: undefined,
        sentinel,
      };
    case '-v':
    case '--version':
      return { kind: 'version' };
    case '-h':
    case '--help':
      return { kind: 'help' };
    case '--test-memory':
      return { kind: 'testMemory', megabytes: args.length === 2 ? Number(args[1]) : undefined };
    case '--check-rdb':
      if (args.length === 2) return { kind: 'checkRdb', path: args[1] };
      break;
    case '--check-aof':
      return aofCheckLine(args.slice(1));
    case '--check-system':
      return { kind: 'checkSystem' };
  }
  const configFile = args[0].startsWith('-') ? undefined : args[0];
  const { options, readStandardInput } = optionLines(args, configFile === undefined ? 0 : 1);
  return { kind: 'run', configFile, readStandardInput, options, sentinel };
}

/** `FILE`, `--fix FILE` or `--truncate-to-timestamp SECONDS FILE`. */
function aofCheckLine(args: readonly string[]): AofCheckLine {
  const [word, second, third] = args;
  const none = { kind: 'checkAof', fix: false, toTimestamp: undefined } as const;
  if (args.length === 1) return { ...none, path: word };
  if (args.length === 2 && word === '--fix') return { ...none, path: second, fix: true };
  if (args.length === 3 && word === '--truncate-to-timestamp') {
    const seconds = /^[+-]?\d{1,15}$/.test(second) ? Number(second) : Number.NaN;
    return { ...none, path: third, toTimestamp: seconds };
  }
  return { ...none, path: undefined };
}

/**
 * A word that begins with `--` starts a directive only when the one before has its value: so `--port
 * --bla` is a bad value, not two directives. `--save` and `--sentinel` may stand without one, because
 * scripts that build command lines from empty lists leave them so.
 */
function optionLines(
  args: readonly string[],
  first: number,
): { options: string; readStandardInput: boolean } {
  let options = '';
  let readStandardInput = false;
  let hasValue = true;
  for (let i = first; i < args.length; i++) {
    const arg = latin1(args[i]);
    const isLast = i === args.length - 1;
    if (arg === '-' && (i === 0 || isLast)) {
      readStandardInput = true;
    } else if (hasValue && arg.startsWith('--')) {
      if (options !== '') options += '\n';
      options += `${arg.slice(2)} `;
      const words = splitArguments(Buffer.from(arg, 'latin1'));
      // `--port 6380` may also come as one argument: then it has its value.
      hasValue = words === undefined || words.length !== 1;
      if (hasValue) continue;
      const nextIsOption = !isLast && args[i + 1].startsWith('--');
      const name = arg.toLowerCase();
      if (name === '--save' && (isLast || nextIsOption)) options += '""';
      if (nextIsOption && (name === '--save' || name === '--sentinel')) hasValue = true;
    } else {
      options += `${quoted(arg)} `;
      hasValue = true;
    }
  }
  return { options, readStandardInput };
}

/** Arguments come as UTF-8 text; configuration is bytes. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
