// Which files the append-only file consists of: a base with all data of one moment, what was written after
// it in one or more incremental files, and files that are history and may go. The text is Redis 7's
// (aof.c): a line a file, `file NAME seq NUMBER type b|h|i`, further words in pairs for versions to come.
// A manifest never changes: each step of a rewrite is a new one, and only one that is on disk counts.

import { quoted } from '../util/quoted.ts';
import { splitArguments } from '../util/split-arguments.ts';

export interface AofPart {
  /** latin1; no path. */
  readonly name: string;
  readonly sequence: number;
}

/** Why a manifest cannot be taken. */
export interface ManifestDamage {
  readonly reason: string;
  /** From 1; 0 for an empty file. */
  readonly lineNumber: number;
  readonly line: string;
}

/** Redis reads lines into a buffer of this size, line feed included. */
const LONGEST_LINE = 1024;
const LINE_FEED = 10;

interface Parts {
  readonly base: AofPart | undefined;
  readonly history: readonly AofPart[];
  readonly increments: readonly AofPart[];
  readonly baseSequence: number;
  readonly incrementSequence: number;
}

export class AofManifest implements Parts {
  readonly base: AofPart | undefined;
  /** The latest first. */
  readonly history: readonly AofPart[];
  /** In the order in which they are loaded. */
  readonly increments: readonly AofPart[];
  /** The last numbers given, also to files that are gone. */
  readonly baseSequence: number;
  readonly incrementSequence: number;

  constructor(parts: Parts) {
    this.base = parts.base;
    this.history = parts.history;
    this.increments = parts.increments;
    this.baseSequence = parts.baseSequence;
    this.incrementSequence = parts.incrementSequence;
  }

  /** Nothing that could be loaded. */
  get isEmpty(): boolean {
    return this.base === undefined && this.increments.length === 0;
  }

  /** What is loaded, in order. */
  get parts(): readonly AofPart[] {
    return this.base === undefined ? this.increments : [this.base, ...this.increments];
  }

  text(): string {
    const base = this.base === undefined ? '' : lineOf(this.base, 'b');
    const history = this.history.map((part) => lineOf(part, 'h')).join('');
    return base + history + this.increments.map((part) => lineOf(part, 'i')).join('');
  }

  /** An old file of before Redis 7 becomes the base. */
  upgraded(name: string): AofManifest {
    return new AofManifest({ ...this, base: { name, sequence: 1 }, baseSequence: 1 });
  }

  withIncrement(fileName: string): AofManifest {
    const sequence = this.incrementSequence + 1;
    const part = { name: `${fileName}.${sequence}.incr.aof`, sequence };
    return new AofManifest({
      ...this,
      increments: [...this.increments, part],
      incrementSequence: sequence,
    });
  }

  /** The name that the next base will have. */
  nextBaseName(fileName: string, format: 'rdb' | 'aof'): string {
    return `${fileName}.${this.baseSequence + 1}.base.${format}`;
  }

  /** A new base; it makes the old one and all but the last `kept` incremental files history. */
  withBase(name: string, kept: number): AofManifest {
    const { base, increments } = this;
    const sequence = this.baseSequence + 1;
    const first = Math.max(0, increments.length - kept);
    const passed = [...increments.slice(0, first), ...(base === undefined ? [] : [base])];
    return new AofManifest({
      base: { name, sequence },
      history: [...passed, ...this.history],
      increments: increments.slice(first),
      baseSequence: sequence,
      incrementSequence: this.incrementSequence,
    });
  }

  withoutHistory(): AofManifest {
    return new AofManifest({ ...this, history: [] });
  }
}

export const emptyManifest: AofManifest = new AofManifest({
  base: undefined,
  history: [],
  increments: [],
  baseSequence: 0,
  incrementSequence: 0,
});

function lineOf({ name, sequence }: AofPart, type: string): string {
  return `file ${needsQuotes(name) ? quoted(name) : name} seq ${sequence} type ${type}\n`;
}

function needsQuotes(name: string): boolean {
  // Redis leaves a single quote as it is, and cannot read its own line then.
  return /[^\x21-\x7e]|["'\\]/.test(name);
}

/** Reads the text of a manifest, in the order of Redis's checks and in its words. */
export function parseManifest(bytes: Buffer): AofManifest | ManifestDamage {
  let base: AofPart | undefined;
  const history: AofPart[] = [];
  const increments: AofPart[] = [];
  let lineNumber = 0;
  for (let at = 0; at < bytes.length; ) {
    lineNumber++;
    const rest = bytes.subarray(at, at + LONGEST_LINE);
    const feed = rest.indexOf(LINE_FEED);
    const raw = feed < 0 ? rest : rest.subarray(0, feed + 1);
    at += raw.length;
    if (raw[0] === 0x23) continue;
    const line = raw.toString('latin1').replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    const damage = (reason: string): ManifestDamage => ({ reason, lineNumber, line });
    if (feed < 0) return damage('The AOF manifest file contains too long line');
    const entry = parseLine(line);
    if (typeof entry === 'string') return damage(entry);
    const { type, part } = entry;
    switch (type) {
      case 'b':
        if (base !== undefined) return damage('Found duplicate base file information');
        base = part;
        break;
      case 'h':
        history.push(part);
        break;
      case 'i':
        if (part.sequence <= (increments.at(-1)?.sequence ?? 0)) {
          return damage('Found a non-monotonic sequence number');
        }
        increments.push(part);
        break;
      default:
        return damage('Unknown AOF file type');
    }
  }
  if (lineNumber === 0) return { reason: 'Found an empty AOF manifest', lineNumber, line: '' };
  return new AofManifest({
    base,
    history,
    increments,
    baseSequence: base?.sequence ?? 0,
    incrementSequence: increments.at(-1)?.sequence ?? 0,
  });
}

const INVALID = 'Invalid AOF manifest file format';

function parseLine(line: string): { readonly type: string; readonly part: AofPart } | string {
  if (line === '') return INVALID;
  const words = splitArguments(Buffer.from(line, 'latin1'))?.map((word) => word.toString('latin1'));
  if (words === undefined || words.length < 6 || words.length % 2 === 1) return INVALID;
  let name = '';
  let sequence = 0;
  let type = '';
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1];
    switch (words[i].toLowerCase()) {
      case 'file':
        if (/[/\\]/.test(value)) return "File can't be a path, just a filename";
        name = value;
        break;
      case 'seq':
        sequence = Number.parseInt(value, 10) || 0;
        break;
      case 'type':
        type = value.slice(0, 1);
    }
  }
  if (name === '' || sequence === 0 || type === '') return INVALID;
  return { type, part: { name, sequence } };
}
