// One round: a fleet of processes under writers suffers one fault, gets well, and every write is
// accounted for. Nothing here waits for time to pass, only for facts that programs and clients tell.
//
// kill: the master, by SIGKILL; it stays away. freeze: the master, by SIGSTOP, until another has taken
// writes. split: the master and one other host are cut off from the rest until the rest has taken
// writes. planned: SENTINEL FAILOVER. handover: FAILOVER on the master, without sentinels. restart: all
// servers are killed and started again.

import { Namespaces } from '../../support/namespaces.ts';
import { loopback, type Place } from '../../support/place.ts';
import type { FleetMember } from '../../support/sentinel-fleet.ts';
import { type Make, SentinelFleet, until } from '../../support/sentinel-fleet.ts';
import { type Account, account, type Cause } from './write-account.ts';
import { nowMs, type Write, type WriterPlan } from './writer.ts';
import { countsOf, WriterTeam } from './writer-team.ts';

export type Fault = 'kill' | 'freeze' | 'split' | 'planned' | 'handover' | 'restart';

export interface RoundPlan {
  readonly make: Make;
  readonly fault: Fault;
  /** Servers; a sentinel beside each, but for handover. */
  readonly hosts: number;
  /** Further lines of the servers' configuration. */
  readonly serverLines: readonly string[];
  readonly downAfterMs: number;
  /** Writes acknowledged before the fault, again after it, and again when all is well. */
  readonly writes: number;
  /** A host each, or all on the loopback: then nothing can be cut. */
  readonly hasNamespaces: boolean;
}

export interface RoundResult extends Omit<Account, 'lost'> {
  readonly lost: number;
  readonly lostByCause: Readonly<Partial<Record<Cause, number>>>;
  /** By the kind of writer: plain, patient, wait1, waitall. */
  readonly lostByKind: Readonly<Record<string, number>>;
}

/** When what happened. */
interface Course {
  readonly former: FleetMember;
  readonly master: FleetMember;
  readonly faultMs: number;
  /** The end of a fault that ends. */
  readonly healMs: number;
}

const PATIENCE_MS = 500;
/** An application that has set no limit. */
const FOREVER_MS = 120_000;
const INTERVAL_MS = 4;

class Round {
  readonly #plan: RoundPlan;
  readonly #fleet: SentinelFleet;
  readonly #namespaces: Namespaces | undefined;
  #teams: readonly WriterTeam[] = [];

  constructor(plan: RoundPlan, fleet: SentinelFleet, namespaces: Namespaces | undefined) {
    this.#plan = plan;
    this.#fleet = fleet;
    this.#namespaces = namespaces;
  }

  async run(): Promise<RoundResult> {
    const { fault, hosts, writes } = this.#plan;
    const places = this.#namespaces?.places.slice(hosts) ?? [loopback];
    this.#teams = places.map((place, i) => new WriterTeam(place, this.#writers(`client${i + 1}`)));
    try {
      await this.#grown('acknowledged at first', writes, () => true);
      const former = await this.#settled(undefined);
      const before = this.#histories();
      const faultMs = nowMs();
      await this.#suffer(former, (what) =>
        this.#grown(what, writes, (history) => fault === 'restart' || !before.has(history)),
      );
      const healMs = nowMs();
      const master = await this.#settled(fault === 'kill' ? former : undefined);
      await this.#grown('acknowledged when all is well', writes, () => true);
      const journals = await Promise.all(this.#teams.map((team) => team.stop()));
      const all = new Map(journals.flatMap((journal) => [...journal]));
      return await this.#account(all, { former, master, faultMs, healMs });
    } finally {
      for (const team of this.#teams) team.kill();
    }
  }

  #writers(client: string): readonly WriterPlan[] {
    const address = ({ place, port }: FleetMember): { host: string; port: number } => ({
      host: place.address,
      port,
    });
    const common = {
      sentinels: this.#fleet.sentinels.map(address),
      servers: this.#fleet.servers.map(address),
      patienceMs: PATIENCE_MS,
      confirm: 0,
      intervalMs: INTERVAL_MS,
    };
    return [
      { ...common, name: `${client}-plain` },
      { ...common, name: `${client}-patient`, patienceMs: FOREVER_MS },
      { ...common, name: `${client}-wait1`, confirm: 1 },
      { ...common, name: `${client}-waitall`, confirm: this.#fleet.servers.length - 1 },
    ];
  }

  /** Waits for so many more acknowledged writes in such histories. */
  async #grown(what: string, more: number, isOf: (history: string) => boolean): Promise<void> {
    const count = (): number => this.#teams.reduce((sum, team) => sum + team.acknowledged(isOf), 0);
    const start = count();
    await until(`${more} writes ${what}`, async () => count() >= start + more);
  }

  #histories(): ReadonlySet<string> {
    return new Set(this.#teams.flatMap((team) => team.histories));
  }

  /** The fault, until another master (or the restarted one) has taken writes; then its end. */
  async #suffer(former: FleetMember, taken: (what: string) => Promise<void>): Promise<void> {
    const { servers, sentinels } = this.#fleet;
    switch (this.#plan.fault) {
      case 'kill':
        await former.kill();
        return taken('to the next master');
      case 'freeze':
        former.freeze();
        await taken('while the former master is frozen');
        return former.thaw();
      case 'split': {
        const other = servers.find((one) => one !== former) as FleetMember;
        const clients = this.#namespaces?.places.slice(servers.length) ?? [];
        this.#namespaces?.cut([former.place, other.place, clients[0]]);
        await taken('on the side of the majority');
        await this.#fenced(former);
        return this.#namespaces?.heal();
      }
      case 'planned':
        await until('the sentinel obeys', async () => {
          const answer = await sentinels[0].call('SENTINEL', 'FAILOVER', SentinelFleet.masterName);
          return answer === 'OK';
        });
        return taken('to the next master');
      case 'handover':
        await until('the master obeys', async () => (await former.call('FAILOVER')) === 'OK');
        return taken('to the next master');
      case 'restart':
        await Promise.all(servers.map((server) => server.kill()));
        await Promise.all(servers.map((server) => server.start()));
        return taken('after the restart');
    }
  }

  /** Where that is configured, the master that is cut off refuses writes by and by. */
  async #fenced(former: FleetMember): Promise<void> {
    if (!this.#plan.serverLines.some((line) => line.startsWith('min-replicas-to-write'))) return;
    const refusals = (): number =>
      this.#teams.reduce((sum, team) => sum + team.refused('NOREPLICAS', nameOf(former)), 0);
    await until('the master that is cut off refuses writes', async () => refusals() > 0);
  }

  /** Waits until all servers but the one that is gone follow one master that the sentinels name. */
  async #settled(gone: FleetMember | undefined): Promise<FleetMember> {
    const live = this.#fleet.servers.filter((server) => server !== gone);
    if (this.#fleet.sentinels.length > 0) return this.#fleet.settled(live);
    let master: FleetMember | undefined;
    await until('all servers follow one master', async () => {
      const texts = await Promise.all(live.map((one) => one.call('INFO', 'replication')));
      master = live.find((_, i) => /^role:master\r$/m.test(String(texts[i])));
      const isUp = (text: unknown): boolean => /^master_link_status:up\r$/m.test(String(text));
      return master !== undefined && texts.filter(isUp).length === live.length - 1;
    });
    return master as FleetMember;
  }

  async #account(
    writes: ReadonlyMap<string, readonly Write[]>,
    course: Course,
  ): Promise<RoundResult> {
    const { fault, serverLines } = this.#plan;
    const { former, master, faultMs } = course;
    const gone = fault === 'kill' ? former : undefined;
    const others = this.#fleet.servers.filter((one) => one !== master && one !== gone);
    const servers = [master, ...others];
    await until('all servers are at one offset', async () => {
      const offsets = await Promise.all(servers.map((one) => replicationField(one, OFFSET)));
      return new Set(offsets).size === 1;
    });
    const finalHistory = await replicationField(master, HISTORY);
    const found = await Promise.all(servers.map((server) => countsOf(server, writes)));
    const replicas = this.#fleet.servers.length - 1;
    const result = account({ writes, found, finalHistory, faultMs, replicas });
    const { lost } = result;
    const hasPromised =
      fault === 'handover' || (fault === 'restart' && former === master && isAlways(serverLines));
    return {
      ...result,
      lost: lost.length,
      lostByCause: countBy(lost.map(({ cause }) => cause)),
      lostByKind: countBy(lost.map(({ writer }) => writer.slice(writer.indexOf('-') + 1))),
      violations: [
        ...result.violations,
        ...(hasPromised && lost.length > 0 ? [`${lost.length} lost in spite of ${fault}`] : []),
        ...(fault === 'split' ? afterRefusal([...writes.values()].flat(), course) : []),
      ],
    };
  }
}

const HISTORY = /^master_replid:(\w+)\r$/m;
const OFFSET = /^master_repl_offset:(\d+)\r$/m;

/** Makes a fleet, lets it suffer, and takes it down. */
export async function runRound(plan: RoundPlan): Promise<RoundResult> {
  const clients = 2;
  const namespaces = plan.hasNamespaces ? await Namespaces.create(plan.hosts + clients) : undefined;
  try {
    const makes = Array.from({ length: plan.hosts }, () => plan.make);
    const sentinels = plan.fault === 'handover' ? [] : makes;
    const places: readonly Place[] | undefined = namespaces?.places;
    const fleet = await SentinelFleet.start({
      servers: makes,
      sentinels,
      quorum: Math.floor(plan.hosts / 2) + 1,
      downAfterMs: plan.downAfterMs,
      serverLines: plan.serverLines,
      ...(places === undefined ? {} : { places }),
    });
    try {
      return await new Round(plan, fleet, namespaces).run();
    } finally {
      await fleet.stop();
    }
  } finally {
    namespaces?.end();
  }
}

/**
 * A master that is cut off and has found too few replicas finds none until it is healed: what it
 * acknowledges after that breaks the promise of `min-replicas-to-write`.
 */
function afterRefusal(
  all: readonly Write[],
  { former, faultMs, healMs }: Course,
): readonly string[] {
  const isolated = all.filter(
    ({ server, sentMs, answeredMs }) =>
      server === nameOf(former) && sentMs > faultMs && answeredMs < healMs,
  );
  const refusedMs = isolated
    .filter(({ error }) => error.startsWith('NOREPLICAS'))
    .reduce((first, { answeredMs }) => Math.min(first, answeredMs), Number.POSITIVE_INFINITY);
  return isolated
    .filter(({ outcome, sentMs }) => outcome === 'acknowledged' && sentMs > refusedMs)
    .map(({ server, number }) => `${server} acknowledged ${number} after -NOREPLICAS`);
}

/** As writers name it. */
function nameOf({ place, port }: FleetMember): string {
  return `${place.address}:${port}`;
}

function countBy<T extends string>(values: readonly T[]): Readonly<Record<T, number>> {
  const counts = {} as Record<T, number>;
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function isAlways(lines: readonly string[]): boolean {
  return lines.includes('appendonly yes') && lines.includes('appendfsync always');
}

async function replicationField(server: FleetMember, pattern: RegExp): Promise<string> {
  return pattern.exec(String(await server.call('INFO', 'replication')))?.[1] ?? '';
}
