// Reads configuration: redis.conf syntax from a file, standard input and the command line, in this
// order, as one text; later lines win. Text is latin1, so values are binary safe. A failure is a
// value that carries what redis-server prints before it exits with 1; the program prints it.
//
// Names that only files know (include, user, rename-command, loadmodule, sentinel) are handled here.
// Whether a user's rules or a renamed command exist is the caller's knowledge, given as functions,
// so that their errors too name the line.

import type { Files } from '../../env/files.ts';
import { systemErrorText } from '../../env/system-error.ts';
import { globMatches } from '../../util/glob.ts';
import { splitArguments } from '../../util/split-arguments.ts';
import { REDIS_VERSION } from '../../util/version.ts';
import type { SetContext } from './directive.ts';
import { findDirective } from './directives.ts';
import { Settings } from './settings.ts';

export interface LoadSources {
  readonly files: Pick<Files, 'resolve' | 'folderOf' | 'readWhole' | 'list' | 'stat' | 'open'>;
  /** Where relative paths start until a `dir` line moves it. */
  readonly workingFolder: string;
  readonly configFile?: string | undefined;
  /** What standard input held; undefined when it is not to be read. */
  readonly standardInput?: string | undefined;
  /** Lines made of command line options; see command-line.ts. */
  readonly options?: string | undefined;
  readonly sentinel?: boolean;
  /** Takes a `user` line's words after the name of the directive; the error text, or undefined. */
  readonly declareUser?: (words: readonly string[]) => string | undefined;
  /** Renames a command, or removes it when `to` is empty; the error text, or undefined. */
  readonly renameCommand?: (from: string, to: string) => string | undefined;
}

export interface LogMessage {
  readonly level: 'notice' | 'warning';
  readonly text: string;
}

/** A line of a sentinel's own directives, to be read by the sentinel. */
export interface SentinelLine {
  readonly words: readonly string[];
  readonly line: number;
  readonly text: string;
}

export interface Configuration {
  readonly settings: Settings;
  /** Absolute; CONFIG REWRITE writes it. */
  readonly configFile: string | undefined;
  readonly users: readonly (readonly string[])[];
  readonly renames: readonly (readonly [from: string, to: string])[];
  readonly modules: readonly (readonly string[])[];
  readonly sentinelLines: readonly SentinelLine[];
  /** To be logged once the log is open. */
  readonly messages: readonly LogMessage[];
}

/** Why a configuration cannot be used. */
export type ConfigurationFailure =
  /** Whole text for standard error. */
  | { readonly kind: 'stderr'; readonly text: string }
  /** A warning for the log. */
  | { readonly kind: 'log'; readonly text: string };

/** A configuration that says nothing: all defaults. */
export function defaultConfiguration(workingFolder: string): Configuration {
  const settings = new Settings();
  settings.dir = workingFolder;
  return {
    settings,
    configFile: undefined,
    users: [],
    renames: [],
    modules: [],
    sentinelLines: [],
    messages: [],
  };
}

export function loadConfiguration(
  sources: LoadSources,
): { readonly configuration: Configuration } | { readonly failure: ConfigurationFailure } {
  const loader = new Loader(sources);
  try {
    loader.load();
  } catch (error) {
    if (error instanceof Refusal) return { failure: error.failure };
    throw error;
  }
  return { configuration: loader.configuration() };
}

/** Leaves nested includes at once; never escapes this file. */
class Refusal extends Error {
  readonly failure: ConfigurationFailure;

  constructor(failure: ConfigurationFailure) {
    super(failure.text);
    this.failure = failure;
  }
}

const SENTINEL_PORT = 26379;

/** Deeper than any sensible tree of includes; a file that includes itself ends here. */
const MAX_INCLUDE_DEPTH = 32;

/** Directives that older versions had: accepted with one value and without effect. */
const FORGOTTEN = new Set([
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
]);

class Loader {
  readonly #sources: LoadSources;
  readonly #settings = new Settings();
  readonly #users: (readonly string[])[] = [];
  readonly #renames: (readonly [string, string])[] = [];
  readonly #modules: (readonly string[])[] = [];
  readonly #sentinelLines: SentinelLine[] = [];
  readonly #messages: LogMessage[] = [];
  readonly #context: SetContext;
  #configFile: string | undefined;

  constructor(sources: LoadSources) {
    this.#sources = sources;
    this.#settings.dir = sources.workingFolder;
    if (sources.sentinel === true) {
      // A sentinel must be reachable: clients and other sentinels are elsewhere.
      this.#settings.port = SENTINEL_PORT;
      this.#settings.protectedMode = false;
    }
    this.#context = {
      fromFile: true,
      saveSeen: false,
      enterDirectory: (path) => enterDirectory(sources.files, this.#settings.dir, path),
      warn: (text) => this.#messages.push({ level: 'warning', text }),
    };
  }

  configuration(): Configuration {
    return {
      settings: this.#settings,
      configFile: this.#configFile,
      users: this.#users,
      renames: this.#renames,
      modules: this.#modules,
      sentinelLines: this.#sentinelLines,
      messages: this.#messages,
    };
  }

  load(): void {
    const { configFile, standardInput, options, files, workingFolder } = this.#sources;
    let text = '';
    if (configFile !== undefined) {
      this.#configFile = files.resolve(workingFolder, configFile);
      text += this.#readFile(this.#configFile);
    }
    if (standardInput !== undefined) {
      this.#messages.push({ level: 'notice', text: 'Reading config from stdin' });
      text += standardInput;
    }
    if (options !== undefined) text += `\n${options}`;
    if (configFile === undefined && standardInput === undefined && options === undefined) return;
    this.#readText(text, 0);
  }

  #readFile(path: string): string {
    try {
      return this.#sources.files.readWhole(path).toString('latin1');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Refusal({
        kind: 'log',
        text: `Fatal error, can't open config file '${path}': ${reason}`,
      });
    }
  }

  #readText(text: string, depth: number): void {
    const lines = text.split('\n').map((line) => line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i];
      if (line === '' || line.startsWith('#')) continue;
      const words = splitLine(line);
      const error =
        words === undefined
          ? 'Unbalanced quotes in configuration line'
          : words.length > 0
            ? this.#readLine(words, line, i + 1, depth)
            : undefined;
      if (error !== undefined) throw fatal(error, i + 1, line);
    }
    this.#checkWhole();
  }

  /** The error text, or undefined. */
  #readLine(
    words: readonly string[],
    text: string,
    line: number,
    depth: number,
  ): string | undefined {
    const name = words[0].toLowerCase();
    const directive = findDirective(name);
    if (directive === undefined) return this.#readFileOnly(name, words, text, line, depth);
    let args: readonly string[] = words.slice(1);
    if (directive.multipleArguments !== true) {
      if (args.length !== 1) return 'wrong number of arguments';
    } else if (args.length === 1 && args[0] !== '') {
      // "a b c" in one pair of quotes is as good as three words.
      const inner = splitLine(args[0]);
      if (inner === undefined) return 'Unbalanced quotes in configuration line';
      args = inner;
    }
    const outcome = directive.set(this.#settings, args, this.#context);
    return typeof outcome === 'object' ? outcome.error : undefined;
  }

  #readFileOnly(
    name: string,
    words: readonly string[],
    text: string,
    line: number,
    depth: number,
  ): string | undefined {
    if (FORGOTTEN.has(name) && words.length === 2) return undefined;
    if (name === 'include' && words.length === 2) return this.#include(words[1], depth + 1);
    if (name === 'rename-command' && words.length === 3) {
      this.#renames.push([words[1], words[2]]);
      return this.#sources.renameCommand?.(words[1], words[2]);
    }
    if (name === 'user' && words.length >= 2) {
      this.#users.push(words.slice(1));
      return this.#sources.declareUser?.(words.slice(1));
    }
    if (name === 'loadmodule' && words.length >= 2) {
      this.#modules.push(words.slice(1));
      return undefined;
    }
    if (name.includes('.')) {
      return words.length < 2 ? 'Module config specified without value' : 'No such module loaded';
    }
    if (name === 'sentinel') {
      if (words.length === 1) return undefined;
      if (this.#sources.sentinel !== true) return 'sentinel directive while not in sentinel mode';
      this.#sentinelLines.push({ words: words.slice(1), line, text });
      return undefined;
    }
    return 'Bad directive or wrong number of arguments';
  }

  #include(pattern: string, depth: number): string | undefined {
    if (depth > MAX_INCLUDE_DEPTH) return 'Too many nested include directives';
    const { files } = this.#sources;
    // An empty conf.d is no error, a missing file without wildcards is.
    const paths = /[*?[]/.test(pattern)
      ? expandPattern(files, this.#settings.dir, pattern)
      : [files.resolve(this.#settings.dir, pattern)];
    const texts = paths.map((path) => this.#readFile(path).replace(/[^\n]$/, '$&\n'));
    this.#readText(texts.join(''), depth);
    return undefined;
  }

  /** Rules that concern several directives, and the log file: it cannot be complained about later. */
  #checkWhole(): void {
    const settings = this.#settings;
    if (settings.logfile !== '') {
      const { files } = this.#sources;
      try {
        files.open(files.resolve(settings.dir, settings.logfile), 'append').close();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw fatal(`Can't open the log file: ${reason}`);
      }
    }
    settings.hz = clampHz(settings.hz);
  }
}

/** What is out of range is a wish that is met as far as possible. */
export function clampHz(hz: number): number {
  return Math.min(500, Math.max(1, hz));
}

/** The folder as an absolute path when it can be entered. */
export function enterDirectory(
  files: Pick<Files, 'resolve' | 'stat'>,
  base: string,
  path: string,
): { readonly path: string } | { readonly error: string } {
  if (path === '') return { error: systemErrorText('ENOENT') };
  const absolute = files.resolve(base, path);
  try {
    const facts = files.stat(absolute);
    if (facts === undefined) return { error: systemErrorText('ENOENT') };
    return facts.isFolder ? { path: absolute } : { error: systemErrorText('ENOTDIR') };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** A line's words as latin1; undefined when quotes are unbalanced. */
export function splitLine(line: string): string[] | undefined {
  return splitArguments(Buffer.from(line, 'latin1'))?.map((word) => word.toString('latin1'));
}

function fatal(reason: string, line?: number, text?: string): Refusal {
  const where =
    line === undefined
      ? ''
      : `Reading the configuration file, at line ${line}\n>>> '${text ?? ''}'\n`;
  return new Refusal({
    kind: 'stderr',
    text: `\n*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\n${where}${reason}\n`,
  });
}

/** Paths that match a shell pattern, sorted; wildcards do not match a leading dot. */
function expandPattern(files: LoadSources['files'], base: string, pattern: string): string[] {
  const absolute = pattern.startsWith('/') ? pattern : `${base}/${pattern}`;
  let found = ['/'];
  for (const segment of absolute.split('/').filter((part) => part !== '')) {
    const next: string[] = [];
    for (const folder of found) {
      if (!/[*?[]/.test(segment)) {
        const path = files.resolve(folder, segment);
        if (files.stat(path) !== undefined) next.push(path);
        continue;
      }
      const wanted = Buffer.from(segment.replaceAll('[!', '[^'), 'latin1');
      if (files.stat(folder)?.isFolder !== true) continue;
      for (const name of files.list(folder)) {
        if (name.startsWith('.') && !segment.startsWith('.')) continue;
        if (globMatches(wanted, Buffer.from(name, 'utf8'))) next.push(files.resolve(folder, name));
      }
    }
    found = next;
  }
  return found;
}
