// A master, its replicas and sentinels over them as processes, each ours or Redis's own, on free ports of
// the loopback or on hosts of their own. What a test waits for are facts that the programs themselves report.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { addressesOf, loopback, type Place } from './place.ts';
import { projectRoot } from './project.ts';
import { type Reply, RespConnection } from './resp-connection.ts';

export type Make = 'ours' | 'real';

export interface FleetPlan {
  /** The first is the master. */
  readonly servers: readonly Make[];
  readonly sentinels: readonly Make[];
  readonly quorum: number;
  readonly downAfterMs?: number;
  /** Further lines of every sentinel, and of every server. */
  readonly sentinelLines?: readonly string[];
  readonly serverLines?: readonly string[];
  /** The i-th server and the i-th sentinel run on the i-th of these; without, all on the loopback. */
  readonly places?: readonly Place[];
}

/** What a reply says, without its types; an error stands as its text. */
export type Plain = string | number | boolean | null | readonly Plain[];

const LIMIT_MS = 60_000;
const REPORTED_LINES = 30;
const FIRST_PORT = { server: 7000, sentinel: 27_000 } as const;

export class FleetMember {
  readonly kind: 'server' | 'sentinel';
  readonly make: Make;
  readonly port: number;
  readonly place: Place;
  readonly folder: string;
  #child: ChildProcess | undefined;
  #arguments: readonly string[] | undefined;
  #connection: RespConnection | undefined;

  constructor(
    kind: 'server' | 'sentinel',
    make: Make,
    port: number,
    root: string,
    place: Place = loopback,
  ) {
    this.kind = kind;
    this.make = make;
    this.port = port;
    this.place = place;
    this.folder = join(root, `${kind}-${port}`);
    mkdirSync(this.folder, { recursive: true });
  }

  get configFile(): string {
    return join(this.folder, 'node.conf');
  }

  get config(): string {
    return readFileSync(this.configFile, 'latin1');
  }

  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'latin1');
  }

  /** What it wrote last, for the report of a test that failed. */
  get logEnd(): string {
    if (!existsSync(join(this.folder, 'log'))) return `${this.kind} ${this.port} wrote no log\n`;
    const lines = this.log.trimEnd().split('\n').slice(-REPORTED_LINES).join('\n');
    return `${this.kind} ${this.port}, exit code ${this.exitCode}:\n${lines}\n`;
  }

  get exitCode(): number | null {
    return this.#child?.exitCode ?? null;
  }

  configure(lines: readonly string[]): void {
    const all = [
      `port ${this.port}`,
      `bind ${addressesOf(this.place).join(' ')}`,
      ...(this.place === loopback ? [] : ['protected-mode no']),
      `dir ${this.folder}`,
      'logfile log',
      ...lines,
    ];
    writeFileSync(this.configFile, all.map((line) => `${line}\n`).join(''));
  }

  /** The whole text of its configuration file. */
  configureAs(text: string): void {
    writeFileSync(this.configFile, text, 'latin1');
  }

  /** Arguments in place of the configuration file. */
  useArguments(args: readonly string[]): void {
    this.#arguments = args;
  }

  /** Starts the program and waits until it answers. */
  async start(): Promise<void> {
    const program = `${this.kind}.js`;
    const words =
      this.make === 'real'
        ? [`redis-${this.kind}`]
        : [process.execPath, join(projectRoot, 'build', 'src', 'cli', `understudy-${program}`)];
    const all = [...this.place.enter, ...words, ...(this.#arguments ?? [this.configFile])];
    this.#child = spawn(all[0], all.slice(1), {
      cwd: this.folder,
      stdio: 'ignore',
    });
    await until(
      `${this.kind} ${this.port} answers`,
      async () => {
        const answer = await this.call('PING');
        return answer === 'PONG' || /^NOAUTH/.test(String(answer));
      },
      () => this.logEnd,
    );
  }

  /**
   * One request on a connection that is kept, or on a new one when that was closed meanwhile: a server
   * whose role changes closes all of them. Throws when there is nobody to ask.
   */
  async call(...args: readonly string[]): Promise<Plain> {
    const kept = this.#connection;
    if (kept !== undefined) {
      try {
        return plain(await kept.call(...args));
      } catch {
        this.forgetConnection();
      }
    }
    const connection = await RespConnection.open(this.port, this.place.controlAddress);
    this.#connection = connection;
    return plain(await connection.call(...args));
  }

  forgetConnection(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** A map reply as an object. */
  async map(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
    return fields(await this.call(...args));
  }

  freeze(): void {
    this.forgetConnection();
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.forgetConnection();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill('SIGCONT');
    child.kill(signal);
    await gone;
  }

  /** Ends it as a power failure would. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      await new Promise<void>((done) => child.once('exit', () => done()));
    }
    return child?.exitCode ?? null;
  }
}

export class SentinelFleet {
  static readonly masterName = 'mymaster';
  readonly servers: readonly FleetMember[];
  readonly sentinels: readonly FleetMember[];
  readonly #root: string;

  private constructor(
    root: string,
    servers: readonly FleetMember[],
    sentinels: readonly FleetMember[],
  ) {
    this.#root = root;
    this.servers = servers;
    this.sentinels = sentinels;
  }

  get members(): readonly FleetMember[] {
    return [...this.servers, ...this.sentinels];
  }

  /** Everything runs, replicas are online, every sentinel knows them and each other. */
  static async start(plan: FleetPlan): Promise<SentinelFleet> {
    const root = mkdtempSync(join(tmpdir(), 'understudy-fleet-'));
    const members = async (
      kind: 'server' | 'sentinel',
      makes: readonly Make[],
    ): Promise<readonly FleetMember[]> => {
      const found: FleetMember[] = [];
      for (const [i, make] of makes.entries()) {
        const place = plan.places?.[i];
        // Hosts have all their ports: these are none that a connection could have been given.
        const port = place === undefined ? await freePort() : FIRST_PORT[kind] + i;
        found.push(new FleetMember(kind, make, port, root, place));
      }
      return found;
    };
    const servers = await members('server', plan.servers);
    const sentinels = await members('sentinel', plan.sentinels);
    const fleet = new SentinelFleet(root, servers, sentinels);
    try {
      await fleet.#start(plan);
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  async #start(plan: FleetPlan): Promise<void> {
    const [master] = this.servers;
    for (const [i, server] of this.servers.entries()) {
      const leader = i === 0 ? [] : [`replicaof ${master.place.address} ${master.port}`];
      server.configure([
        'save ""',
        'repl-diskless-sync-delay 0',
        ...leader,
        ...(plan.serverLines ?? []),
      ]);
    }
    await Promise.all(this.servers.map((server) => server.start()));
    await until('all replicas are online', async () => {
      const info = String(await master.call('INFO', 'replication'));
      return (info.match(/state=online/g) ?? []).length === this.servers.length - 1;
    });
    const name = SentinelFleet.masterName;
    for (const sentinel of this.sentinels) {
      sentinel.configure([
        `sentinel monitor ${name} ${master.place.address} ${master.port} ${plan.quorum}`,
        `sentinel down-after-milliseconds ${name} ${plan.downAfterMs ?? 1000}`,
        `sentinel failover-timeout ${name} 20000`,
        ...(plan.sentinelLines ?? []),
      ]);
    }
    await Promise.all(this.sentinels.map((sentinel) => sentinel.start()));
    await this.knowsAll();
  }

  /** Waits until every sentinel that answers knows all replicas and all other sentinels. */
  async knowsAll(): Promise<void> {
    const replicas = this.servers.length - 1;
    for (const sentinel of this.sentinels) {
      let told: Readonly<Record<string, string>> = {};
      await until(
        `sentinel ${sentinel.port} knows the fleet`,
        async () => {
          told = await sentinel.map('SENTINEL', 'MASTER', SentinelFleet.masterName);
          return (
            Number(told['num-slaves']) === replicas &&
            Number(told['num-other-sentinels']) === this.sentinels.length - 1 &&
            told.flags === 'master'
          );
        },
        () => [JSON.stringify(told), ...this.members.map((one) => one.logEnd)].join('\n'),
      );
    }
  }

  /** The master's port as a sentinel tells it. */
  async toldBy(sentinel: FleetMember): Promise<number> {
    const address = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster');
    return Array.isArray(address) ? Number(address[1]) : 0;
  }

  /** Waits until all these sentinels name one master other than `former`, and returns it. */
  async successor(
    former: FleetMember,
    sentinels: readonly FleetMember[] = this.sentinels,
  ): Promise<FleetMember> {
    let port = 0;
    await until('all sentinels name one new master', async () => {
      const ports = await Promise.all(sentinels.map((sentinel) => this.toldBy(sentinel)));
      port = ports[0];
      return port !== former.port && ports.every((one) => one === port);
    });
    const found = this.servers.find((server) => server.port === port);
    if (found === undefined) throw new Error(`a stranger leads: port ${port}`);
    return found;
  }

  /**
   * Waits until all sentinels name one master and all other servers of these follow it. On a machine
   * that is short of time a real sentinel may fail over once more than it should.
   */
  async settled(servers: readonly FleetMember[] = this.servers): Promise<FleetMember> {
    let leader: FleetMember | undefined;
    await until('everybody follows one master', async () => {
      const ports = await Promise.all(this.sentinels.map((one) => this.toldBy(one)));
      leader = servers.find((one) => ports.every((port) => port === one.port));
      if (leader === undefined) return false;
      for (const server of servers) {
        if (server === leader) continue;
        const info = String(await server.call('INFO', 'replication'));
        const isThere = info.includes(`master_port:${leader.port}\r\n`);
        if (!isThere || !info.includes('master_link_status:up')) return false;
      }
      return true;
    });
    return leader as FleetMember;
  }

  /** Waits until the server follows the master and its link is up. */
  async follows(server: FleetMember, master: FleetMember): Promise<void> {
    await until(`server ${server.port} follows ${master.port}`, async () => {
      const info = String(await server.call('INFO', 'replication'));
      return (
        info.includes(`master_port:${master.port}\r\n`) && info.includes('master_link_status:up')
      );
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((one) => one.kill()));
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** Tries until it is true; what it throws means not yet. `evidence` is asked when it never was. */
export async function until(
  what: string,
  test: () => Promise<boolean>,
  evidence: () => string = () => '',
): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  let trouble: unknown;
  while (Date.now() < deadline) {
    try {
      if (await test()) return;
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    await pause(20);
  }
  throw new Error(`never came true: ${what}\n${evidence()}`.trimEnd(), { cause: trouble });
}

export function fields(reply: Plain): Readonly<Record<string, string>> {
  if (!Array.isArray(reply)) throw new Error(`not a map: ${String(reply)}`);
  const entries: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < reply.length; i += 2)
    entries.push([String(reply[i]), String(reply[i + 1])]);
  return Object.fromEntries(entries);
}

function plain(reply: Reply): Plain {
  switch (reply.type) {
    case 'integer':
      return Number(reply.text);
    case 'bulk':
    case 'verbatim':
      return reply.bytes.toString('latin1');
    case 'boolean':
      return reply.value;
    case 'nullBulk':
    case 'nullArray':
    case 'null':
      return null;
    case 'array':
    case 'set':
    case 'push':
    case 'map':
    case 'attribute':
      return reply.items.map(plain);
    default:
      return reply.text;
  }
}
