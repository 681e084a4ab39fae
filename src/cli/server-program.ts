// understudy-server as a process: arguments, background, signals, pid file, title, service manager and
// exit codes around a node. What the arguments mean is server/config's business, what a node does is
// the node's.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import type { Environment } from '../env/environment.ts';
import { nodeEnvironment } from '../env/node/node-environment.ts';
import { checkRdbFile } from '../server/check-rdb.ts';
import { parseCommandLine, type RunCommandLine } from '../server/config/command-line.ts';
import type { Configuration, ConfigurationFailure } from '../server/config/load-configuration.ts';
import { createDataNode } from '../server/data-node.ts';
import type { HostedNode, HostProcess, ShutdownSignal } from '../server/host-process.ts';
import { loadNodeConfiguration } from '../server/load-node-configuration.ts';
import type { SentinelSources } from '../server/load-sentinel-configuration.ts';
import { runAofCheck } from './aof-check-program.ts';
import { writeBugReport } from './bug-report.ts';
import { setCompilerLimits } from './compiler-limits.ts';
import { isInBackground, startInBackground } from './daemonize.ts';
import { programEnvironment } from './fleet-node.ts';
import type { NodePlan } from './node-plan.ts';
import { fitMaxclients } from './open-files.ts';
import { DEFAULT_PID_FILE, removePidFile, writePidFile } from './pid-file.ts';
import { expandTitle } from './process-title.ts';
import { planSentinel, takeStateFolder } from './sentinel-program.ts';
import { logIdentity, logStart } from './start-lines.ts';
import { detectSupervision, notifySystemd, type Supervision } from './supervision.ts';
import { serverUsage, versionLine } from './usage.ts';

const STDIN = 0;
const STDOUT = 1;

/**
 * Runs the program with the arguments after its name; the process ends by `process.exit`. A name with
 * `sentinel` in it makes it one.
 */
export async function runServer(
  args: readonly string[],
  program: string = basename(process.argv[1] ?? 'understudy-server').replace(/\.[cm]?js$/, ''),
): Promise<void> {
  const given = takeStateFolder(args);
  if (given === undefined) return leave(1, `${program}: --state-dir needs a folder\n`);
  const line = parseCommandLine(program, given.args);
  switch (line.kind) {
    case 'version':
      return leave(0, `${versionLine(process.versions.node)}\n`, 'stdout');
    case 'help':
      return leave(1, serverUsage(program));
    case 'checkRdb':
      return checkRdb(line.path);
    case 'checkAof':
      return runAofCheck(line, program);
    case 'testMemory':
    case 'checkSystem':
      return leave(1, `${program} has no ${args[0]}: it concerns the C implementation.\n`);
  }
  if (!line.sentinel) setCompilerLimits();
  const environment = programEnvironment();
  const standardInput = line.readStandardInput ? readFileSync(STDIN, 'latin1') : undefined;
  const { configFile, options } = line;
  const sources = { configFile, standardInput, options };
  const plan = line.sentinel
    ? planSentinel(environment, sources, given.stateFolder)
    : planDataNode(environment, sources);
  if ('failure' in plan) return refuse(environment, plan.failure);
  const server = new ServerProcess(environment, plan, line);
  await server.run(standardInput);
}

function planDataNode(
  environment: Environment,
  sources: SentinelSources,
): NodePlan | { readonly failure: ConfigurationFailure } {
  const { files, host } = environment;
  const workingFolder = host.workingFolder();
  const loaded = loadNodeConfiguration({ ...sources, files, workingFolder });
  if ('failure' in loaded) return loaded;
  const { configuration } = loaded;
  return {
    configuration,
    mode: 'standalone',
    role: configuration.settings.replicaof === undefined ? 'M' : 'S',
    create: (hostProcess) => createDataNode(environment, configuration, hostProcess),
  };
}

/** Exit code 0 for a file in order. */
function checkRdb(path: string): void {
  const { files, clock, host } = nodeEnvironment();
  try {
    const report = checkRdbFile(files, clock, files.resolve(host.workingFolder(), path));
    leave(report.isGood ? 0 : 1, `${report.lines.join('\n')}\n`, 'stdout');
  } catch (error) {
    leave(
      1,
      `Cannot open file ${path}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}

class ServerProcess implements HostProcess {
  readonly #environment: Environment;
  readonly #plan: NodePlan;
  readonly #configuration: Configuration;
  readonly #line: RunCommandLine;
  #node: HostedNode | undefined;
  #supervision: Supervision = 'none';
  #pidFile = '';

  constructor(environment: Environment, plan: NodePlan, line: RunCommandLine) {
    this.#environment = environment;
    this.#plan = plan;
    this.#configuration = plan.configuration;
    this.#line = line;
  }

  async run(standardInput: string | undefined): Promise<void> {
    const environment = this.#environment;
    const configuration = this.#configuration;
    const { settings } = configuration;
    const { log } = environment;
    this.#openLog();
    if (this.#plan.mode === 'sentinel') log.role = this.#plan.role;
    this.#supervision = detectSupervision(settings.supervised, process.env, log);
    const isBackground = isInBackground();
    if (settings.daemonize && this.#supervision === 'none' && !isBackground) {
      await startInBackground(standardInput);
      return leave(0);
    }
    this.#catchEverything();
    const { configFile, options, readStandardInput } = this.#line;
    const { mode } = this.#plan;
    const facts = {
      mode,
      pid: environment.pid,
      port: settings.port,
      program: process.argv[1] ?? 'understudy-server',
      isConfigured: configFile !== undefined || options !== undefined || readStandardInput,
    };
    logStart(log, facts);
    for (const message of configuration.messages) log[message.level](message.text);
    const maxclients = fitMaxclients(settings.maxclients, environment.host.openFilesLimit(), log);
    if (maxclients === undefined) return leave(1);
    settings.maxclients = maxclients;
    process.chdir(settings.dir);
    if (isBackground || settings.pidfile !== '') this.#writePidFile();
    log.role = this.#plan.role;
    this.updateTitle();
    const isTerminal = settings.logfile === '' && isatty(STDOUT);
    logIdentity(log, facts, settings.alwaysShowLogo || isTerminal);
    this.#node = this.#plan.create(this);
    this.#catchSignals(this.#node);
    if (!(await this.#node.start())) return leave(1);
    if (this.#supervision === 'upstart') process.kill(process.pid, 'SIGSTOP');
    this.notify('STATUS=Ready to accept connections');
    this.notify('READY=1');
  }

  beforeExit(): void {
    if (this.#pidFile !== '') removePidFile(this.#pidFile, this.#environment.log);
  }

  exit(code: number): void {
    process.exit(code);
  }

  crash(reason: string): void {
    this.#report(new Error(reason));
  }

  notify(state: string): void {
    if (this.#supervision !== 'systemd') return;
    notifySystemd(state, this.#environment.pid, this.#environment.log);
  }

  updateTitle(): void {
    const { settings, configFile } = this.#configuration;
    const mode = this.#plan.mode === 'sentinel' ? '[sentinel]' : '';
    if (!settings.setProcTitle) return;
    process.title = expandTitle(settings, process.argv[1] ?? 'understudy-server', configFile, mode);
  }

  /** The log goes where the configuration says; relative to `dir`, which the process moves to. */
  #openLog(): void {
    const { settings } = this.#configuration;
    const { log, files } = this.#environment;
    log.level = settings.loglevel;
    if (settings.logfile !== '') log.file = files.resolve(settings.dir, settings.logfile);
  }

  #writePidFile(): void {
    const { settings } = this.#configuration;
    const { files, log, pid } = this.#environment;
    this.#pidFile = files.resolve(settings.dir, settings.pidfile || DEFAULT_PID_FILE);
    writePidFile(this.#pidFile, pid, log);
  }

  #catchSignals(node: HostedNode): void {
    const received = (signal: ShutdownSignal): void => {
      if (node.isEnding && signal === 'SIGINT') {
        this.#signalLine('You insist... exiting now.');
        node.insist?.();
        process.exit(1);
      }
      this.#signalLine(
        node.isLoading
          ? 'Received shutdown signal during loading, scheduling shutdown.'
          : `Received ${signal} scheduling shutdown...`,
      );
      node.shutdownOnSignal(signal);
    };
    process.on('SIGTERM', () => received('SIGTERM'));
    process.on('SIGINT', () => received('SIGINT'));
    process.on('SIGHUP', () => {});
    // Left to itself, Node would open its debugger to everybody on this machine.
    process.on('SIGUSR1', () => {});
  }

  /** The line that redis-server writes from within a signal handler. */
  #signalLine(text: string): void {
    const { log, clock, pid } = this.#environment;
    const seconds = Math.floor(clock.wallMs() / 1000);
    if (log.level !== 'nothing') log.raw(`${pid}:signal-handler (${seconds}) ${text}\n`);
  }

  /** A broken invariant, wherever it shows: the state is not to be trusted any more. */
  #catchEverything(): void {
    process.on('uncaughtException', (error) => this.#report(error));
    process.on('unhandledRejection', (reason) => this.#report(reason));
  }

  #report(reason: unknown): void {
    const node = this.#node;
    writeBugReport(
      this.#environment.log,
      reason,
      node === undefined ? undefined : () => node.describeForBugReport(),
    );
    process.exit(1);
  }
}

function refuse(environment: Environment, failure: ConfigurationFailure): void {
  if (failure.kind === 'log') {
    environment.log.warning(failure.text);
    leave(1);
  } else leave(1, failure.text);
}

function leave(code: number, text = '', stream: 'stdout' | 'stderr' = 'stderr'): void {
  if (text === '') process.exit(code);
  // A pipe takes text asynchronously; exiting earlier would cut it.
  process[stream].write(text, () => process.exit(code));
}
