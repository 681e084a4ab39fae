// What a fleet tells a node's process over the channel between them. A node believes it: the channel
// is inherited from the process that started it, and nobody else can write to it.

import type { LinkRule } from '../env/link-faults.ts';

/** Marks the environment of a node that a fleet started. */
export const FLEET_MARK = 'UNDERSTUDY_FLEET_NODE';

/** The whole table; JSON knows no Infinity, so `null` is no limit. */
export interface LinksMessage {
  readonly links: readonly {
    readonly address: string;
    readonly isCut: boolean;
    readonly delayMs: number;
    readonly bytesPerSecond: number | null;
  }[];
}

export function linksMessage(rules: readonly (readonly [string, LinkRule])[]): LinksMessage {
  return {
    links: rules.map(([address, { isCut, delayMs, bytesPerSecond }]) => ({
      address,
      isCut,
      delayMs,
      bytesPerSecond: Number.isFinite(bytesPerSecond) ? bytesPerSecond : null,
    })),
  };
}

export function rulesOf(message: LinksMessage): readonly (readonly [string, LinkRule])[] {
  return message.links.map(({ address, isCut, delayMs, bytesPerSecond }) => [
    address,
    { isCut, delayMs, bytesPerSecond: bytesPerSecond ?? Number.POSITIVE_INFINITY },
  ]);
}
