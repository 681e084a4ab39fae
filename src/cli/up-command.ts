// `understudy up`: a fleet of processes in the foreground. It says what comes up and what happens, and
// ends with Ctrl-C, SIGTERM or the terminal; whatever ends it, no node is left and no data lost.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Environment } from '../env/environment.ts';
import { nodeEnvironment } from '../env/node/node-environment.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { type FleetControl, openFleetControl } from '../fleet/fleet-control.ts';
import { FleetLayout } from '../fleet/fleet-layout.ts';
import { NodeStartError } from '../fleet/node-starter.ts';
import { ProcessStarter, temporaryFolder } from '../fleet/process-starter.ts';
import { RunningFleet } from '../fleet/running-fleet.ts';
import { splitArguments } from '../util/split-arguments.ts';
import { readEarlierRun } from './earlier-run.ts';
import { ExitError, exitCodes } from './exit-codes.ts';
import { defaultFleetFolder, FleetFolder } from './fleet-folder.ts';
import { FleetReport } from './fleet-report.ts';
import { choosePorts } from './port-block.ts';

export interface UpOptions {
  readonly dir: string;
  readonly ephemeral: boolean;
  readonly replicas: number;
  readonly sentinels: number;
  readonly quorum: number | undefined;
  readonly downAfter: number;
  readonly port: number | 'auto';
  readonly sentinelPort: number | undefined;
  readonly conf: string | undefined;
  readonly server: string | undefined;
  readonly sentinel: string | undefined;
  readonly page: boolean;
  readonly pagePort: number;
  readonly json: boolean;
}

const HOST = '127.0.0.1';
const MASTER_NAME = 'mymaster';

/** Returns when the fleet was ended. */
export async function up(options: UpOptions): Promise<void> {
  const environment = nodeEnvironment();
  const temporary = options.ephemeral ? temporaryFolder() : undefined;
  const folder = new FleetFolder(temporary?.path ?? resolve(options.dir));
  try {
    folder.lock();
  } catch (error) {
    temporary?.remove();
    throw error;
  }
  try {
    await run(environment, folder, options);
  } finally {
    folder.unlock();
    temporary?.remove();
  }
}

async function run(
  environment: Environment,
  folder: FleetFolder,
  options: UpOptions,
): Promise<void> {
  const isDefault = folder.path === defaultFleetFolder(process.env);
  const report = new FleetReport({
    json: options.json,
    folder: folder.path,
    toolName: toolName(),
    dirOption: isDefault ? '' : ` --dir ${folder.path}`,
  });
  const layout = await planLayout(environment, folder, options);
  const fleet = new RunningFleet({
    environment,
    starter: new ProcessStarter(folder.path, {
      server: words(options.server, '--server'),
      sentinel: words(options.sentinel, '--sentinel'),
    }),
    layout,
  });
  const end = endOnSignals(fleet, report);
  report.starting(layout);
  const unwatch = fleet.on('state-change', (change) => report.progress(change));
  try {
    await fleet.start();
  } catch (error) {
    if (end.isAsked) return;
    if (error instanceof NodeStartError) throw new ExitError(exitCodes.failed, error.message);
    throw error;
  } finally {
    unwatch();
  }
  folder.writeLayout({
    masterName: MASTER_NAME,
    ports: Object.fromEntries(layout.nodes.map(({ name, port }) => [name, port])),
  });
  await serve(environment, { folder, fleet, options, report, end: end.now });
}

interface Serving {
  readonly folder: FleetFolder;
  readonly fleet: Fleet;
  readonly options: UpOptions;
  readonly report: FleetReport;
  readonly end: () => void;
}

async function serve(environment: Environment, serving: Serving): Promise<void> {
  const { folder, fleet, options, report, end } = serving;
  const token = randomBytes(24).toString('base64url');
  let control: FleetControl | undefined;
  let page: { readonly url: string; close(): Promise<void> } | undefined;
  try {
    control = await openFleetControl(environment, fleet, token, end);
    if (options.page) page = await openPage(fleet, options.pagePort);
    folder.writeRunning({
      pid: process.pid,
      controlPort: control.port,
      token,
      page: page?.url ?? null,
    });
    report.ready(fleet, page?.url ?? null);
    fleet.on('event', (event) => report.event(event));
    fleet.on('failover', (failover) => report.failover(failover));
    await fleet.ended;
  } finally {
    await fleet.stop();
    await page?.close();
    await control?.close();
  }
}

async function openPage(
  fleet: Fleet,
  port: number,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { createDashboard } = await import('../dashboard/dashboard.ts');
  try {
    return await createDashboard({ fleet, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port === 0) throw error;
    // The page's port is nobody's habit yet: any other does as well.
    return createDashboard({ fleet, port: 0 });
  }
}

async function planLayout(
  environment: Environment,
  folder: FleetFolder,
  options: UpOptions,
): Promise<FleetLayout> {
  const { replicas, sentinels, quorum, downAfter } = options;
  const earlier = readEarlierRun(folder);
  const ports = await choosePorts(environment.network, {
    host: HOST,
    servers: replicas + 1,
    sentinels,
    port: options.port,
    sentinelPort: options.sentinelPort,
  });
  const firstMaster = earlier.master ?? 'server1';
  if (Number(firstMaster.slice('server'.length)) > replicas + 1) {
    throw new ExitError(
      exitCodes.usage,
      `${firstMaster} was the master when the fleet in ${folder.path} ended; start it with at ` +
        `least ${Number(firstMaster.slice('server'.length)) - 1} replicas, or in another --dir`,
    );
  }
  const conf = options.conf === undefined ? undefined : resolve(options.conf);
  return new FleetLayout({
    masterName: MASTER_NAME,
    host: HOST,
    serverPorts: ports.servers,
    sentinelPorts: ports.sentinels,
    quorum: quorum ?? Math.floor(sentinels / 2) + 1,
    downAfterMs: downAfter,
    firstMaster,
    serverImplementation: options.server === undefined ? 'understudy' : 'other',
    sentinelImplementation: options.sentinel === undefined ? 'understudy' : 'other',
    password: conf === undefined ? undefined : passwordIn(conf),
    serverLines: conf === undefined ? [] : [`include "${conf}"`],
    sentinelState: earlier.sentinelState,
  });
}

/** Sentinels and replicas must know the password that clients need. */
function passwordIn(conf: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(conf, 'latin1');
  } catch (error) {
    throw new ExitError(exitCodes.usage, `--conf: ${(error as Error).message}`);
  }
  const line = text.split(/\r?\n/).findLast((known) => /^\s*requirepass\s/i.test(known));
  const password = line === undefined ? undefined : splitWords(line)?.[1];
  return password === '' ? undefined : password;
}

function words(line: string | undefined, option: string): readonly string[] | undefined {
  if (line === undefined) return undefined;
  const split = splitWords(line);
  if (split === undefined || split.length === 0) {
    throw new ExitError(exitCodes.usage, `${option} needs the command line of a program`);
  }
  return split;
}

/** By the rules of redis.conf; undefined when a quote is not closed. */
function splitWords(line: string): readonly string[] | undefined {
  return splitArguments(Buffer.from(line))?.map((word) => word.toString());
}

/** What a person types to run this program again. */
function toolName(): string {
  const program = process.argv[1] ?? '';
  return program.endsWith('.js') ? `node ${relative(process.cwd(), program)}` : 'understudy';
}

/** Ends the fleet once, however often it is asked; says so to a person who asks twice. */
function endOnSignals(
  fleet: Fleet,
  report: FleetReport,
): { readonly now: () => void; readonly isAsked: boolean } {
  let isAsked = false;
  const ask = (signal: string): void => {
    if (isAsked) {
      report.stillStopping();
      return;
    }
    isAsked = true;
    report.stopping(signal);
    void fleet.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => ask(signal));
  }
  // The terminal may be gone; that must not end the process before its nodes.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return {
    now: () => ask('understudy down'),
    get isAsked() {
      return isAsked;
    },
  };
}
