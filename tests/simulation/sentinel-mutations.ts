// Sentinels with one bug each.

import type { SentinelEffect } from '../../src/sentinel/core/effect.ts';
import { formatHello, parseHello } from '../../src/sentinel/core/hello-text.ts';
import type { SentinelInput } from '../../src/sentinel/core/input.ts';
import type { SentinelCore } from '../../src/sentinel/core/sentinel-core.ts';
import type { SavedState } from '../../src/sentinel/core/settings.ts';
import { ConfigFileStore } from '../../src/sentinel/state-store.ts';
import type { Fault } from '../../src/simulator/faults.ts';
import type { Mutation } from './mutation.ts';
import { patch, patchCore, type Undo } from './patches.ts';

/** One master after another loses power, with slow disks at the sentinels, which lose theirs amid it. */
const faults: readonly Fault[] = [
  ...[1, 2, 3, 4, 5].map(
    (n): Fault => ({
      kind: 'disk-slow',
      atMs: 0,
      untilMs: 19_000,
      node: `sentinel-${n}`,
      amount: 300,
    }),
  ),
  ...[1, 2, 3].map(
    (n): Fault => ({
      kind: 'power',
      atMs: 6000 * n - 5000,
      untilMs: 6000 * n,
      node: `server-${n}`,
    }),
  ),
  ...[1, 2, 3, 4].map((n): Fault => {
    const atMs = 2200 + 200 * n;
    return { kind: 'power', atMs, untilMs: atMs + 100, node: `sentinel-${n}` };
  }),
];
export const eventful: Mutation['run'] = {
  faults,
  sentinels: 5,
  failoverTimeoutMs: 3000,
  clients: 1,
};
/** A replica is cut off from its master, which dies later. */
const oneLags: readonly Fault[] = [
  {
    kind: 'partition',
    atMs: 1000,
    untilMs: 15_000,
    from: ['server-1'],
    to: ['server-3'],
    oneWay: false,
  },
  { kind: 'crash', atMs: 5000, untilMs: 15_000, node: 'server-1' },
];
const SLAVE_PRIORITY = /slave_priority:0/g;
const SLAVE_OFFSET = /slave_repl_offset:(\d+)/g;

/** Whoever asks for a vote gets it, however many have asked in that epoch. */
function votesForEverybody(): Undo {
  const asked = new Map<number, { readonly runId: string; readonly epoch: number }>();
  return patchCore((_core, _now, input, step) => {
    if (input.kind === 'command' && input.command.name === 'isMasterDown') {
      const { runId, epoch } = input.command;
      if (runId !== '*') asked.set(input.id, { runId, epoch });
    }
    return step(input).map((effect) => {
      const request = effect.kind === 'answer' ? asked.get(effect.id) : undefined;
      if (request === undefined || effect.kind !== 'answer') return effect;
      if (effect.answer.kind !== 'masterDown') return effect;
      const vote = { leader: request.runId, leaderEpoch: request.epoch };
      return { ...effect, answer: { ...effect.answer, ...vote } };
    });
  });
}

/** The state on the disk lacks what was voted and which epoch it is. */
function savesNoEpoch(): Undo {
  return patch(
    ConfigFileStore.prototype,
    'save',
    (save) =>
      function (this: ConfigFileStore, state: SavedState): Promise<string | undefined> {
        const masters = state.masters.map((one) => ({ ...one, leaderEpoch: 0, configEpoch: 0 }));
        return save.call(this, { ...state, currentEpoch: 0, masters });
      },
  );
}

/** Votes and epochs are told at once; the disk gets them when it can. */
function speaksBeforeSaving(): Undo {
  return patchCore((_core, _now, input, step) => {
    const effects = step(input);
    const told = effects.flatMap((effect): SentinelEffect[] =>
      effect.kind === 'persist' ? step({ kind: 'persisted', id: effect.id, ok: true }) : [],
    );
    return [...effects, ...told];
  });
}

/** Every answer about a master counts as a vote for oneself. */
function believesInItsElection(): Undo {
  return patchCore((core, _now, input, step) => step(asVote(core, input)));
}

function asVote(core: SentinelCore, input: SentinelInput): SentinelInput {
  if (input.kind !== 'reply' || input.reply.kind !== 'array') return input;
  const { items } = input.reply;
  if (items.length !== 3 || items[0].kind !== 'integer' || items[1].kind !== 'bulk') return input;
  const leader = { kind: 'bulk', bytes: Buffer.from(core.myId, 'latin1') } as const;
  const epoch = { kind: 'integer', value: core.currentEpoch } as const;
  return { ...input, reply: { kind: 'array', items: [items[0], leader, epoch] } };
}

/** Half of all sentinels go on announcing the first master, under the epoch of the new one. */
function announcesTheOldAddress(): Undo {
  return patchCore((core, _now, input, step) =>
    step(input).map((effect) => {
      const text = effect.kind === 'send' && effect.args[0] === 'PUBLISH' ? effect.args[2] : '';
      const hello = core.myId < '8' ? parseHello(text) : undefined;
      if (effect.kind !== 'send' || hello === undefined) return effect;
      const masterHost = '10.0.0.1';
      return {
        ...effect,
        args: [...effect.args.slice(0, 2), formatHello({ ...hello, masterHost })],
      };
    }),
  );
}

/** For ten seconds no answer to PING from a master is heard. */
function isDeafToMasters(): Undo {
  const masters = new WeakMap<SentinelCore, Set<number>>();
  return patchCore((core, now, input, step) => {
    const links = masters.get(core) ?? new Set();
    masters.set(core, links);
    const isPong =
      input.kind === 'reply' && input.reply.kind === 'simple' && input.reply.text === 'PONG';
    const isDeaf = now > 20_000 && now < 30_000;
    if (isPong && isDeaf && links.has(input.link)) return [];
    const effects = step(input);
    for (const effect of effects) {
      if (effect.kind === 'open' && effect.target === 'master') links.add(effect.link);
    }
    return effects;
  });
}

function readsInfoWrong(change: (text: string) => string): Undo {
  return patchCore((_core, _now, input, step) => {
    if (input.kind !== 'reply' || input.reply.kind !== 'bulk') return step(input);
    const text = change(input.reply.bytes.toString('latin1'));
    return step({ ...input, reply: { kind: 'bulk', bytes: Buffer.from(text, 'latin1') } });
  });
}

/** Nobody is told to follow anybody. */
function tellsNoReplica(): Undo {
  return patchCore((_core, _now, input, step) =>
    step(input).filter(
      (effect) => effect.kind !== 'send' || effect.args[0] !== 'SLAVEOF' || effect.args[1] === 'NO',
    ),
  );
}

/** The process ends when a new master is there. */
function endsAfterSwitch(): Undo {
  return patchCore((_core, _now, input, step) =>
    step(input).flatMap((effect): SentinelEffect[] =>
      effect.kind === 'event' && effect.name === '+switch-master'
        ? [effect, { kind: 'exit', code: 1 }]
        : [effect],
    ),
  );
}

export const sentinelMutations: readonly Mutation[] = [
  {
    bug: 'a vote for everybody',
    foundBy: 'votes',
    withinSeeds: 10,
    plant: votesForEverybody,
    run: eventful,
  },
  {
    bug: 'epochs are not saved',
    foundBy: 'epochs',
    withinSeeds: 10,
    plant: savesNoEpoch,
    run: eventful,
  },
  {
    bug: 'spoken before saved',
    foundBy: 'epochs',
    withinSeeds: 10,
    plant: speaksBeforeSaving,
    run: eventful,
  },
  {
    bug: 'leads without votes',
    foundBy: 'leaders',
    withinSeeds: 10,
    plant: believesInItsElection,
    run: eventful,
  },
  {
    bug: 'announces an old address',
    foundBy: 'configurations',
    withinSeeds: 10,
    plant: announcesTheOldAddress,
    run: eventful,
  },
  {
    bug: 'deaf to masters',
    foundBy: 'needless-failovers',
    withinSeeds: 2,
    plant: isDeafToMasters,
    run: { kinds: [] },
  },
  {
    bug: 'priority 0 is promoted',
    foundBy: 'promotions',
    withinSeeds: 10,
    plant: () => readsInfoWrong((text) => text.replace(SLAVE_PRIORITY, 'slave_priority:100')),
    run: { ...eventful, serverLines: ['replica-priority 0'] },
  },
  {
    bug: 'the replica that has read least is promoted',
    foundBy: 'promotions',
    withinSeeds: 2,
    plant: () =>
      readsInfoWrong((text) =>
        text.replace(SLAVE_OFFSET, (_, offset) => `slave_repl_offset:${10 ** 9 - Number(offset)}`),
      ),
    run: { faults: oneLags, clients: 1 },
  },
  {
    bug: 'replicas are told nothing',
    foundBy: 'liveness',
    withinSeeds: 10,
    plant: tellsNoReplica,
    run: eventful,
  },
  {
    bug: 'ends after a failover',
    foundBy: 'process-ends',
    withinSeeds: 10,
    plant: endsAfterSwitch,
    run: eventful,
  },
];
