// What must hold whatever happens: fleets under random faults, each run repeatable from its list.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fleet } from './fleet-fixture.ts';

type Fault =
  | { readonly kind: 'kill' | 'start' | 'freeze' | 'thaw'; readonly who: string }
  | { readonly kind: 'cut' | 'heal'; readonly who: string; readonly other: string }
  | { readonly kind: 'diskFull' | 'diskFree'; readonly who: string };

const nodes = ['n1', 'n2', 'n3'];
const sentinels = ['s1', 's2', 's3'];
const anybody = fc.constantFrom(...nodes, ...sentinels);
const aSentinel = fc.constantFrom(...sentinels);

const faults: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constantFrom('kill', 'start', 'freeze', 'thaw'), who: anybody }),
  fc.record({ kind: fc.constantFrom('cut', 'heal'), who: aSentinel, other: anybody }),
  fc.record({ kind: fc.constantFrom('diskFull', 'diskFree'), who: aSentinel }),
);

const story = fc.record({
  seed: fc.nat(),
  steps: fc.array(fc.record({ fault: faults, pause: fc.nat(3000) }), { maxLength: 25 }),
});

function inflict(fleet: Fleet, fault: Fault): void {
  const { who } = fault;
  const program = who.startsWith('n') ? fleet.node(who) : fleet.sentinel(who);
  switch (fault.kind) {
    case 'kill':
      if (program.state !== 'dead') program.kill();
      return;
    case 'start':
      if (program.state === 'dead') revive(fleet, who);
      return;
    case 'freeze':
      if (program.state === 'up') program.freeze();
      return;
    case 'thaw':
      if (program.state === 'frozen') program.thaw();
      return;
    case 'cut':
      if (who !== fault.other && !fleet.isCut(who, fault.other)) fleet.cut(who, fault.other);
      return;
    case 'heal':
      fleet.heal(who, fault.other);
      return;
    default:
      fleet.sentinel(who).isDiskFull = fault.kind === 'diskFull';
  }
}

function revive(fleet: Fleet, who: string): void {
  if (who.startsWith('n')) fleet.node(who).start();
  else fleet.sentinel(who).restart();
}

function healEverything(fleet: Fleet): void {
  for (const a of sentinels) for (const b of [...nodes, ...sentinels]) fleet.heal(a, b);
  for (const name of [...nodes, ...sentinels]) {
    const program = name.startsWith('n') ? fleet.node(name) : fleet.sentinel(name);
    if (program.state === 'frozen') program.thaw();
    if (program.state === 'dead') revive(fleet, name);
  }
  for (const name of sentinels) fleet.sentinel(name).isDiskFull = false;
}

/** Watches a fleet from one look to the next. */
class Witness {
  readonly #fleet: Fleet;
  readonly #epochs: Map<unknown, readonly [number, number]> = new Map();
  /** Where the master was, by configuration epoch. */
  readonly #places: Map<number, string> = new Map();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  look(): void {
    for (const { core, name } of this.#fleet.sentinels.values()) {
      const master = core?.master('mymaster', this.#fleet.now);
      if (core === undefined || master === undefined) continue;
      const [current, config] = this.#epochs.get(core) ?? [0, 0];
      assert.ok(core.currentEpoch >= current, `${name}: current epoch went back`);
      assert.ok(master.configEpoch >= config, `${name}: configuration epoch went back`);
      this.#epochs.set(core, [core.currentEpoch, master.configEpoch]);
      const place = core.masterAddress('mymaster')?.host ?? '';
      const known = this.#places.get(master.configEpoch) ?? place;
      assert.equal(place, known, `two masters of configuration epoch ${master.configEpoch}`);
      this.#places.set(master.configEpoch, place);
    }
  }

  /** One vote an epoch, over all lives of a sentinel, told or counted. */
  checkVotes(): void {
    for (const { name, toldVotes } of this.#fleet.sentinels.values()) {
      const votes = new Map<number, string>();
      const cast = (epoch: number, leader: string) => {
        assert.equal(votes.get(epoch) ?? leader, leader, `${name} voted twice in ${epoch}`);
        votes.set(epoch, leader);
      };
      for (const { epoch, leader } of toldVotes) cast(epoch, leader);
      for (const line of this.#fleet.transcript) {
        const [, who, event, leader, epoch] = line.split(' ');
        if (who !== name || event !== '+vote-for-leader') continue;
        cast(Number(epoch), this.#fleet.sentinel(leader).runId);
      }
    }
  }
}

function newFleet(seed: number): Fleet {
  const fleet = new Fleet(seed);
  fleet.addNode('n1');
  fleet.addNode('n2', 'n1');
  fleet.addNode('n3', 'n1');
  for (const name of sentinels) {
    const settings = { downAfterMs: 1000, failoverTimeoutMs: 3000 };
    fleet.addSentinel(name, settings, fleet.node('n1').host);
    fleet.run(fleet.random.below(60));
  }
  fleet.run(5000);
  return fleet;
}

test('no second vote in an epoch, no epoch goes back, one master an epoch; all agree in the end', () => {
  fc.assert(
    fc.property(story, ({ seed, steps }) => {
      const fleet = newFleet(seed);
      const witness = new Witness(fleet);
      for (const { fault, pause } of steps) {
        inflict(fleet, fault);
        for (let passed = 0; passed < pause; passed += 100) {
          fleet.run(Math.min(100, pause - passed));
          witness.look();
        }
      }
      healEverything(fleet);
      fleet.run(120_000);
      witness.look();
      witness.checkVotes();
      agree(fleet);
    }),
    { numRuns: 60 },
  );
});

/** Everybody names the same master, which leads, and everything else follows it. */
function agree(fleet: Fleet): void {
  const named = new Set<string>();
  for (const { core } of fleet.sentinels.values()) {
    named.add(core?.masterAddress('mymaster')?.host ?? '?');
  }
  assert.equal(named.size, 1, `${[...named].join(' and ')}\n${fleet.transcript.join('\n')}`);
  const [host] = named;
  for (const node of fleet.nodes.values()) {
    assert.equal(node.master?.host, node.host === host ? undefined : host, node.name);
  }
}

test('a killed master is replaced within a few milliseconds of down-after', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(2000), (seed, pause) => {
      const fleet = newFleet(seed);
      fleet.run(12_000 + pause);
      const killed = fleet.now;
      fleet.node('n1').kill();
      while (fleet.node('n2').master !== undefined && fleet.node('n3').master !== undefined) {
        fleet.run(1);
        assert.ok(fleet.now < killed + 1200, fleet.transcript.slice(-40).join('\n'));
      }
    }),
    { numRuns: 50 },
  );
});

test('nobody is called down while everything answers, for an hour', () => {
  const fleet = newFleet(7);
  fleet.run(3_600_000);
  assert.deepEqual(
    fleet.transcript.filter((line) => / [+-](sdown|odown|tilt|reboot)/.test(line)),
    [],
  );
});

/** Every node's master, by name; '-' of a master. */
function followed(fleet: Fleet): readonly string[] {
  const nameOf = (host: string | undefined): string =>
    [...fleet.nodes.values()].find((node) => node.host === host)?.name ?? '-';
  return [...fleet.nodes.values()].map((node) => nameOf(node.master?.host));
}

test('a master that comes back as a replica is replaced by one that followed it to the end', () => {
  const fleet = newFleet(7);
  fleet.run(15_000);
  fleet.node('n1').follow(fleet.node('n2'));
  for (const name of ['n2', 'n3']) {
    fleet.node(name).linkUpSince = undefined;
    fleet.node(name).linkDownSince = fleet.now;
  }
  // The role is believed after two periods of INFO, twice as long as a cut-off replica would be promoted.
  fleet.run(40_000);
  const masters = followed(fleet);
  assert.equal(masters.filter((name) => name === '-').length, 1, masters.join());
  assert.notEqual(masters[0], '-');
});

test('it is told to be the master when nobody can take its place', () => {
  const fleet = newFleet(8);
  fleet.run(15_000);
  fleet.node('n1').follow(fleet.node('n2'));
  for (const name of ['n2', 'n3']) fleet.node(name).priority = 0;
  // Whoever may not rewrite the configuration may still say who the master is.
  fleet.node('n1').says.set('CONFIG', { kind: 'error', text: 'NOPERM' });
  fleet.run(60_000);
  assert.deepEqual(followed(fleet), ['-', 'n1', 'n1']);
  assert.ok(fleet.transcript.some((line) => line.includes('+restore-master master mymaster')));
});
