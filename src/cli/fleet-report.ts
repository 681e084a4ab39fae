// What `understudy up` says: for people a line a node and what happens to it, for machines one JSON
// object a line with a field `event`.

import type { Fleet, FleetEvents } from '../fleet/fleet.ts';
import type { FleetLayout } from '../fleet/fleet-layout.ts';
import type { FailoverView, TimelineEvent } from '../fleet/fleet-view.ts';
import { type Paint, paintFor } from './paint.ts';
import { failoverText } from './status-text.ts';

export interface FleetReportOptions {
  readonly json: boolean;
  readonly folder: string;
  /** How a person calls this program: 'understudy', or 'node build/src/cli/understudy.js'. */
  readonly toolName: string;
  /** ' --dir FOLDER', or '' where that is the default. */
  readonly dirOption: string;
}

export class FleetReport {
  readonly #options: FleetReportOptions;
  readonly #paint: Paint = paintFor(process.stdout, process.env);

  constructor(options: FleetReportOptions) {
    this.#options = options;
  }

  starting(layout: FleetLayout): void {
    const { serverPorts, sentinelPorts } = layout.options;
    this.#say(
      { event: 'starting', folder: this.#options.folder },
      `Starting ${count(serverPorts.length, 'server')} and ` +
        `${count(sentinelPorts.length, 'sentinel')} in ${this.#options.folder}`,
    );
  }

  progress({ node, to }: FleetEvents['state-change']): void {
    if (to !== 'up') return;
    this.#say({ event: 'up', node }, `  ${this.#paint.good('up')}  ${node}`);
  }

  ready(fleet: Fleet, page: string | null): void {
    const sentinels = fleet.sentinelAddresses();
    const addresses = Object.fromEntries(
      [...fleet.view.servers, ...fleet.view.sentinels].map(({ name, host, port, pid }) => [
        name,
        { host, port, pid },
      ]),
    );
    const { master } = fleet.view;
    const json = { event: 'ready', pid: process.pid, master, nodes: addresses, page };
    this.#say({ ...json, folder: this.#options.folder }, this.#invitation(fleet, page));
    if (sentinels.length === 0) {
      this.#say(undefined, this.#paint.warn('Without sentinels nobody takes over.'));
    }
  }

  event(event: TimelineEvent): void {
    // What sentinels say is the page's; here only what a person at a terminal would miss.
    if (this.#options.json) {
      this.#say({ event: 'timeline', ...event }, '');
      return;
    }
    if (event.kind !== 'node' || event.name === 'up' || event.name === 'starting') return;
    const colour = event.name === 'down' ? this.#paint.bad : this.#paint.warn;
    this.#say(undefined, `${time(event.atMs)}  ${colour(event.node)}  ${event.text}`);
  }

  failover(failover: FailoverView): void {
    const text = `${time(Date.now())}  ${this.#paint.good('failover')}  ${failoverText(failover)}`;
    this.#say({ ...failover, event: 'failover' }, text);
  }

  stopping(by: string): void {
    this.#say({ event: 'stopping', by }, `\nEnding all nodes (${by}); their data is saved.`);
  }

  stillStopping(): void {
    this.#say(
      { event: 'stopping', again: true },
      'Already ending: nodes are saving their data. It takes 20 seconds at most.',
    );
  }

  #invitation(fleet: Fleet, page: string | null): string {
    const { bold, faint } = this.#paint;
    const { view, masterName } = fleet;
    const line = (name: string, role: string, address: string): string =>
      `  ${name.padEnd(10)} ${role.padEnd(8)} ${address}`;
    const sentinels = fleet.sentinelAddresses().map(({ host, port }) => `${host}:${port}`);
    const [first] = fleet.sentinelAddresses();
    const lines = [
      '',
      ...view.servers.map(({ name, role, host, port }) =>
        line(name, role ?? '', `${host}:${port}`),
      ),
      ...view.sentinels.map(({ name, host, port }) => line(name, 'sentinel', `${host}:${port}`)),
      '',
    ];
    if (first !== undefined) {
      const list = fleet
        .sentinelAddresses()
        .map(({ host, port }) => `{ host: '${host}', port: ${port} }`)
        .join(', ');
      lines.push(
        `${bold('redis-cli')}   redis-cli -p ${first.port} sentinel get-master-addr-by-name ${masterName}`,
        `${bold('ioredis')}     new Redis({ name: '${masterName}', sentinels: [${list}] })`,
        `${bold('node-redis')}  createSentinel({ name: '${masterName}', sentinelRootNodes: [${list}] })`,
        faint(`            sentinels: ${sentinels.join(' ')}`),
      );
    } else {
      lines.push(`${bold('redis-cli')}   redis-cli -p ${fleet.getPort()}`);
    }
    const { toolName, dirOption } = this.#options;
    lines.push('', `Break it:   ${toolName} kill master${dirOption}`);
    lines.push(`Look:       ${toolName} status${dirOption}`);
    lines.push(page === null ? 'No page.' : `Page:       ${bold(page)}`);
    lines.push('Ctrl-C ends everything.', '');
    return lines.join('\n');
  }

  #say(json: object | undefined, text: string): void {
    if (!this.#options.json) process.stdout.write(`${text}\n`);
    else if (json !== undefined) process.stdout.write(`${JSON.stringify(json)}\n`);
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function time(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
