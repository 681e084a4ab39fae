// understudy-server as a process: arguments, background, signals, service manager and exit codes
// around a server. What the arguments mean is server/config's business, what a server does is its own.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Environment } from '../env/environment.ts';
import { nodeEnvironment } from '../env/node/node-environment.ts';
import { parseCommandLine, type RunCommandLine } from '../server/config/command-line.ts';
import {
  type Configuration,
  type ConfigurationFailure,
  loadConfiguration,
} from '../server/config/load-configuration.ts';
import type { ShutdownWord } from '../server/config/settings.ts';
import { createServer, type Server } from '../server/server.ts';
import { writeBugReport } from './bug-report.ts';
import { isInBackground, startInBackground } from './daemonize.ts';
import { logStart } from './start-lines.ts';
import { detectSupervision, notifySystemd, type Supervision } from './supervision.ts';
import { noSentinel, serverUsage, versionLine } from './usage.ts';

const STDIN = 0;

/** Runs the program with the arguments after its name; the process ends by `process.exit`. */
export async function runServer(args: readonly string[]): Promise<void> {
  const program = basename(process.argv[1] ?? 'understudy-server').replace(/\.[cm]?js$/, '');
  const line = parseCommandLine(program, args);
  switch (line.kind) {
    case 'version':
      return leave(0, `${versionLine(process.versions.node)}\n`, 'stdout');
    case 'help':
      return leave(1, serverUsage(program));
    case 'testMemory':
    case 'checkSystem':
      return leave(1, `${program} has no ${args[0]}: it concerns the C implementation.\n`);
  }
  if (line.sentinel) return leave(1, `${noSentinel}\n`);
  const environment = nodeEnvironment();
  const standardInput = line.readStandardInput ? readFileSync(STDIN, 'latin1') : undefined;
  const loaded = loadConfiguration({
    files: environment.files,
    workingFolder: environment.host.workingFolder(),
    configFile: line.configFile,
    standardInput,
    options: line.options,
  });
  if ('failure' in loaded) return refuse(environment, loaded.failure);
  const server = new ServerProcess(environment, loaded.configuration);
  await server.run(line, standardInput);
}

class ServerProcess {
  private readonly environment: Environment;
  private readonly configuration: Configuration;
  private supervision: Supervision = 'none';
  private isEnding = false;

  constructor(environment: Environment, configuration: Configuration) {
    this.environment = environment;
    this.configuration = configuration;
  }

  async run(line: RunCommandLine, standardInput: string | undefined): Promise<void> {
    const { environment, configuration } = this;
    const { settings } = configuration;
    const { log } = environment;
    this.openLog();
    this.supervision = detectSupervision(settings.supervised, process.env, log);
    const isBackground = isInBackground();
    if (settings.daemonize && this.supervision === 'none' && !isBackground) {
      await startInBackground(standardInput);
      return leave(0);
    }
    this.catchBrokenInvariants();
    const { configFile, options, readStandardInput } = line;
    logStart(log, {
      pid: environment.pid,
      program: process.argv[1] ?? 'understudy-server',
      isConfigured: configFile !== undefined || options !== undefined || readStandardInput,
    });
    for (const message of configuration.messages) log[message.level](message.text);
    process.chdir(settings.dir);
    const server = createServer(environment, { configuration });
    this.catchSignals(server);
    void server.ended.then(() => this.isEnding && process.exit(0));
    if (!(await server.start())) return leave(1);
    // From here on SHUTDOWN may end it too; before, `ended` is a start that failed.
    this.isEnding = true;
    if (this.supervision === 'upstart') process.kill(process.pid, 'SIGSTOP');
    this.notify('STATUS=Ready to accept connections');
    this.notify('READY=1');
  }

  /** The log goes where the configuration says; relative to `dir`, which the process moves to. */
  private openLog(): void {
    const { settings } = this.configuration;
    const { log, files } = this.environment;
    log.level = settings.loglevel;
    if (settings.logfile !== '') log.file = files.resolve(settings.dir, settings.logfile);
  }

  private catchSignals(server: Server): void {
    const { settings } = this.configuration;
    let isAsked = false;
    const received = (signal: 'SIGTERM' | 'SIGINT', words: readonly ShutdownWord[]): void => {
      if (isAsked && signal === 'SIGINT') {
        this.signalLine('You insist... exiting now.');
        process.exit(1);
      }
      this.signalLine(`Received ${signal} scheduling shutdown...`);
      const error = server.shutdown(shutdownOptions(words));
      isAsked = error === undefined;
      this.notify(isAsked ? 'STOPPING=1' : "STATUS=Errors trying to shut down, can't exit.");
      if (error !== undefined) {
        this.environment.log.warning(
          'Errors trying to shut down the server. Check the logs for more information.',
        );
      }
    };
    process.on('SIGTERM', () => received('SIGTERM', settings.shutdownOnSigterm));
    process.on('SIGINT', () => received('SIGINT', settings.shutdownOnSigint));
    process.on('SIGHUP', () => {});
    // Left to itself, Node would open its debugger to everybody on this machine.
    process.on('SIGUSR1', () => {});
  }

  /** The line that redis-server writes from within a signal handler. */
  private signalLine(text: string): void {
    const { log, clock, pid } = this.environment;
    const seconds = Math.floor(clock.wallMs() / 1000);
    if (log.level !== 'nothing') log.raw(`${pid}:signal-handler (${seconds}) ${text}\n`);
  }

  private notify(state: string): void {
    if (this.supervision !== 'systemd') return;
    notifySystemd(state, this.environment.pid, this.environment.log);
  }

  /** A broken invariant, wherever it shows: the state is not to be trusted any more. */
  private catchBrokenInvariants(): void {
    const report = (reason: unknown): void => {
      writeBugReport(this.environment, reason);
      process.exit(1);
    };
    process.on('uncaughtException', report);
    process.on('unhandledRejection', report);
  }
}

function shutdownOptions(words: readonly ShutdownWord[]): {
  readonly save?: boolean;
  readonly now: boolean;
  readonly force: boolean;
} {
  const save = words.includes('save') ? { save: true } : {};
  const nosave = words.includes('nosave') ? { save: false } : {};
  return { ...save, ...nosave, now: words.includes('now'), force: words.includes('force') };
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
