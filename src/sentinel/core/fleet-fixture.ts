// A fleet for tests: sentinels (real cores) and data nodes (as little of one as a sentinel sees) on
// virtual time, joined by a network of the test's own. All that can be seen is written down as text.

import type { Reply } from '../../protocol/reply-reader.ts';
import { Heap } from '../../util/heap.ts';
import { SeededRandom } from '../../util/seeded-random.ts';
import type { SentinelAnswer, SentinelEffect } from './effect.ts';
import type { SentinelInput, SentinelRequest } from './input.ts';
import { FakeNode } from './node-fixture.ts';
import { bulk, ok } from './reply-fixture.ts';
import { SentinelCore } from './sentinel-core.ts';
import {
  defaultGlobalSettings,
  defaultMasterSettings,
  defaultTimings,
  type MasterSettings,
  type SavedState,
} from './settings.ts';

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** How long anything takes from one program to another, and a write to the disk. ms. */
const TRAVEL_MS = 0.2;
const DISK_MS = 2;

export class Fleet {
  now = 0;
  /** `time who what`, as it happened. */
  readonly transcript: string[] = [];
  readonly nodes: Map<string, FakeNode> = new Map();
  readonly sentinels: Map<string, FakeSentinel> = new Map();
  readonly random: SeededRandom;
  readonly #happenings = new Heap<Happening>((a, b) => a.at - b.at || a.order - b.order);
  /** What waits for a cut to heal: TCP sends it again then. */
  readonly #cuts: Map<string, (() => void)[]> = new Map();
  #order = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  node(name: string): FakeNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  sentinel(name: string): FakeSentinel {
    const sentinel = this.sentinels.get(name);
    if (sentinel === undefined) throw new Error(`no sentinel ${name}`);
    return sentinel;
  }

  /** `n1`… at 10.0.0.1:6379…; a replica of `master` if that is given. */
  addNode(name: string, master?: string): FakeNode {
    const host = `10.0.0.${this.nodes.size + 1}`;
    const node = new FakeNode(
      this,
      name,
      host,
      master === undefined ? undefined : this.node(master),
    );
    this.nodes.set(name, node);
    return node;
  }

  addSentinel(name: string, settings: Partial<MasterSettings>, masterHost: string): FakeSentinel {
    const sentinel = new FakeSentinel(this, name, `10.0.1.${this.sentinels.size + 1}`);
    this.sentinels.set(name, sentinel);
    sentinel.boot(firstState(sentinel, masterHost, settings));
    return sentinel;
  }

  after(ms: number, run: () => void): void {
    this.#happenings.push({ at: this.now + ms, order: this.#order++, run });
  }

  /** Virtual time goes on. */
  run(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.#happenings.peek();
      if (next === undefined || next.at > end) break;
      this.#happenings.pop();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  note(who: string, what: string): void {
    this.transcript.push(`${(this.now / 1000).toFixed(3)} ${who} ${this.#readable(what)}`);
  }

  /** Nothing passes between two programs any more, or again; nothing is lost. */
  cut(a: string, b: string): void {
    this.#cuts.set([a, b].sort().join(' '), []);
  }

  heal(a: string, b: string): void {
    const key = [a, b].sort().join(' ');
    const held = this.#cuts.get(key) ?? [];
    this.#cuts.delete(key);
    for (const run of held) this.after(TRAVEL_MS, run);
  }

  isCut(a: string, b: string): boolean {
    return this.#cuts.has([a, b].sort().join(' '));
  }

  /** Something goes from one program to another. */
  travel(a: string, b: string, run: () => void): void {
    this.after(TRAVEL_MS, () => {
      const held = this.#cuts.get([a, b].sort().join(' '));
      if (held === undefined) run();
      else held.push(run);
    });
  }

  /** Run ids and addresses by the names of their owners. */
  #readable(text: string): string {
    let result = text;
    for (const [name, sentinel] of this.sentinels) result = result.replaceAll(sentinel.runId, name);
    for (const [name, node] of this.nodes) {
      result = result.replaceAll(new RegExp(`${node.host}[: ]${node.port}\\b`, 'g'), name);
    }
    return result;
  }

  programAt(host: string): FakeNode | FakeSentinel | undefined {
    for (const node of this.nodes.values()) if (node.host === host) return node;
    for (const sentinel of this.sentinels.values()) if (sentinel.host === host) return sentinel;
    return undefined;
  }
}

function firstState(
  sentinel: FakeSentinel,
  host: string,
  settings: Partial<MasterSettings>,
): SavedState {
  const { quorum = 2 } = settings;
  return {
    myId: sentinel.runId,
    currentEpoch: 0,
    settings: { ...defaultGlobalSettings, announceIp: sentinel.host },
    masters: [
      {
        name: 'mymaster',
        host,
        port: 6379,
        settings: { ...defaultMasterSettings(quorum, defaultTimings), ...settings },
        configEpoch: 0,
        leaderEpoch: 0,
        replicas: [],
        sentinels: [],
      },
    ],
  };
}

/** One connection of a sentinel to a program. */
export interface FakeLink {
  readonly id: number;
  readonly from: FakeSentinel;
  readonly purpose: 'command' | 'subscription';
  isOpen: boolean;
  isGone: boolean;
}

export class FakeSentinel {
  readonly fleet: Fleet;
  readonly name: string;
  readonly host: string;
  readonly port = 26_379;
  readonly runId: string;
  core: SentinelCore | undefined;
  state: 'up' | 'frozen' | 'dead' = 'dead';
  isDiskFull = false;
  /** Whether it tells in INFO that it is one of ours. */
  isOurs = true;
  disk: SavedState | undefined;
  /** Every vote that was told: the epoch and for whom. */
  readonly toldVotes: { readonly epoch: number; readonly leader: string }[] = [];
  readonly answers: Map<number, SentinelAnswer> = new Map();
  readonly #links: Map<number, { link: FakeLink; to: FakeNode | FakeSentinel | undefined }> =
    new Map();
  readonly #replies: Map<number, (answer: SentinelAnswer) => void> = new Map();
  #held: SentinelInput[] = [];
  readonly #heldCommands: (() => void)[] = [];
  #wakeNumber = 0;
  #nextCommand = 1;

  constructor(fleet: Fleet, name: string, host: string) {
    this.fleet = fleet;
    this.name = name;
    this.host = host;
    this.runId = Buffer.from(name.padEnd(20, '.')).toString('hex');
  }

  boot(state: SavedState): void {
    this.state = 'up';
    this.disk = state;
    const { random } = this.fleet;
    this.core = new SentinelCore({ state, random: () => random.fraction() });
    this.input({ kind: 'start' });
  }

  kill(): void {
    this.state = 'dead';
    this.core = undefined;
    for (const { link, to } of this.#links.values()) {
      link.isGone = true;
      to?.drop(link);
    }
    this.#links.clear();
    this.#held = [];
    this.#heldCommands.length = 0;
    for (const sentinel of this.fleet.sentinels.values()) sentinel.peerGone(this);
  }

  restart(): void {
    if (this.disk !== undefined) this.boot(this.disk);
  }

  freeze(): void {
    this.state = 'frozen';
  }

  thaw(): void {
    this.state = 'up';
    const held = this.#held;
    this.#held = [];
    for (const input of held) this.input(input);
    for (const run of this.#heldCommands.splice(0)) run();
  }

  input(input: SentinelInput): void {
    if (this.core === undefined) return;
    if (this.state === 'frozen') {
      this.#held.push(input);
      return;
    }
    for (const effect of this.core.step(this.fleet.now, input)) this.#carryOut(effect);
  }

  command(command: SentinelRequest, onAnswer?: (answer: SentinelAnswer) => void): number {
    const id = this.#nextCommand++;
    if (onAnswer !== undefined) this.#replies.set(id, onAnswer);
    this.input({ kind: 'command', id, command });
    return id;
  }

  #carryOut(effect: SentinelEffect): void {
    const { fleet, name } = this;
    switch (effect.kind) {
      case 'persist':
        this.#persist(effect.id, effect.state);
        return;
      case 'open':
        this.#open(effect);
        return;
      case 'close':
        this.#close(effect.link);
        return;
      case 'send':
        this.#send(effect.link, effect.id, effect.args);
        return;
      case 'answer':
        this.answers.set(effect.id, effect.answer);
        this.#replies.get(effect.id)?.(effect.answer);
        return;
      case 'event':
        if (effect.level !== 'debug') fleet.note(name, `${effect.name} ${effect.message}`);
        return;
      case 'log':
        if (effect.level === 'warning') fleet.note(name, `log: ${effect.text}`);
        return;
      case 'script':
        fleet.note(name, `script: ${effect.path} ${effect.args.join(' ')}`);
        return;
      case 'failoverDelayed':
        fleet.note(name, `next failover not before ${(effect.forMs / 1000).toFixed(0)} s`);
        return;
      case 'wake':
        this.#wakeAt(effect.at);
        return;
      case 'exit':
        fleet.note(name, `exit ${effect.code}`);
        this.kill();
        return;
      case 'resolve':
        fleet.note(name, `resolve ${effect.host}`);
        return;
    }
  }

  #persist(id: number, state: SavedState): void {
    const { core } = this;
    this.fleet.after(DISK_MS, () => {
      if (this.core !== core) return;
      const isWritten = !this.isDiskFull;
      if (isWritten) this.disk = state;
      this.input({ kind: 'persisted', id, ok: isWritten });
    });
  }

  #wakeAt(at: number): void {
    const number = ++this.#wakeNumber;
    const { core } = this;
    this.fleet.after(Math.max(0, at - this.fleet.now), () => {
      if (this.core === core && number === this.#wakeNumber) this.input({ kind: 'wake' });
    });
  }

  #open(effect: Extract<SentinelEffect, { kind: 'open' }>): void {
    const { fleet } = this;
    const to = fleet.programAt(effect.host);
    const link: FakeLink = {
      id: effect.link,
      from: this,
      purpose: effect.purpose,
      isOpen: false,
      isGone: false,
    };
    this.#links.set(link.id, { link, to });
    fleet.travel(this.name, to?.name ?? '', () => {
      if (link.isGone) return;
      if (to === undefined || to.state === 'dead') {
        this.closed(link, 'Connection refused');
        return;
      }
      link.isOpen = true;
      to.accept(link);
      this.input({ kind: 'linkOpened', link: link.id, localHost: this.host });
    });
  }

  #close(id: number): void {
    const entry = this.#links.get(id);
    if (entry === undefined) return;
    entry.link.isGone = true;
    entry.to?.drop(entry.link);
    this.#links.delete(id);
  }

  /** The other side ended it, or could not be reached. */
  closed(link: FakeLink, reason: string): void {
    if (link.isGone) return;
    link.isGone = true;
    this.#links.delete(link.id);
    this.input({ kind: 'linkClosed', link: link.id, reason });
  }

  peerGone(peer: FakeSentinel): void {
    for (const { link, to } of [...this.#links.values()]) {
      if (to === peer) this.fleet.after(TRAVEL_MS, () => this.closed(link, 'closed'));
    }
  }

  #send(id: number, command: number, args: readonly string[]): void {
    const entry = this.#links.get(id);
    const { link, to } = entry ?? {};
    if (link === undefined || to === undefined) return;
    if (args[0] === 'SLAVEOF') this.fleet.note(this.name, `to ${to.name}: ${args.join(' ')}`);
    const { fleet } = this;
    // What goes out while the link opens arrives behind the opening.
    fleet.travel(this.name, to.name, () => {
      if (link.isGone) return;
      to.receive(link, args, (reply) => {
        fleet.travel(to.name, this.name, () => {
          if (link.isGone) return;
          this.input({ kind: 'reply', link: id, id: command, reply });
        });
      });
    });
  }

  // As a program that others talk to.

  accept(_link: FakeLink): void {}

  drop(_link: FakeLink): void {}

  receive(link: FakeLink, args: readonly string[], reply: (reply: Reply) => void): void {
    if (this.state === 'dead') return;
    if (this.state === 'frozen') {
      this.#heldCommands.push(() => !link.isGone && this.receive(link, args, reply));
      return;
    }
    const [name, subcommand, ...rest] = args;
    if (name === 'PING') reply({ kind: 'simple', text: 'PONG' });
    else if (name === 'INFO') {
      reply(
        bulk(`# Server\r\nredis_version:7.2.4\r\n${this.isOurs ? 'understudy_version:1\r\n' : ''}`),
      );
    } else if (name === 'PUBLISH') {
      this.input({ kind: 'hello', text: rest[0] });
      reply({ kind: 'integer', value: 1 });
    } else if (name === 'SENTINEL' && subcommand === 'is-master-down-by-addr') {
      this.#isMasterDown(rest, reply);
    } else if (name === 'SENTINEL' && subcommand === 'MYID') reply(bulk(this.runId));
    else reply(ok);
  }

  #isMasterDown(args: readonly string[], reply: (reply: Reply) => void): void {
    const [host, port, epoch, runId] = args;
    const request = { name: 'isMasterDown', host, port: +port, epoch: +epoch, runId } as const;
    this.command(request, (answer) => {
      if (answer.kind !== 'masterDown') return;
      const { leader, leaderEpoch, isDown } = answer;
      if (leader !== '*') this.toldVotes.push({ epoch: leaderEpoch, leader });
      const down = { kind: 'integer', value: isDown ? 1 : 0 } as const;
      reply({
        kind: 'array',
        items: [down, bulk(leader), { kind: 'integer', value: leaderEpoch }],
      });
    });
  }
}
