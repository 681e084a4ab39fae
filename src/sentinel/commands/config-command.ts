// SENTINEL CONFIG: settings of the whole sentinel. SET is all or nothing.

import type { Blocked } from '../../dispatch/blocking.ts';
import { type LogLevel, logLevels } from '../../env/log.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { Glob } from '../../util/glob.ts';
import type { GlobalSettings } from '../core/settings.ts';
import { writeOutcome } from './act-commands.ts';
import {
  type SentinelCommand,
  type SentinelNode,
  type SentinelSession,
  sentinelFacts,
} from './sentinel-session.ts';

interface Parameter {
  readonly get: (node: SentinelNode) => string;
  /** The change; undefined: a bad value. */
  readonly set: (value: string) => Change | undefined;
}

interface Change {
  readonly settings?: Partial<GlobalSettings>;
  readonly logLevel?: LogLevel;
}

/** In the order in which GET prints them. */
const parameters: ReadonlyMap<string, Parameter> = new Map([
  [
    'resolve-hostnames',
    flag(
      (settings) => settings.resolveHostnames,
      (resolveHostnames) => ({ resolveHostnames }),
    ),
  ],
  [
    'announce-hostnames',
    flag(
      (settings) => settings.announceHostnames,
      (announceHostnames) => ({ announceHostnames }),
    ),
  ],
  [
    'announce-ip',
    {
      get: ({ core }) => core.settings.announceIp,
      set: (announceIp) => ({ settings: { announceIp } }),
    },
  ],
  [
    'announce-port',
    {
      get: ({ core }) => String(core.settings.announcePort),
      set: (value) =>
        /^\d{1,5}$/.test(value) && Number(value) <= 65_535
          ? { settings: { announcePort: Number(value) } }
          : undefined,
    },
  ],
  [
    'sentinel-user',
    {
      get: ({ core }) => core.settings.sentinelUser,
      set: (sentinelUser) => ({ settings: { sentinelUser } }),
    },
  ],
  [
    'sentinel-pass',
    {
      get: ({ core }) => core.settings.sentinelPass,
      set: (sentinelPass) => ({ settings: { sentinelPass } }),
    },
  ],
  [
    'loglevel',
    {
      get: (node) => node.logLevel,
      set: (value) => {
        const level = value.toLowerCase();
        return isLogLevel(level) ? { logLevel: level } : undefined;
      },
    },
  ],
]);

function flag(
  get: (settings: GlobalSettings) => boolean,
  change: (value: boolean) => Partial<GlobalSettings>,
): Parameter {
  return {
    get: ({ core }) => (get(core.settings) ? 'yes' : 'no'),
    set: (value) => {
      const word = value.toLowerCase();
      return word === 'yes' || word === 'no' ? { settings: change(word === 'yes') } : undefined;
    },
  };
}

function isLogLevel(word: string): word is LogLevel {
  return Object.hasOwn(logLevels, word);
}

export const config: SentinelCommand = {
  ...sentinelFacts,
  name: 'config',
  summary: 'Reads and changes settings of the sentinel.',
  since: '6.2.0',
  complexity: 'O(N) when N is the number of configuration parameters provided',
  arity: -4,
  syntax: 'action=<set=(SET (parameter value)...)|GET parameter...>',
  history: [['7.2.0', 'Added the ability to set and get multiple parameters in one call.']],
  run(session, request, reply) {
    if (request.is(2, 'SET') && request.count >= 5) return setParameters(session, request, reply);
    if (request.is(2, 'GET')) return getParameters(session, request, reply);
    return reply.error(errors.sentinelConfigUsage);
  },
};

function getParameters({ node }: SentinelSession, request: Request, reply: ReplyWriter): void {
  const found = new Map<string, string>();
  for (let i = 3; i < request.count; i++) {
    const pattern = new Glob(request.bytes(i), true);
    for (const [name, { get }] of parameters) {
      if (!found.has(name) && pattern.matches(Buffer.from(name))) found.set(name, get(node));
    }
  }
  reply.map(found.size);
  for (const [name, value] of found) {
    reply.text(name);
    reply.text(value);
  }
}

function setParameters(
  session: SentinelSession,
  request: Request,
  reply: ReplyWriter,
): Blocked | undefined {
  const read = readChanges(request);
  if (typeof read === 'string') {
    reply.error(read);
    return undefined;
  }
  if (read.logLevel !== undefined) session.node.logLevel = read.logLevel;
  for (let i = 3; i < request.count; i += 2)
    if (request.is(i, 'SENTINEL-PASS')) session.redact(i + 1);
  const changes = read.settings ?? {};
  return session.node.perform(session, { name: 'configSet', changes }, writeOutcome);
}

/** All changes together, or what is wrong. */
function readChanges(request: Request): Change | string {
  const given = new Set<string>();
  let whole: Change = {};
  for (let i = 3; i < request.count; i += 2) {
    const typed = request.text(i);
    const name = typed.toLowerCase();
    const parameter = parameters.get(name);
    if (parameter === undefined) return errors.sentinelConfigUnknown(typed);
    if (given.has(name)) return errors.sentinelConfigTwice(typed);
    given.add(name);
    if (i + 1 === request.count) return errors.sentinelConfigNoValue(typed);
    const change = parameter.set(request.text(i + 1));
    if (change === undefined) return errors.sentinelConfigBadValue(request.text(i + 1), typed);
    whole = { ...whole, ...change, settings: { ...whole.settings, ...change.settings } };
  }
  return whole;
}
