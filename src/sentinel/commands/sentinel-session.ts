// What the commands of a sentinel see of it: a session of every kind of node, and the sentinel behind it.

import type { Blocked } from '../../dispatch/blocking.ts';
import type { Command } from '../../dispatch/command.ts';
import { Session, type SessionInit } from '../../dispatch/session.ts';
import type { LogLevel } from '../../env/log.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { SentinelAnswer } from '../core/effect.ts';
import type { SentinelRequest } from '../core/input.ts';
import type { SentinelCore } from '../core/sentinel-core.ts';
import type { ScriptJobView } from '../script-queue.ts';

export interface SentinelNode {
  /** For its views; it is changed by `perform` and `hello` only. */
  readonly core: SentinelCore;
  /** The time that views are asked for, monotonic. */
  nowMs(): number;
  /**
   * Has the core do something. `write` replies, at once or when the disk has been heard of; until then
   * the session waits, which is what this returns.
   */
  perform(
    session: SentinelSession,
    request: SentinelRequest,
    write: (answer: SentinelAnswer, reply: ReplyWriter) => void,
  ): Blocked | undefined;
  /** A hello that another sentinel sent to us. */
  hello(text: string): void;
  info(sections: readonly string[]): string;
  pendingScripts(): readonly ScriptJobView[];
  isExecutable(path: string): boolean;
  logLevel: LogLevel;
  shutdown(): void;
}

export class SentinelSession extends Session {
  readonly node: SentinelNode;

  constructor(init: SessionInit, node: SentinelNode) {
    super(init);
    this.node = node;
  }
}

export type SentinelCommand = Command<SentinelSession>;

/** What all SENTINEL subcommands have in common. */
export const sentinelFacts = {
  group: 'sentinel',
  since: '2.8.4',
  flags: ['admin'],
} as const;
