// Directives with a syntax of their own. Their values are immutable objects: setting one replaces
// the object, so the backup that CONFIG SET takes is the old reference.

import {
  formatKeyspaceEvents,
  parseKeyspaceEvents,
} from '../../dispatch/pubsub/keyspace-events.ts';
import { quoted } from '../../util/quoted.ts';
import { DEFAULTS, type Directive, type SetOutcome } from './directive.ts';
import {
  backupField,
  parseMemory,
  type RowTraits,
  traitsOf,
  wordError,
} from './directive-kinds.ts';
import type {
  ClientOutputBufferLimits,
  MasterAddress,
  OutputBufferLimit,
  SavePoint,
  Settings,
  ShutdownWord,
} from './settings.ts';

interface Special<F extends keyof Settings> {
  /** The new value, or the error text as `{ error }`. */
  parse(
    args: readonly string[],
    old: Settings[F],
    context: Parameters<Directive['set']>[2],
  ): { readonly value: Settings[F] } | { readonly error: string };
  print(value: Settings[F]): string;
  /** Default: the printed value in one line, forced when it is not the default's. */
  rewrite?: Directive['rewrite'];
}

function special<F extends keyof Settings>(
  name: string,
  field: F,
  row: RowTraits,
  how: Special<F>,
): Directive {
  return {
    ...traitsOf(row),
    name,
    field,
    set(settings, args, context): SetOutcome {
      const parsed = how.parse(args, settings[field], context);
      if ('error' in parsed) return parsed;
      const same = how.print(settings[field]) === how.print(parsed.value);
      settings[field] = parsed.value;
      return same ? 'unchanged' : 'changed';
    },
    get: (settings) => how.print(settings[field]),
    rewrite:
      how.rewrite ??
      ((settings) => {
        const printed = how.print(settings[field]);
        return [{ text: `${name} ${printed}`, force: printed !== how.print(DEFAULTS[field]) }];
      }),
    backup: (settings) => backupField(settings, field),
  };
}

const WRONG_COUNT = { error: 'wrong number of arguments' };

/** Reads what C's strtoll takes whole: an optional sign and digits. */
function parseLong(text: string): number | undefined {
  return /^\s*[-+]?[0-9]+$/.test(text) ? Number(text) : undefined;
}

/** One empty argument stands for none: that is how a file says "empty". */
function withoutLoneEmpty(args: readonly string[]): readonly string[] {
  return args.length === 1 && args[0] === '' ? [] : args;
}

export const savePoints: Directive = special(
  'save',
  'save',
  { multipleArguments: true, apply: 'persistence' },
  {
    parse(args, old, context) {
      const words = withoutLoneEmpty(args);
      const points: SavePoint[] = [];
      for (let i = 0; i < words.length; i += 2) {
        const seconds = parseLong(words[i]);
        const changes = i + 1 < words.length ? parseLong(words[i + 1]) : undefined;
        if (seconds === undefined || seconds < 1 || changes === undefined || changes < 0) {
          return { error: 'Invalid save parameters' };
        }
        points.push({ seconds, changes });
      }
      // The first line of a file replaces the defaults, further ones add; an empty one clears.
      const adds = context.fromFile && context.saveSeen && words.length > 0;
      context.saveSeen = true;
      return { value: adds ? [...old, ...points] : points };
    },
    print: (value) => value.map((point) => `${point.seconds} ${point.changes}`).join(' '),
    // Always written: a file without a save line means the defaults.
    rewrite(settings) {
      if (settings.save.length === 0) return [{ text: 'save ""', force: true }];
      return settings.save.map(({ seconds, changes }) => ({
        text: `save ${seconds} ${changes}`,
        force: true,
      }));
    },
  },
);

const LIMIT_CLASSES = ['normal', 'replica', 'pubsub'] as const;

function limitClass(word: string): (typeof LIMIT_CLASSES)[number] | undefined {
  const lower = word.toLowerCase();
  return LIMIT_CLASSES.find((name) => name === (lower === 'slave' ? 'replica' : lower));
}

export const clientOutputBufferLimit: Directive = special(
  'client-output-buffer-limit',
  'clientOutputBufferLimit',
  { multipleArguments: true },
  {
    parse(args, old) {
      if (args.length % 4 !== 0) {
        return { error: 'Wrong number of arguments in buffer limit configuration.' };
      }
      const value: Record<keyof ClientOutputBufferLimits, OutputBufferLimit> = { ...old };
      for (let i = 0; i < args.length; i += 4) {
        const name = limitClass(args[i]);
        if (name === undefined) {
          return { error: 'Invalid client class specified in buffer limit configuration.' };
        }
        const hard = parseMemory(args[i + 1]);
        const soft = parseMemory(args[i + 2]);
        const softSeconds = parseLong(args[i + 3]);
        if (
          hard === undefined ||
          soft === undefined ||
          !(softSeconds !== undefined && softSeconds >= 0)
        ) {
          return {
            error: 'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
          };
        }
        value[name] = { hardBytes: Number(hard), softBytes: Number(soft), softSeconds };
      }
      return { value };
    },
    print: (value) =>
      LIMIT_CLASSES.map((name) => {
        const { hardBytes, softBytes, softSeconds } = value[name];
        return `${name === 'replica' ? 'slave' : name} ${hardBytes} ${softBytes} ${softSeconds}`;
      }).join(' '),
    rewrite: (settings) =>
      LIMIT_CLASSES.map((name) => {
        const { hardBytes, softBytes, softSeconds } = settings.clientOutputBufferLimit[name];
        const normal = DEFAULTS.clientOutputBufferLimit[name];
        return {
          text: `client-output-buffer-limit ${name} ${memoryText(hardBytes)} ${memoryText(softBytes)} ${softSeconds}`,
          force:
            hardBytes !== normal.hardBytes ||
            softBytes !== normal.softBytes ||
            softSeconds !== normal.softSeconds,
        };
      }),
  },
);

function memoryText(bytes: number): string {
  for (const [unit, size] of [
    ['gb', 1024 ** 3],
    ['mb', 1024 ** 2],
    ['kb', 1024],
  ] as const) {
    if (bytes !== 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

export const oomScoreAdjValues: Directive = special(
  'oom-score-adj-values',
  'oomScoreAdjValues',
  { multipleArguments: true, accepted: 'the score is left to the supervisor' },
  {
    parse(args, _old, context) {
      if (args.length !== 3) return WRONG_COUNT;
      const numbers = args.map((text) => parseLong(text));
      if (!numbers.every((n) => n !== undefined && n >= -2000 && n <= 2000)) {
        return {
          error: 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.',
        };
      }
      const [master = 0, replica = 0, child = 0] = numbers;
      if (replica < master || child < replica) {
        context.warn(
          'The oom-score-adj-values configuration may not work for non-privileged processes! ' +
            'Please consult the documentation.',
        );
      }
      return { value: [master, replica, child] };
    },
    print: (value) => value.join(' '),
  },
);

export const notifyKeyspaceEvents: Directive = special(
  'notify-keyspace-events',
  'notifyKeyspaceEvents',
  { apply: 'keyspaceEvents' },
  {
    parse(args) {
      if (args.length !== 1) return WRONG_COUNT;
      const value = parseKeyspaceEvents(args[0]);
      if (value === undefined) {
        return { error: "Invalid event class character. Use 'Ag$lshzxeKEtmdn'." };
      }
      return { value };
    },
    print: formatKeyspaceEvents,
    rewrite: (settings) => [
      {
        text: `notify-keyspace-events "${formatKeyspaceEvents(settings.notifyKeyspaceEvents)}"`,
        force: settings.notifyKeyspaceEvents !== 0,
      },
    ],
  },
);

export const latencyTrackingInfoPercentiles: Directive = special(
  'latency-tracking-info-percentiles',
  'latencyTrackingInfoPercentiles',
  { multipleArguments: true },
  {
    parse(args) {
      const value: number[] = [];
      for (const text of withoutLoneEmpty(args)) {
        const percentile = text.trim() === text && text !== '' ? Number(text) : Number.NaN;
        if (Number.isNaN(percentile)) {
          return { error: 'Invalid latency-tracking-info-percentiles parameters' };
        }
        if (percentile > 100 || percentile < 0) {
          return {
            error: 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
          };
        }
        value.push(percentile);
      }
      return { value };
    },
    print: (value) => value.map(printPercentile).join(' '),
    rewrite(settings) {
      const printed = settings.latencyTrackingInfoPercentiles.map(printPercentile).join(' ');
      return [
        {
          text: `latency-tracking-info-percentiles ${printed === '' ? '""' : printed}`,
          force: true,
        },
      ];
    },
  },
);

/** Six decimals at most, no trailing zeros. INFO's latencystats uses the same form. */
function printPercentile(value: number): string {
  return String(Number(value.toFixed(6)));
}

export const bindAddresses: Directive = special(
  'bind',
  'bind',
  { multipleArguments: true, apply: 'bind' },
  {
    parse(args) {
      if (args.length > 16) return { error: 'Too many bind addresses specified.' };
      return { value: withoutLoneEmpty(args) };
    },
    print: (value) => value.join(' '),
    rewrite(settings) {
      const printed = settings.bind.join(' ');
      if (printed === DEFAULTS.bind.join(' ')) return [];
      return [{ text: `bind ${printed === '' ? '""' : printed}`, force: true }];
    },
  },
);

export const dir: Directive = special(
  'dir',
  'dir',
  { protected: true, denyLoading: true },
  {
    parse(args, _old, context) {
      if (args.length !== 1) return WRONG_COUNT;
      const entered = context.enterDirectory(args[0]);
      return 'error' in entered ? entered : { value: entered.path };
    },
    print: (value) => value,
    // Always written: what a relative path means depends on where the process was started.
    rewrite: (settings) => [{ text: `dir ${quoted(settings.dir)}`, force: true }],
  },
);

export const replicaOf: Directive = special(
  'replicaof',
  'replicaof',
  {
    alias: 'slaveof',
    immutable: true,
    multipleArguments: true,
  },
  {
    parse(args): { value: MasterAddress | undefined } | { error: string } {
      if (args.length !== 2) return WRONG_COUNT;
      if (args[0].toLowerCase() === 'no' && args[1].toLowerCase() === 'one') {
        return { value: undefined };
      }
      const port = parseLong(args[1]);
      if (port === undefined || port < 0 || port > 65535) return { error: 'Invalid master port' };
      return { value: { host: args[0], port } };
    },
    print: (value) => (value === undefined ? '' : `${value.host} ${value.port}`),
    rewrite({ replicaof: master }) {
      if (master === undefined) return [];
      return [{ text: `replicaof ${master.host} ${master.port}`, force: true }];
    },
  },
);

const SHUTDOWN_WORDS: readonly ShutdownWord[] = ['save', 'nosave', 'now', 'force'];

/** A set of words for what a signal does; `default` is the empty one. */
export function shutdownWords(
  name: string,
  field: 'shutdownOnSigint' | 'shutdownOnSigterm',
): Directive {
  return special(
    name,
    field,
    { multipleArguments: true },
    {
      parse(args) {
        const typed = new Set(args.map((word) => word.toLowerCase()));
        const value = SHUTDOWN_WORDS.filter((word) => typed.delete(word));
        typed.delete('default');
        if (args.length === 0 || typed.size > 0) return wordError(['default', ...SHUTDOWN_WORDS]);
        if (value.includes('save') && value.includes('nosave')) {
          return { error: "shutdown options SAVE and NOSAVE can't be used simultaneously" };
        }
        return { value };
      },
      print: (value) => (value.length === 0 ? 'default' : value.join(' ')),
    },
  );
}
