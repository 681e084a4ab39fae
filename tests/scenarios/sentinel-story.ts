// Tells a story of sentinels: a file of commands, run on a fleet in virtual time, and behind each the
// transcript of all that could be seen. The file is the test: what a run shows must be what it says.
//
//   # Comment              > fleet replicas=2 sentinels=3 down-after=1000 …    > kill n1
//   > run 500              > run 12000 quiet                                   > show s1

import type { SentinelAnswer } from '../../src/sentinel/core/effect.ts';
import { Fleet } from '../../src/sentinel/core/fleet-fixture.ts';

/** Virtual ms between the starts of two sentinels: their timers must not fall together. */
const START_GAP_MS = 37;

/** The whole story again, with the transcript that this run gives. */
export function tellStory(text: string): string {
  const told: string[] = [];
  const story = new Story();
  for (const line of text.split('\n')) {
    if (line.startsWith('> ')) told.push(line, ...story.run(line.slice(2)));
    else if (line.startsWith('#') || line === '') told.push(line);
  }
  return `${told.join('\n').trimEnd()}\n`;
}

type Words = readonly string[];

class Story {
  #fleet = new Fleet(1);

  run(command: string): readonly string[] {
    const [verb, ...words] = command.split(' ');
    const act = this.#verbs[verb];
    if (act === undefined) throw new Error(`no such command in a story: ${command}`);
    const from = this.#fleet.transcript.length;
    act(words);
    const lines = this.#fleet.transcript.splice(from);
    return words.includes('quiet') ? [] : lines;
  }

  readonly #verbs: Record<string, (words: Words) => void> = {
    fleet: (words) => this.#build(words),
    run: ([ms]) => this.#fleet.run(Number(ms)),
    kill: ([name]) => this.#program(name).kill(),
    start: ([name]) => {
      if (name.startsWith('n')) this.#fleet.node(name).start();
      else this.#fleet.sentinel(name).restart();
    },
    freeze: ([name]) => this.#program(name).freeze(),
    thaw: ([name]) => this.#program(name).thaw(),
    cut: ([a, b]) => this.#fleet.cut(a, b),
    heal: ([a, b]) => this.#fleet.heal(a, b),
    priority: ([name, value]) => {
      this.#fleet.node(name).priority = Number(value);
    },
    offset: ([name, value]) => {
      this.#fleet.node(name).offset = Number(value);
    },
    follow: ([name, master]) => this.#fleet.node(name).follow(this.#fleet.node(master)),
    stubborn: ([name, value]) => {
      this.#fleet.node(name).isStubborn = value === 'yes';
    },
    disk: ([name, value]) => {
      this.#fleet.sentinel(name).isDiskFull = value === 'full';
    },
    real: ([name]) => {
      this.#fleet.sentinel(name).isOurs = false;
    },
    says: ([name, command, ...words]) => {
      const { says } = this.#fleet.node(name);
      if (words.length === 0) says.delete(command);
      else says.set(command, { kind: 'error', text: words.join(' ') });
    },
    hello: ([name, ...words]) =>
      this.#fleet.sentinel(name).input({ kind: 'hello', text: this.#expand(words.join(' ')) }),
    failover: ([name]) => this.#command(name, { name: 'failover', master: 'mymaster' }),
    reset: ([name]) => this.#command(name, { name: 'reset', pattern: '*' }),
    remove: ([name]) => this.#command(name, { name: 'remove', master: 'mymaster' }),
    crash: ([name, when]) =>
      this.#command(name, {
        name: 'simulateFailure',
        crashAfterElection: when === 'after-election',
        crashAfterPromotion: when === 'after-promotion',
      }),
    show: ([name]) => this.#show(name),
  };

  #program(name: string): { kill(): void; freeze(): void; thaw(): void } {
    return name.startsWith('n') ? this.#fleet.node(name) : this.#fleet.sentinel(name);
  }

  #build(words: Words): void {
    const options = new Map(words.map((word) => word.split('=') as [string, string]));
    const number = (name: string, usual: number) => Number(options.get(name) ?? usual);
    this.#fleet = new Fleet(number('seed', 1));
    this.#fleet.addNode('n1');
    for (let i = 0; i < number('replicas', 2); i++) this.#fleet.addNode(`n${i + 2}`, 'n1');
    for (let i = 1; i <= number('sentinels', 3); i++) {
      const settings = {
        quorum: number('quorum', 2),
        downAfterMs: number('down-after', 1000),
        failoverTimeoutMs: number('failover-timeout', 60_000),
        parallelSyncs: number('parallel-syncs', 1),
        rebootDownAfterMs: number('reboot-down-after', 0),
        notificationScript: options.get('notification-script') ?? '',
        clientReconfigScript: options.get('client-reconfig-script') ?? '',
      };
      this.#fleet.addSentinel(`s${i}`, settings, this.#fleet.node('n1').host);
      this.#fleet.run(number('gap', START_GAP_MS));
    }
  }

  #command(name: string, command: Parameters<ReturnType<Fleet['sentinel']>['command']>[0]): void {
    this.#fleet.sentinel(name).command(command, (answer) => {
      this.#fleet.note(name, `answers ${describeAnswer(answer)}`);
    });
  }

  #show(name: string): void {
    const { core } = this.#fleet.sentinel(name);
    const master = core?.master('mymaster', this.#fleet.now);
    const quorum = core?.quorum('mymaster');
    if (core === undefined || master === undefined || quorum === undefined) return;
    const { host, port } = core.masterAddress('mymaster') ?? { host: '?', port: 0 };
    const note = (text: string) => this.#fleet.note(name, text);
    note(`master ${host} ${port} ${master.flags} epoch ${master.configEpoch}/${core.currentEpoch}`);
    if (master.refusal !== '') note(`refused: ${master.refusal}`);
    const { usable, hasQuorum, hasMajority, refusals } = quorum;
    note(`${usable} usable, quorum ${hasQuorum}, majority ${hasMajority}`);
    for (const refusal of refusals) note(`refusal: ${refusal}`);
    for (const replica of core.replicas('mymaster', this.#fleet.now) ?? []) {
      note(`replica ${replica.name} ${replica.flags} of ${replica.masterHost}`);
    }
    if (core.summary(this.#fleet.now).isTilt) note('in TILT');
  }

  /** `$s2` is the run id of s2. */
  #expand(text: string): string {
    return text.replace(/\$(s\d)/g, (_, name: string) => this.#fleet.sentinel(name).runId);
  }
}

function describeAnswer(answer: SentinelAnswer): string {
  return answer.kind === 'count' ? `count ${answer.count}` : answer.kind;
}
