// The kinds of directives that share a syntax: yes/no, numbers in a range, sizes in memory, words
// from a list, free strings. Each function makes one row of the tables in directives-*.ts. The error
// texts are Redis's: clients and its test suite match on them. Directives with a syntax of their own
// are in directive-specials.ts.

import { quoted } from '../../util/quoted.ts';
import {
  DEFAULTS,
  type Directive,
  type FieldOf,
  type RewriteLine,
  type SetOutcome,
  type Traits,
} from './directive.ts';
import type { Settings } from './settings.ts';

/** Traits of one row; without `accepted` the directive is obeyed. */
export interface RowTraits extends Omit<Traits, 'effect'> {
  readonly accepted?: string;
}

/** A number that may lie beyond 2^53: bounds are printed in error texts to the last digit. */
export type Bound = number | bigint;

export const INT_MAX = 2147483647;
export const UINT_MAX = 4294967295;
export const LONG_MAX: bigint = 2n ** 63n - 1n;
export const ULONG_MAX: bigint = 2n ** 64n - 1n;

export function traitsOf(row: RowTraits): Traits {
  const { accepted, ...traits } = row;
  return { ...traits, effect: accepted === undefined ? 'obeyed' : { accepted } };
}

function assign<F extends keyof Settings>(
  settings: Settings,
  field: F,
  value: Settings[F],
): SetOutcome {
  if (settings[field] === value) return 'unchanged';
  settings[field] = value;
  return 'changed';
}

export function backupField<F extends keyof Settings>(settings: Settings, field: F): () => void {
  const value = settings[field];
  return () => {
    settings[field] = value;
  };
}

export function bool(name: string, field: FieldOf<boolean>, row: BoolRow = {}): Directive {
  return {
    ...traitsOf(row),
    name,
    field,
    set(settings, args) {
      const word = (args[0] ?? '').toLowerCase();
      if (word !== 'yes' && word !== 'no') return { error: "argument must be 'yes' or 'no'" };
      const error = row.check?.(word === 'yes');
      return error === undefined ? assign(settings, field, word === 'yes') : { error };
    },
    get: (settings) => (settings[field] ? 'yes' : 'no'),
    rewrite: (settings) => [
      {
        text: `${name} ${settings[field] ? 'yes' : 'no'}`,
        force: settings[field] !== DEFAULTS[field],
      },
    ],
    backup: (settings) => backupField(settings, field),
  };
}

interface BoolRow extends RowTraits {
  readonly check?: (value: boolean) => string | undefined;
}

type NumberSyntax = 'integer' | 'memory' | 'percent or memory' | 'octal';

/** An integer of `low` to `high`. */
export function integer(
  name: string,
  field: FieldOf<number>,
  low: Bound,
  high: Bound,
  row: NumberRow = {},
): Directive {
  return numeric('integer', name, field, low, high, row);
}

/** A size in bytes: digits and an optional unit (k, kb, m, mb, g, gb). */
export function memory(
  name: string,
  field: FieldOf<number>,
  low: Bound,
  high: Bound,
  row: NumberRow = {},
): Directive {
  return numeric('memory', name, field, low, high, row);
}

/** A size in bytes, or a percentage, which the field holds as a negative number. */
export function percentOrMemory(
  name: string,
  field: FieldOf<number>,
  low: Bound,
  high: Bound,
  row: NumberRow = {},
): Directive {
  return numeric('percent or memory', name, field, low, high, row);
}

export function octal(
  name: string,
  field: FieldOf<number>,
  low: Bound,
  high: Bound,
  row: NumberRow = {},
): Directive {
  return numeric('octal', name, field, low, high, row);
}

interface NumberRow extends RowTraits {
  readonly check?: (value: bigint) => string | undefined;
}

function numeric(
  syntax: NumberSyntax,
  name: string,
  field: FieldOf<number>,
  low: Bound,
  high: Bound,
  row: NumberRow,
): Directive {
  return {
    ...traitsOf(row),
    name,
    field,
    set(settings, args) {
      const value = parseNumber(syntax, args[0] ?? '');
      if (typeof value === 'string') return { error: value };
      const error = boundsError(syntax, value, BigInt(low), BigInt(high)) ?? row.check?.(value);
      return error === undefined ? assign(settings, field, Number(value)) : { error };
    },
    get: (settings) => printNumber(syntax, settings[field]),
    rewrite(settings) {
      const value = settings[field];
      const isPercent = syntax === 'percent or memory' && value < 0;
      const text =
        syntax === 'integer' || syntax === 'octal' || isPercent
          ? printNumber(syntax, value)
          : formatMemory(exact(value));
      return [{ text: `${name} ${text}`, force: value !== DEFAULTS[field] }];
    },
    backup: (settings) => backupField(settings, field),
  };
}

/** The value, or the error text. */
function parseNumber(syntax: NumberSyntax, text: string): bigint | string {
  switch (syntax) {
    case 'integer':
      return parseInteger64(text) ?? "argument couldn't be parsed into an integer";
    case 'memory':
      return parseMemory(text) ?? 'argument must be a memory value';
    case 'percent or memory': {
      const percent = text.endsWith('%') ? parseInteger64(text.slice(0, -1)) : undefined;
      if (percent !== undefined && percent >= 0n) return -percent;
      return parseMemory(text) ?? 'argument must be a memory or percent value';
    }
    case 'octal':
      return parseOctal(text) ?? "argument couldn't be parsed as an octal number";
  }
}

function boundsError(
  syntax: NumberSyntax,
  value: bigint,
  low: bigint,
  high: bigint,
): string | undefined {
  if (syntax === 'percent or memory' && value < 0n) {
    return value < low ? `percentage argument must be less or equal to ${-low}` : undefined;
  }
  if (value >= low && value <= high) return undefined;
  const radix = syntax === 'octal' ? 8 : 10;
  return `argument must be between ${low.toString(radix)} and ${high.toString(radix)} inclusive`;
}

function printNumber(syntax: NumberSyntax, value: number): string {
  if (syntax === 'percent or memory' && value < 0) return `${-value}%`;
  return syntax === 'octal' ? value.toString(8) : exact(value).toString();
}

/**
 * The largest limits (2^63-1, 2^64-1) mean "none" and are not representable as numbers: the field
 * holds the next power of two, which only these can have become, and they are printed as typed.
 */
function exact(value: number): bigint {
  if (value === 2 ** 63) return LONG_MAX;
  if (value === 2 ** 64) return ULONG_MAX;
  return BigInt(value);
}

/** A 64-bit integer in the only form Redis takes: no plus, no leading zeros, no spaces. */
function parseInteger64(text: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['b', 1n],
  ['k', 1000n],
  ['kb', 1024n],
  ['m', 1000n ** 2n],
  ['mb', 1024n ** 2n],
  ['g', 1000n ** 3n],
  ['gb', 1024n ** 3n],
]);

/** Like Redis's memtoull: no digits are zero, and what does not fit in 64 bits wraps. */
export function parseMemory(text: string): bigint | undefined {
  const match = /^([0-9]{0,127})([a-z]*)$/i.exec(text);
  const unit = match === null ? undefined : UNITS.get(match[2].toLowerCase());
  if (match === null || unit === undefined) return undefined;
  const digits = match[1] === '' ? 0n : BigInt(match[1]);
  return BigInt.asUintN(64, (digits > ULONG_MAX ? ULONG_MAX : digits) * unit);
}

function parseOctal(text: string): bigint | undefined {
  const match = /^\s*([-+]?)(?:0*)([0-7]*)$/.exec(text);
  if (match === null || match[2].length > 21) return undefined;
  const value = BigInt(`0o${match[2] === '' ? '0' : match[2]}`);
  return match[1] === '-' ? BigInt.asUintN(64, -value) : value;
}

/** The shortest exact form with a unit of 1024. */
function formatMemory(bytes: bigint): string {
  for (const [unit, size] of [
    ['gb', 1024n ** 3n],
    ['mb', 1024n ** 2n],
    ['kb', 1024n],
  ] as const) {
    if (bytes !== 0n && bytes % size === 0n) return `${bytes / size}${unit}`;
  }
  return bytes.toString();
}

interface StringRow extends RowTraits {
  /** An empty value means "not set": CONFIG REWRITE then drops the line. */
  readonly emptyIsUnset?: boolean;
  readonly check?: (value: string) => string | undefined;
}

export function string(name: string, field: FieldOf<string>, row: StringRow = {}): Directive {
  const { emptyIsUnset = false, check, ...traits } = row;
  return {
    ...traitsOf(traits),
    name,
    field,
    set(settings, args) {
      const value = args[0] ?? '';
      const error = check?.(value);
      return error === undefined ? assign(settings, field, value) : { error };
    },
    get: (settings) => settings[field],
    rewrite(settings): RewriteLine[] {
      const value = settings[field];
      if (emptyIsUnset && value === '') return [];
      return [{ text: `${name} ${quoted(value)}`, force: value !== DEFAULTS[field] }];
    },
    backup: (settings) => backupField(settings, field),
  };
}

interface EnumerationRow extends RowTraits {
  /** Words that mean the same as another: the key is accepted, the value is kept. */
  readonly synonyms?: ReadonlyMap<string, string>;
}

/** One word of a list, kept in the list's spelling. */
export function enumeration<F extends keyof Settings>(
  name: string,
  field: F,
  words: readonly (Settings[F] & string)[],
  row: EnumerationRow = {},
): Directive {
  const { synonyms, ...traits } = row;
  const offered = synonyms === undefined ? words : withSynonyms(words, synonyms);
  return {
    ...traitsOf(traits),
    name,
    field,
    set(settings, args) {
      const typed = args.length === 1 ? args[0].toLowerCase() : '';
      const word = words.find((candidate) => candidate === (synonyms?.get(typed) ?? typed));
      return word === undefined ? wordError(offered) : assign(settings, field, word);
    },
    get: (settings) => String(settings[field]),
    rewrite: (settings) => [
      { text: `${name} ${settings[field]}`, force: settings[field] !== DEFAULTS[field] },
    ],
    backup: (settings) => backupField(settings, field),
  };
}

/** Redis's texts end at 255 bytes; the longest list stays below. */
export function wordError(words: readonly string[]): { readonly error: string } {
  return { error: `argument(s) must be one of the following: ${words.join(', ')}` };
}

function withSynonyms(
  words: readonly string[],
  synonyms: ReadonlyMap<string, string>,
): readonly string[] {
  return words.flatMap((word) => [
    word,
    ...[...synonyms].filter(([, meant]) => meant === word).map(([synonym]) => synonym),
  ]);
}
