// How nodes come to life: as processes of their own or inside this one. A fleet knows no difference.

import type { LinkRule } from '../env/link-faults.ts';
import type { Implementation } from './fleet-view.ts';

/** A node that is to be started. */
export interface NodePlan {
  readonly name: string;
  readonly kind: 'server' | 'sentinel';
  readonly implementation: Implementation;
  readonly host: string;
  readonly port: number;
  /** Lines of redis.conf or sentinel.conf; undefined: what is there, as the node has rewritten it. */
  readonly configuration: readonly string[] | undefined;
}

export interface NodeEnd {
  /** 'exit code 1', 'SIGKILL'. */
  readonly reason: string;
  /** What it said last, oldest first. */
  readonly lastLines: readonly string[];
}

export interface StartedNode {
  readonly pid: number;
  readonly port: number;
  /** Settles when the node is gone, however it went. */
  readonly ended: Promise<NodeEnd>;
  /** At once, nothing is saved. */
  kill(): Promise<void>;
  /** In order; killed when that takes too long. */
  stop(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** The rules for every address that it connects to; all others are healthy. */
  setLinks(rules: readonly (readonly [string, LinkRule])[]): void;
}

export interface NodeStarter {
  /** A fresh node, or one that was there before: what it saved is found again. Rejects with a NodeStartError. */
  start(plan: NodePlan): Promise<StartedNode>;
  /** After all nodes have ended. */
  close(): Promise<void>;
}

/** A node that could not be started or ended before it answered. */
export class NodeStartError extends Error {
  override readonly name = 'NodeStartError';
  readonly node: string;
  readonly lastLines: readonly string[];

  constructor(node: string, reason: string, lastLines: readonly string[]) {
    super(`${node} did not start: ${reason}${lastLines.map((line) => `\n  ${line}`).join('')}`);
    this.node = node;
    this.lastLines = lastLines;
  }
}
