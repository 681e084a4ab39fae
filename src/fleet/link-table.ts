// Which links of a fleet are broken. A link is a pair of nodes; each node that opens connections on it
// is told the address of the other (src/env/faulty-network.ts says why that is enough).

import { healthyLink, type LinkRule, linkAddress } from '../env/link-faults.ts';
import { FleetError, type SlowLink } from './fleet.ts';
import type { FleetNode } from './fleet-node.ts';
import type { LinkFault, LinkFaultView } from './fleet-view.ts';

const SLOWEST_MS = 60_000;

interface BrokenLink {
  readonly a: FleetNode;
  readonly b: FleetNode;
  readonly fault: LinkFault;
}

export class LinkTable {
  #links: BrokenLink[] = [];

  get view(): readonly LinkFaultView[] {
    return this.#links.map(({ a, b, fault }) => ({ between: [a.name, b.name], fault }));
  }

  whyNot(a: FleetNode, b: FleetNode): string | undefined {
    if (a === b) return `${a.name} has no link to itself`;
    const foreign = connecting(a, b).find((node) => node.plan.implementation !== 'understudy');
    if (foreign === undefined) return undefined;
    return `links of ${foreign.name} cannot be cut: it is no program of ours, kill or freeze it`;
  }

  cut(a: FleetNode, b: FleetNode): void {
    this.#set(a, b, { kind: 'cut' });
  }

  slow(a: FleetNode, b: FleetNode, { delayMs, bytesPerSecond }: SlowLink): void {
    if (!(delayMs >= 0 && delayMs <= SLOWEST_MS)) {
      throw new FleetError(`a link can be slowed by 0 to ${SLOWEST_MS} milliseconds`);
    }
    if (bytesPerSecond !== undefined && !(bytesPerSecond >= 1)) {
      throw new FleetError('a link carries at least 1 byte a second');
    }
    this.#set(a, b, { kind: 'slow', delayMs, bytesPerSecond: bytesPerSecond ?? null });
  }

  /** The faults of one link, of all links of one node, or all. */
  heal(a?: FleetNode, b?: FleetNode): void {
    const healed = this.#links.filter((link) =>
      [a, b].every((node) => node === undefined || link.a === node || link.b === node),
    );
    this.#links = this.#links.filter((link) => !healed.includes(link));
    for (const node of new Set(healed.flatMap((link) => [link.a, link.b]))) this.tell(node);
  }

  /** A node that was started anew knows nothing of its faults. */
  tell(node: FleetNode): void {
    const rules = this.#links.flatMap(({ a, b, fault }): (readonly [string, LinkRule])[] => {
      if (a !== node && b !== node) return [];
      const other = a === node ? b : a;
      return [[linkAddress(other.plan.host, other.port), ruleOf(fault)]];
    });
    if (node.plan.implementation === 'understudy') node.started?.setLinks(rules);
  }

  #set(a: FleetNode, b: FleetNode, fault: LinkFault): void {
    const problem = this.whyNot(a, b);
    if (problem !== undefined) throw new FleetError(problem);
    const others = this.#links.filter(
      (link) => !(link.a === a && link.b === b) && !(link.a === b && link.b === a),
    );
    this.#links = [...others, { a, b, fault }];
    this.tell(a);
    this.tell(b);
  }
}

/** Who opens connections on the link: sentinels to servers, and equals to each other. */
function connecting(a: FleetNode, b: FleetNode): readonly FleetNode[] {
  if (a.plan.kind === b.plan.kind) return [a, b];
  return a.plan.kind === 'sentinel' ? [a] : [b];
}

function ruleOf(fault: LinkFault): LinkRule {
  if (fault.kind === 'cut') return { ...healthyLink, isCut: true };
  const { delayMs, bytesPerSecond } = fault;
  return { isCut: false, delayMs, bytesPerSecond: bytesPerSecond ?? Number.POSITIVE_INFINITY };
}
