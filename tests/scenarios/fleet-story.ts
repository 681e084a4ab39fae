// Tells a story of a whole simulated fleet: a file of commands, each followed by what could be seen. The
// fleet is the production code of servers and sentinels on virtual time, so the transcript is the same
// on every run. `expect` lines are what the story is about: they must hold, whatever the transcript.
//
//   # Comment            > fleet seed=1 replicas=2 sentinels=3 …      > crash server-1
//   > run 5000           > partition server-1 | server-2 sentinel-1   > expect master server-2
//   > when any +try-failover crash          > expect count +elected-leader 1

import assert from 'node:assert/strict';
import { OutboundLink } from '../../src/net/outbound.ts';
import type { Reply } from '../../src/protocol/reply-reader.ts';
import { allCheckers } from '../../src/simulator/checkers/all-checkers.ts';
import type { Checker } from '../../src/simulator/checkers/checker.ts';
import { lineText, type TraceLine } from '../../src/simulator/trace.ts';
import { Load } from '../../src/simulator/workload.ts';
import { World } from '../../src/simulator/world.ts';

/** Of the log, what a story is about: roles, votes, failovers, synchronisations. */
const TOLD =
  /^([+-](?!slave|sentinel|monitor|sentinel-address|new-epoch)|Full resync|Successful partial|MASTER MODE|FAIL|violation|client)/;
const LIMIT_MS = 120_000;
/** What a sentinel that was told to crash ends with. */
const SIMULATED_FAILURE = 'ended with 99';
/** How long a client waits for an answer. */
const PATIENCE_MS = 1000;
/** More lines than any story has. */
const KEPT_LINES = 100_000;

type Words = readonly string[];

export async function tellFleetStory(text: string): Promise<string> {
  const told: string[] = [];
  const story = new FleetStory();
  for (const line of text.split('\n')) {
    if (line.startsWith('> ')) told.push(line, ...(await story.run(line.slice(2))));
    else if (line.startsWith('#') || line === '') told.push(line);
  }
  story.finish();
  return `${told.join('\n').trimEnd()}\n`;
}

class FleetStory {
  #world: World | undefined;
  #checkers: readonly Checker[] = [];
  #from = 0;
  /** What the last client heard. */
  #heard = '';

  get #fleet(): World {
    assert.ok(this.#world !== undefined, 'a story begins with a fleet');
    return this.#world;
  }

  async run(command: string): Promise<readonly string[]> {
    const [verb, ...words] = command.split(' ');
    const act = this.#verbs[verb];
    assert.ok(act !== undefined, `no such command in a story: ${command}`);
    await act(words);
    const { lines } = this.#fleet.trace;
    const seen = lines.slice(this.#from).filter(isTold);
    this.#from = lines.length;
    return seen.map(lineText);
  }

  /** Safety holds in every story; whether the fleet is one again is the story's own to expect. */
  finish(): void {
    const found = this.#checkers
      .flatMap((checker) => checker.finish())
      .filter(({ checker, text }) => checker !== 'liveness' && !text.endsWith(SIMULATED_FAILURE));
    assert.deepEqual(found, []);
  }

  readonly #verbs: Record<string, (words: Words) => Promise<void> | void> = {
    fleet: (words) => this.#build(words),
    run: ([ms]) => this.#fleet.run(Number(ms)),
    settle: () => this.#fleet.until(() => this.#fleet.isAssembled(), LIMIT_MS),
    crash: (names) => {
      for (const name of names) this.#fleet.crash(name);
    },
    power: (names) => {
      for (const name of names) this.#fleet.crash(name, true);
    },
    start: async (names) => {
      for (const name of names) assert.ok(await this.#fleet.restart(name), `${name} starts`);
    },
    pause: (names) => {
      for (const name of names) this.#fleet.pause(name);
    },
    resume: (names) => {
      for (const name of names) this.#fleet.resume(name);
    },
    clock: ([name, ms]) => this.#fleet.stepClock(name, Number(ms)),
    partition: (words) => this.#fleet.partition(...sides(words, '|')),
    deaf: (words) => this.#fleet.partition(...sides(words, '->'), true),
    heal: () => this.#fleet.heal(),
    until: (words) => this.#fleet.until(() => this.#holds(words), LIMIT_MS),
    expect: (words) => assert.ok(this.#holds(words), `expected: ${words.join(' ')}`),
    send: (words) => this.#send(words),
    when: (words) => this.#when(words),
    configure: ([name, ...lines]) => this.#fleet.server(name).configure(lines.join(' ').split(';')),
  };

  async #build(words: Words): Promise<void> {
    const options = new Map(words.map((word) => word.split('=') as [string, string]));
    const number = (name: string, usual: number) => Number(options.get(name) ?? usual);
    this.#world = await World.create({
      seed: number('seed', 1),
      replicas: number('replicas', 2),
      sentinels: number('sentinels', 3),
      ...(options.has('quorum') ? { quorum: number('quorum', 0) } : {}),
      downAfterMs: number('down-after', 1000),
      failoverTimeoutMs: number('failover-timeout', 10_000),
      serverLines: (options.get('lines') ?? '').split(';').map((line) => line.replaceAll('_', ' ')),
      keptLines: KEPT_LINES,
    });
    this.#from = this.#world.trace.lines.length;
    this.#checkers = allCheckers();
    const load = new Load(this.#world, { clients: 0, workloads: [], thinkMs: 0 });
    for (const checker of this.#checkers) checker.attach(this.#world, load);
  }

  /** At the very moment when a node (`any`: the first) logs a line that begins so, it goes: once. */
  #when([who, text, act]: Words): void {
    let isDone = false;
    this.#fleet.onLog.push((node, entry) => {
      if (isDone || (who !== 'any' && node.name !== who) || !entry.text.startsWith(text)) return;
      isDone = true;
      assert.ok(act === 'crash' || act === 'power', `a node goes by crash or power, not ${act}`);
      this.#fleet.crash(node.name, act === 'power');
    });
  }

  /** How many lines of the whole story begin so. */
  #count(text: string): number {
    return this.#fleet.trace.lines.filter((line) => line.text.startsWith(text)).length;
  }

  /** How many different candidates somebody voted for in this epoch. */
  #candidates(epoch: string): number {
    const votes = this.#fleet.trace.lines.map((line) => line.text.split(' '));
    const ofEpoch = votes.filter(([event, , at]) => event === '+vote-for-leader' && at === epoch);
    return new Set(ofEpoch.map(([, leader]) => leader)).size;
  }

  /** What all who run must agree on, as words. */
  #holds([fact, ...words]: Words): boolean {
    const [name, second, third] = words;
    const replication = (): NonNullable<typeof server>['parts']['replication'] | undefined =>
      server?.parts.replication;
    const server = name?.startsWith('server') ? this.#fleet.server(name).process : undefined;
    switch (fact) {
      case 'master':
        return this.#agrees(name) && replication()?.role === 'master';
      case 'role':
        return replication()?.role === second;
      case 'follows':
        return (
          replication()?.masterAddress?.host === this.#fleet.node(second).address &&
          replication()?.replica.isUp === true
        );
      case 'value':
        return this.#value(name, second) === third;
      case 'assembled':
        return this.#fleet.isAssembled();
      case 'count':
        return this.#count(name) === Number(second);
      case 'candidates':
        return this.#candidates(name) === Number(second);
      case 'heard':
        return this.#heard === words.join(' ');
      case 'down':
        return this.#fleet.node(name).state === 'down';
      default:
        assert.fail(`no such fact: ${fact}`);
    }
  }

  #agrees(server: string): boolean {
    const { address, port } = this.#fleet.node(server);
    const running = this.#fleet.sentinels.filter((one) => one.process !== undefined);
    return running.every(({ name }) => this.#fleet.masterAddress(name) === `${address}:${port}`);
  }

  /** `none` for no such key. */
  #value(server: string, key: string): string {
    const db = this.#fleet.server(server).process?.parts.engine.databases[0];
    const bytes = Buffer.from(key, 'latin1');
    const ref = db?.lookupQuiet(bytes, 0, bytes.length) ?? 0;
    if (db === undefined || ref === 0) return 'none';
    const start = db.valueStart(ref);
    return db.page(ref).toString('latin1', start, start + db.valueLength(ref));
  }

  /** A client on a machine of its own says something to a node, and tells what it heard. */
  async #send([client, name, ...args]: Words): Promise<void> {
    const fleet = this.#fleet;
    const environment = fleet.world.start(fleet.clientAddress(Number(client.slice(7))));
    const { address, port } = fleet.node(name);
    this.#heard = '';
    const link = new OutboundLink(
      environment,
      { host: address, port },
      {
        onConnect: () => link.send(args, (reply) => (this.#heard = plain(reply))),
        onClose: (reason) => (this.#heard ||= reason),
      },
      { connectTimeoutMs: PATIENCE_MS },
    );
    for (let ms = 0; this.#heard === '' && ms < PATIENCE_MS; ms += 10) await fleet.run(10);
    fleet.trace.add(
      fleet.nowMs * 1000,
      client,
      `client: ${args.join(' ')}: ${this.#heard || 'no answer'}`,
    );
    environment.kill();
  }
}

function isTold({ who, text }: TraceLine): boolean {
  return who !== 'world' && TOLD.test(text);
}

function sides(words: Words, between: string): [Words, Words] {
  const at = words.indexOf(between);
  return [words.slice(0, at), words.slice(at + 1)];
}

function plain(reply: Reply): string {
  if (reply.kind === 'bulk') return reply.bytes.toString('latin1');
  if (reply.kind === 'array') return reply.items.map(plain).join(' ');
  if (reply.kind === 'integer') return String(reply.value);
  return 'text' in reply ? reply.text : reply.kind;
}
