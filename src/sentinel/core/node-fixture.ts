// The least that a data node is to a sentinel: PING, INFO, hellos that pass on to its replicas, and a
// role that can be changed. Replication is a flag that comes up a moment after the master was found.

import type { Reply } from '../../protocol/reply-reader.ts';
import type { FakeLink, Fleet } from './fleet-fixture.ts';
import { bulk, ok } from './reply-fixture.ts';

const SYNC_MS = 20;

export class FakeNode {
  readonly fleet: Fleet;
  readonly name: string;
  readonly host: string;
  readonly port = 6379;
  state: 'up' | 'frozen' | 'dead' = 'up';
  runId: string;
  /** Whom it follows; undefined: it is a master. */
  master: { host: string; port: number } | undefined;
  priority = 100;
  offset = 1000;
  linkUpSince: number | undefined = 0;
  linkDownSince: number | undefined;
  /** Told to change its role, it does not. */
  isStubborn = false;
  /** What it says to a command instead of what it should. */
  readonly says: Map<string, Reply> = new Map();
  #starts = 0;
  /** What came while it was stopped. */
  readonly #held: (() => void)[] = [];
  #links: Set<FakeLink> = new Set();
  /** Transactions under way; one with a refused command is dropped. */
  readonly #queued: Map<FakeLink, (() => void)[]> = new Map();
  #subscribers: Set<FakeLink> = new Set();

  constructor(fleet: Fleet, name: string, host: string, master: FakeNode | undefined) {
    this.fleet = fleet;
    this.name = name;
    this.host = host;
    this.master = master === undefined ? undefined : { host: master.host, port: master.port };
    this.runId = this.#drawRunId();
  }

  #drawRunId(): string {
    return Buffer.from(`${this.name}-${++this.#starts}`.padEnd(20, '.')).toString('hex');
  }

  kill(): void {
    this.state = 'dead';
    this.#held.length = 0;
    const links = [...this.#links];
    this.#links.clear();
    this.#subscribers.clear();
    for (const link of links) {
      this.fleet.travel(this.name, link.from.name, () => link.from.closed(link, 'closed'));
    }
  }

  /** With the role that it had: what CONFIG REWRITE is for. */
  start(): void {
    this.state = 'up';
    this.runId = this.#drawRunId();
  }

  freeze(): void {
    this.state = 'frozen';
  }

  thaw(): void {
    this.state = 'up';
    for (const run of this.#held.splice(0)) run();
  }

  /** Somebody else makes it a replica. */
  follow(node: FakeNode): void {
    this.#follow(node.host, String(node.port));
  }

  accept(link: FakeLink): void {
    this.#links.add(link);
  }

  drop(link: FakeLink): void {
    this.#links.delete(link);
    this.#subscribers.delete(link);
  }

  receive(link: FakeLink, args: readonly string[], reply: (reply: Reply) => void): void {
    if (this.state === 'dead') return;
    if (this.state === 'frozen') {
      this.#held.push(() => !link.isGone && this.receive(link, args, reply));
      return;
    }
    const said = this.says.get(args[0]);
    if (said?.kind === 'error') this.#queued.delete(link);
    reply(said ?? this.#answer(link, args));
  }

  #answer(link: FakeLink, args: readonly string[]): Reply {
    const [name, ...rest] = args;
    switch (name) {
      case 'PING':
        return { kind: 'simple', text: 'PONG' };
      case 'INFO':
        return bulk(this.info());
      case 'SUBSCRIBE':
        this.#subscribers.add(link);
        return {
          kind: 'array',
          items: [bulk('subscribe'), bulk(rest[0]), { kind: 'integer', value: 1 }],
        };
      case 'PUBLISH':
        this.#publish(rest[0], rest[1]);
        return { kind: 'integer', value: 1 };
      case 'MULTI':
        this.#queued.set(link, []);
        return ok;
      case 'SLAVEOF':
        this.#queued.get(link)?.push(() => {
          if (!this.isStubborn) this.#follow(rest[0], rest[1]);
        });
        return { kind: 'simple', text: 'QUEUED' };
      case 'EXEC':
        return this.#execute(link);
      default:
        return ok;
    }
  }

  #execute(link: FakeLink): Reply {
    const queued = this.#queued.get(link);
    this.#queued.delete(link);
    if (queued === undefined) return { kind: 'error', text: 'EXECABORT' };
    for (const run of queued) run();
    return { kind: 'array', items: [ok] };
  }

  #follow(host: string, port: string): void {
    if (host === 'NO') {
      this.master = undefined;
      return;
    }
    if (this.master?.host === host) return;
    this.master = { host, port: Number(port) };
    this.linkUpSince = this.fleet.now + SYNC_MS;
    this.linkDownSince = undefined;
  }

  #publish(channel: string, text: string): void {
    this.#deliver(channel, text);
    for (const node of this.fleet.nodes.values()) {
      if (node.master?.host === this.host && node.isLinkUp) node.#deliver(channel, text);
    }
  }

  #deliver(channel: string, text: string): void {
    const message: Reply = { kind: 'array', items: [bulk('message'), bulk(channel), bulk(text)] };
    for (const link of this.#subscribers) {
      this.fleet.travel(this.name, link.from.name, () => {
        if (!link.isGone) link.from.input({ kind: 'message', link: link.id, message });
      });
    }
  }

  get isLinkUp(): boolean {
    if (this.master === undefined) return false;
    const master = this.fleet.programAt(this.master.host);
    const isThere = master instanceof FakeNode && master.state === 'up';
    const isReachable = isThere && !this.fleet.isCut(this.name, master.name);
    const isUp =
      isReachable && this.linkUpSince !== undefined && this.fleet.now >= this.linkUpSince;
    if (isUp) this.linkDownSince = undefined;
    else this.linkDownSince ??= this.fleet.now;
    return isUp;
  }

  info(): string {
    const lines = ['# Server', `run_id:${this.runId}`, '# Replication'];
    if (this.master === undefined) {
      lines.push('role:master');
      let index = 0;
      for (const node of this.fleet.nodes.values()) {
        if (node.state === 'dead' || node.master?.host !== this.host || !node.isLinkUp) continue;
        lines.push(`slave${index++}:ip=${node.host},port=${node.port},state=online,offset=1,lag=0`);
      }
    } else {
      const isUp = this.isLinkUp;
      lines.push(
        'role:slave',
        `master_host:${this.master.host}`,
        `master_port:${this.master.port}`,
      );
      lines.push(`master_link_status:${isUp ? 'up' : 'down'}`);
      if (!isUp) {
        const seconds = Math.floor((this.fleet.now - (this.linkDownSince ?? 0)) / 1000);
        lines.push(`master_link_down_since_seconds:${seconds}`);
      }
      lines.push(`slave_priority:${this.priority}`, `slave_repl_offset:${this.offset}`);
    }
    return `${lines.join('\r\n')}\r\n`;
  }
}
