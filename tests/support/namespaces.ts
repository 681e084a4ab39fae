// Hosts as network namespaces of Linux. Each has two wires: one to a switch (a bridge) over which the
// hosts talk, and one over which only the process that made them talks to each. A partition puts the
// wires of some hosts into another switch: like a cable that was pulled, nobody is told, and what is on
// the way is gone. Everything lives in a namespace of its own, entered with the words of
// `namespaceCommand`, so that nothing of the machine is touched and nothing is left behind.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Place } from './place.ts';

/** Without privileges, a namespace of users first; where that is forbidden, root needs none. */
const WAYS: readonly (readonly string[])[] = [
  ['unshare', '--map-root-user', '--net'],
  ['unshare', '--net'],
];

/** All that is needed below, on a small scale. */
const ATTEMPT = [
  'ip link add s0 type bridge',
  'ip link add a0 type veth peer name b0',
  'ip link set a0 master s0',
  'unshare --net nsenter --target $$ --net true',
].join(' && ');

/** The words that run a command where it may make hosts, or why there are none. */
export function namespaceCommand(): { readonly words: readonly string[] } | { reason: string } {
  let reason = '';
  for (const words of WAYS) {
    const [program, ...args] = words;
    const attempt = spawnSync(program, [...args, 'sh', '-c', ATTEMPT], { encoding: 'utf8' });
    if (attempt.status === 0) return { words };
    reason = attempt.error?.message ?? attempt.stderr.trim().split('\n')[0];
  }
  return { reason: `this machine allows no network namespaces: ${reason}` };
}

interface Host extends Place {
  /** The end of its wire that is in a switch. */
  readonly wire: string;
}

export class Namespaces {
  readonly places: readonly Place[];
  readonly #hosts: readonly Host[];
  /** A namespace lasts as long as somebody is in it; `cat` ends with this process. */
  readonly #keepers: readonly ChildProcess[];

  private constructor(hosts: readonly Host[], keepers: readonly ChildProcess[]) {
    this.#hosts = hosts;
    this.places = hosts;
    this.#keepers = keepers;
  }

  static async create(count: number): Promise<Namespaces> {
    run(
      ['ip', '-batch', '-'],
      ['switch0', 'switch1', 'control']
        .flatMap((bridge) => [`link add ${bridge} type bridge`, `link set ${bridge} up`])
        .concat('link set lo up', 'address add 10.78.1.254/24 dev control'),
    );
    const keepers: ChildProcess[] = [];
    const hosts: Host[] = [];
    for (let i = 0; i < count; i++) {
      const keeper = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
      keepers.push(keeper);
      // When it answers, it is inside.
      keeper.stdin.write('.');
      await once(keeper.stdout, 'data');
      hosts.push(connectHost(i, keeper.pid ?? 0));
    }
    return new Namespaces(hosts, keepers);
  }

  /** From now on these places reach only each other, and the rest only the rest. */
  cut(places: readonly Place[]): void {
    this.#plug((host) => (places.includes(host) ? 'switch1' : 'switch0'));
  }

  heal(): void {
    this.#plug(() => 'switch0');
  }

  end(): void {
    for (const keeper of this.#keepers) keeper.stdin?.end();
  }

  #plug(switchOf: (host: Host) => string): void {
    run(
      ['ip', '-batch', '-'],
      this.#hosts.map((host) => `link set ${host.wire} master ${switchOf(host)}`),
    );
  }
}

function connectHost(i: number, pid: number): Host {
  const enter = ['nsenter', '--target', String(pid), '--net', '--'];
  const address = `10.78.0.${i + 1}`;
  const controlAddress = `10.78.1.${i + 1}`;
  run(
    ['ip', '-batch', '-'],
    [
      `link add wire${i} type veth peer name data netns ${pid}`,
      `link add ctl${i} type veth peer name control netns ${pid}`,
      `link set wire${i} master switch0 up`,
      `link set ctl${i} master control up`,
    ],
  );
  run(
    [...enter, 'ip', '-batch', '-'],
    [
      'link set lo up',
      `address add ${address}/24 dev data`,
      `address add ${controlAddress}/24 dev control`,
      'link set data up',
      'link set control up',
    ],
  );
  return { address, controlAddress, enter, wire: `wire${i}` };
}

function run([program, ...args]: readonly string[], lines: readonly string[]): void {
  const input = lines.map((line) => `${line}\n`).join('');
  const done = spawnSync(program, args, { input, encoding: 'utf8' });
  if (done.status !== 0) {
    throw new Error(`${program} ${args.join(' ')}: ${done.error?.message ?? done.stderr}`);
  }
}
