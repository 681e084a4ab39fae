// The `sentinel …` lines of a configuration file as the state that the core begins with. Redis reads
// them in three rounds (what concerns the whole sentinel, then the masters, then what is said about
// them), so that a line may stand before the master it speaks of; numbers are read as C's atoi does.
// Error texts are redis-sentinel's.

import { isIpAddress } from '../core/address.ts';
import {
  defaultGlobalSettings,
  defaultMasterSettings,
  defaultTimings,
  type GlobalSettings,
  type MasterSettings,
  type NodeAddress,
  type SavedSentinel,
  type SavedState,
} from '../core/settings.ts';

/** A line after the word `sentinel`, and where it stood. */
export interface SentinelLine {
  readonly words: readonly string[];
  readonly line: number;
  readonly text: string;
}

/** What reading asks of the outside. */
export interface LineContext {
  /** Settings that are not `sentinel` lines: the port and the password of this sentinel. */
  readonly port: number;
  readonly requirePass: string;
  isExecutable(path: string): boolean;
}

export type ReadResult =
  | { readonly state: SavedState; readonly hasId: boolean }
  | { readonly error: string; readonly at: SentinelLine };

/** Room for as many masters as one file sensibly names; a line beyond is refused. */
const MAX_MASTERS = 10_000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface MasterDraft {
  readonly name: string;
  readonly address: NodeAddress;
  readonly settings: Writable<MasterSettings>;
  readonly renames: Map<string, string>;
  configEpoch: number;
  leaderEpoch: number;
  readonly replicas: NodeAddress[];
  readonly sentinels: SavedSentinel[];
}

interface Draft {
  myId: string;
  currentEpoch: number;
  readonly settings: Writable<GlobalSettings>;
  readonly masters: Map<string, MasterDraft>;
  readonly context: LineContext;
}

/** How a directive is read: the error text, or nothing. */
interface GlobalDirective {
  readonly args: 1;
  readonly read: (draft: Draft, value: string) => string | undefined;
}

interface MasterDirective {
  /** Arguments after the master's name. */
  readonly args: readonly number[];
  readonly read: (
    master: MasterDraft,
    args: readonly string[],
    draft: Draft,
  ) => string | undefined | void;
}

export function readSentinelLines(
  lines: readonly SentinelLine[],
  context: LineContext,
): ReadResult {
  const draft: Draft = {
    myId: '',
    currentEpoch: 0,
    settings: {
      ...defaultGlobalSettings,
      port: context.port,
      requirePass: context.requirePass,
    },
    masters: new Map(),
    context,
  };
  for (const round of [0, 1, 2]) {
    for (const line of lines) {
      const [name, ...args] = line.words;
      if (roundOf(name.toLowerCase()) !== round) continue;
      const error = readLine(draft, name.toLowerCase(), args);
      if (error !== undefined) return { error, at: line };
    }
  }
  return { state: finish(draft), hasId: draft.myId !== '' };
}

function roundOf(name: string): number {
  if (name === 'monitor') return 1;
  return globalDirectives.has(name) ? 0 : 2;
}

const UNRECOGNIZED = 'Unrecognized sentinel configuration statement.';

function readLine(draft: Draft, name: string, args: readonly string[]): string | undefined {
  if (name === 'monitor') return args.length === 4 ? monitor(draft, args) : UNRECOGNIZED;
  const global = globalDirectives.get(name);
  if (global !== undefined) {
    return args.length === global.args ? global.read(draft, args[0]) : UNRECOGNIZED;
  }
  const directive = masterDirectives.get(name);
  if (directive === undefined || !directive.args.includes(args.length - 1)) return UNRECOGNIZED;
  const master = draft.masters.get(args[0]);
  if (master === undefined) return 'No such master with specified name.';
  return directive.read(master, args.slice(1), draft) ?? undefined;
}

function monitor(draft: Draft, [name, host, port, quorum]: readonly string[]): string | undefined {
  const voters = leadingInteger(quorum);
  if (voters <= 0) return 'Quorum must be 1 or greater.';
  const problem = addressProblem(draft, host, port);
  if (problem !== undefined) return problem;
  if (draft.masters.has(name)) return 'Duplicate master name.';
  if (draft.masters.size >= MAX_MASTERS) return 'Too many masters.';
  draft.masters.set(name, {
    name,
    address: { host, port: leadingInteger(port) },
    settings: { ...defaultMasterSettings(voters, defaultTimings) },
    renames: new Map(),
    configEpoch: 0,
    leaderEpoch: 0,
    replicas: [],
    sentinels: [],
  });
  return undefined;
}

function addressProblem(draft: Draft, host: string, port: string): string | undefined {
  const number = leadingInteger(port);
  if (number < 0 || number > 65_535) return 'Invalid port number.';
  // A name that cannot be resolved now may be later; without resolve-hostnames it never is.
  if (draft.settings.resolveHostnames || isIpAddress(host)) return undefined;
  return "Can't resolve instance hostname.";
}

const globalDirectives: ReadonlyMap<string, GlobalDirective> = new Map([
  global('announce-ip', (draft, value) => {
    draft.settings.announceIp = value;
  }),
  global('announce-port', (draft, value) => {
    draft.settings.announcePort = leadingInteger(value);
  }),
  global('deny-scripts-reconfig', (draft, value) => {
    const answer = yesOrNo(value);
    if (answer === undefined) {
      return 'Please specify yes or no for the deny-scripts-reconfig options.';
    }
    draft.settings.denyScriptsReconfig = answer;
    return undefined;
  }),
  global('sentinel-user', (draft, value) => {
    draft.settings.sentinelUser = value;
  }),
  global('sentinel-pass', (draft, value) => {
    draft.settings.sentinelPass = value;
  }),
  global('current-epoch', (draft, value) => {
    draft.currentEpoch = Math.max(draft.currentEpoch, epoch(value));
  }),
  global('myid', (draft, value) => {
    if (!/^[0-9a-zA-Z]{40}$/.test(value)) return 'Malformed Sentinel id in myid option.';
    draft.myId = value;
    return undefined;
  }),
  global('resolve-hostnames', (draft, value) => {
    const answer = yesOrNo(value);
    if (answer === undefined) {
      return 'Please specify yes or no for the resolve-hostnames option.';
    }
    draft.settings.resolveHostnames = answer;
    return undefined;
  }),
  global('announce-hostnames', (draft, value) => {
    const answer = yesOrNo(value);
    if (answer === undefined) {
      return 'Please specify yes or no for the announce-hostnames option.';
    }
    draft.settings.announceHostnames = answer;
    return undefined;
  }),
]);

const masterDirectives: ReadonlyMap<string, MasterDirective> = new Map([
  time('down-after-milliseconds', 'downAfterMs'),
  time('failover-timeout', 'failoverTimeoutMs'),
  master('parallel-syncs', [1], ({ settings }, [value]) => {
    settings.parallelSyncs = leadingInteger(value);
  }),
  master('notification-script', [1], ({ settings }, [path], { context }) => {
    if (!context.isExecutable(path)) {
      return 'Notification script seems non existing or non executable.';
    }
    settings.notificationScript = path;
    return undefined;
  }),
  master('client-reconfig-script', [1], ({ settings }, [path], { context }) => {
    if (!context.isExecutable(path)) {
      return 'Client reconfiguration script seems non existing or non executable.';
    }
    settings.clientReconfigScript = path;
    return undefined;
  }),
  master('auth-pass', [1], ({ settings }, [password]) => {
    settings.authPass = password;
  }),
  master('auth-user', [1], ({ settings }, [user]) => {
    settings.authUser = user;
  }),
  master('config-epoch', [1], (draft, [value], whole) => {
    draft.configEpoch = epoch(value);
    whole.currentEpoch = Math.max(whole.currentEpoch, draft.configEpoch);
  }),
  master('leader-epoch', [1], (draft, [value]) => {
    draft.leaderEpoch = epoch(value);
  }),
  master('known-replica', [2], knownReplica),
  master('known-slave', [2], knownReplica),
  // Two arguments: the form of very old files, which had no run id and says nothing.
  master('known-sentinel', [2, 3], knownSentinel),
  master('rename-command', [2], ({ renames }, [from, to]) => {
    const name = from.toUpperCase();
    if (renames.has(name)) return 'Same command renamed multiple times with rename-command.';
    renames.set(name, to);
    return undefined;
  }),
  ...['master', 'primary'].map((word) =>
    master(`${word}-reboot-down-after-period`, [1], ({ settings }, [value]) => {
      settings.rebootDownAfterMs = leadingInteger(value);
      return settings.rebootDownAfterMs < 0 ? 'negative time parameter.' : undefined;
    }),
  ),
]);

function global(name: string, read: GlobalDirective['read']): readonly [string, GlobalDirective] {
  return [name, { args: 1, read }];
}

function master(
  name: string,
  args: readonly number[],
  read: MasterDirective['read'],
): readonly [string, MasterDirective] {
  return [name, { args, read }];
}

function time(
  name: string,
  field: 'downAfterMs' | 'failoverTimeoutMs',
): readonly [string, MasterDirective] {
  return master(name, [1], ({ settings }, [value]) => {
    settings[field] = leadingInteger(value);
    return settings[field] <= 0 ? 'negative or zero time parameter.' : undefined;
  });
}

function knownReplica(
  draft: MasterDraft,
  [host, port]: readonly string[],
  whole: Draft,
): string | undefined {
  const problem = addressProblem(whole, host, port);
  if (problem !== undefined) return problem;
  const address = { host, port: leadingInteger(port) };
  if (draft.replicas.some((one) => one.host === host && one.port === address.port)) {
    return 'Duplicate hostname and port for replica.';
  }
  draft.replicas.push(address);
  return undefined;
}

function knownSentinel(
  draft: MasterDraft,
  [host, port, runId]: readonly (string | undefined)[],
  whole: Draft,
): string | undefined {
  if (host === undefined || port === undefined || runId === undefined) return undefined;
  const problem = addressProblem(whole, host, port);
  if (problem !== undefined) return problem;
  if (draft.sentinels.some((one) => one.runId === runId)) return 'Duplicate runid for sentinel.';
  draft.sentinels.push({ host, port: leadingInteger(port), runId });
  return undefined;
}

function finish(draft: Draft): SavedState {
  return {
    myId: draft.myId,
    currentEpoch: draft.currentEpoch,
    settings: draft.settings,
    masters: [...draft.masters.values()].map((one) => ({
      ...one.address,
      name: one.name,
      settings: { ...one.settings, renamedCommands: one.renames },
      configEpoch: one.configEpoch,
      leaderEpoch: one.leaderEpoch,
      replicas: one.replicas,
      sentinels: one.sentinels,
    })),
  };
}

function yesOrNo(value: string): boolean | undefined {
  const word = value.toLowerCase();
  return word === 'yes' ? true : word === 'no' ? false : undefined;
}

/** As atoi: the number that the text begins with, 0 without one, within 32 bits. */
function leadingInteger(text: string): number {
  const digits = /^\s*[+-]?\d+/.exec(text)?.[0];
  if (digits === undefined) return 0;
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(digits)));
}

/** Epochs are integers that a number holds exactly; nothing honest ever counts that far. */
function epoch(text: string): number {
  const digits = /^\s*\+?\d+/.exec(text)?.[0];
  return digits === undefined ? 0 : Math.min(Number.MAX_SAFE_INTEGER, Number(digits));
}
