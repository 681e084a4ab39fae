// One core in the hands of a test: facts go in one by one, and its effects are looked at as they are.

import type { Reply } from '../../protocol/reply-reader.ts';
import type { SentinelAnswer, SentinelEffect } from './effect.ts';
import type { SentinelInput, SentinelRequest } from './input.ts';
import { SentinelCore } from './sentinel-core.ts';
import {
  defaultGlobalSettings,
  defaultMasterSettings,
  defaultTimings,
  type GlobalSettings,
  type SavedMaster,
  type SavedState,
} from './settings.ts';

export const myId: string = 'a'.repeat(40);
export const otherId: string = 'b'.repeat(40);
export const thirdId: string = 'c'.repeat(40);

type Effect<Kind extends SentinelEffect['kind']> = Extract<SentinelEffect, { kind: Kind }>;

export function savedMaster(changes: Partial<SavedMaster> = {}): SavedMaster {
  return {
    name: 'mymaster',
    host: '10.0.0.1',
    port: 6379,
    settings: defaultMasterSettings(2, defaultTimings),
    configEpoch: 0,
    leaderEpoch: 0,
    replicas: [],
    sentinels: [],
    ...changes,
  };
}

export class CoreDriver {
  readonly core: SentinelCore;
  now = 1000;
  /** Of the last step. */
  effects: SentinelEffect[] = [];
  #unsaved = 0;
  #commands = 0;

  constructor(masters: readonly SavedMaster[] = [], settings: Partial<GlobalSettings> = {}) {
    const state: SavedState = {
      myId,
      currentEpoch: 0,
      settings: { ...defaultGlobalSettings, announceIp: '10.0.1.1', ...settings },
      masters,
    };
    this.core = new SentinelCore({ state, random: () => 0.5 });
    this.input({ kind: 'start' });
  }

  input(input: SentinelInput): SentinelEffect[] {
    this.effects = this.core.step(this.now, input);
    const [persist] = this.of('persist');
    if (persist !== undefined) this.#unsaved = persist.id;
    return this.effects;
  }

  command(command: SentinelRequest): SentinelAnswer | undefined {
    this.input({ kind: 'command', id: ++this.#commands, command });
    return this.answer();
  }

  of<Kind extends SentinelEffect['kind']>(kind: Kind): Effect<Kind>[] {
    return this.effects.filter((effect): effect is Effect<Kind> => effect.kind === kind);
  }

  answer(): SentinelAnswer | undefined {
    return this.of('answer')[0]?.answer;
  }

  events(): string[] {
    return this.of('event').map(({ name, message }) => `${name} ${message}`);
  }

  /** What was sent on a link in the last step. */
  sent(link: number): string[] {
    return this.of('send')
      .filter((send) => send.link === link)
      .map(({ args }) => args.join(' '));
  }

  /** The last state that was to be written reaches the disk, or does not. */
  saved(ok = true): SentinelEffect[] {
    return this.input({ kind: 'persisted', id: this.#unsaved, ok });
  }

  /** Answers the first command of the last step that begins like this. */
  reply(command: string, reply: Reply): SentinelEffect[] {
    const send = this.of('send').find(({ args }) => args.join(' ').startsWith(command));
    if (send === undefined) throw new Error(`${command} was not sent`);
    return this.input({ kind: 'reply', link: send.link, id: send.id, reply });
  }

  /** Time passes up to the next wake and to it. */
  wake(at: number): SentinelEffect[] {
    this.now = at;
    return this.input({ kind: 'wake' });
  }
}
