// A sentinel: a node that serves commands about masters and watches them. This file connects its parts
// (dispatch and net around it, the core inside, run by the runner) and lives its life from start to
// end. Log lines are redis-sentinel's: people's tools wait for them.

import type { InfoLine } from '../commands/shared/info/info-lines.ts';
import { type Blocked, blocked } from '../dispatch/blocking.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Session } from '../dispatch/session.ts';
import type { Environment } from '../env/environment.ts';
import type { LogLevel } from '../env/log.ts';
import type { Connection } from '../env/network.ts';
import type { Processes } from '../env/processes.ts';
import type { Timer } from '../env/timers.ts';
import { Clients } from '../net/clients.ts';
import { Listeners } from '../net/listeners.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { KeyedHash } from '../util/hash.ts';
import { Rates } from '../util/rates.ts';
import { REDIS_VERSION } from '../util/version.ts';
import { sentinelCommands } from './commands/sentinel-commands.ts';
import { type SentinelNode, SentinelSession } from './commands/sentinel-session.ts';
import type { EventLevel, SentinelAnswer } from './core/effect.ts';
import type { SentinelRequest } from './core/input.ts';
import { SentinelCore } from './core/sentinel-core.ts';
import { isExecutable, type OpenedState } from './open-state.ts';
import { SentinelRunner } from './runner.ts';
import { type ScriptJobView, ScriptQueue } from './script-queue.ts';
import { sentinelInfo } from './sentinel-info.ts';
import type { SentinelConfiguration, SentinelProcess } from './sentinel-settings.ts';

export interface SentinelOptions {
  readonly environment: Environment;
  readonly processes: Processes;
  readonly process: SentinelProcess;
  readonly configuration: SentinelConfiguration;
  readonly opened: OpenedState;
}

const RATE_PERIOD_MS = 100;

export class Sentinel implements SentinelNode {
  readonly isLoading = false;
  readonly listeners: Listeners;
  readonly #options: SentinelOptions;
  readonly #dispatcher: Dispatcher;
  readonly #clients: Clients<Session>;
  readonly #scripts: ScriptQueue;
  readonly #rates: Rates = new Rates();
  readonly #runId: string;
  readonly #startedMs: number;
  readonly #answers: Map<number, (answer: SentinelAnswer) => void> = new Map();
  #nextCommand = 1;
  #core: SentinelCore | undefined;
  #runner: SentinelRunner | undefined;
  #rateTimer: Timer | undefined;
  #ending: Promise<void> | undefined;

  constructor(options: SentinelOptions) {
    this.#options = options;
    const { environment, configuration, opened, processes } = options;
    const { clock, timers, random } = environment;
    this.#runId = random.hex(40);
    this.#startedMs = clock.wallMs();
    this.#dispatcher = this.#makeDispatcher();
    const { settings } = configuration;
    this.#clients = new Clients<Session>(environment, settings, this.#dispatcher);
    this.listeners = new Listeners(environment, settings, (one) => this.#accept(one));
    this.#scripts = new ScriptQueue({
      clock,
      timers,
      processes,
      folder: () => settings.dir,
      limits: () => ({
        scriptMaxRuntimeMs: this.core.timings.scriptMaxRuntime,
        scriptRetryDelayMs: this.core.timings.scriptRetryDelay,
      }),
      event: (level, name, text) => this.#event(level, name, text),
    });
    opened.userLines = () =>
      settings.aclfile === '' ? this.#dispatcher.acl.descriptions() : undefined;
  }

  #makeDispatcher(): Dispatcher {
    const { environment, configuration, opened } = this.#options;
    const { clock, timers, log, random } = environment;
    const { settings, aclFile, renames, users } = configuration;
    const dispatcher = new Dispatcher({
      clock,
      timers,
      log,
      settings,
      identity: { version: REDIS_VERSION, mode: 'sentinel', role: () => undefined },
      hash: new KeyedHash(random.uint32(), random.uint32()),
      randomUint32: () => random.uint32(),
      randomHex: (digits) => random.hex(digits),
      aclFile,
      createSession: (init) => new SentinelSession(init, this),
    });
    dispatcher.use(sentinelCommands);
    for (const [from, to] of renames) dispatcher.commands.rename(from, to);
    if (settings.requirepass !== '') dispatcher.acl.setDefaultPassword(settings.requirepass);
    for (const user of opened.users ?? users) dispatcher.acl.declareUser(user);
    return dispatcher;
  }

  // --- life ---

  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  start(): Promise<boolean> {
    return this.#start(() => this.listeners.open());
  }

  /** Listens on any free TCP port, which the configuration has no word for. */
  startOnAnyPort(): Promise<boolean> {
    const { bind } = this.#options.configuration.settings;
    return this.#start(async () => {
      return (await this.listeners.openTcp({ bind, port: 0 })) !== undefined;
    });
  }

  async #start(listen: () => Promise<boolean>): Promise<boolean> {
    const { log } = this.#options.environment;
    const core = this.#dispatcher.acl.loadAtStart() ? await this.#loadCore(listen) : undefined;
    if (core === undefined) {
      await this.#close();
      return false;
    }
    log.notice(`Sentinel ID is ${core.myId}`);
    this.#rateTimer = this.#options.environment.timers.every(RATE_PERIOD_MS, () => this.#sample());
    this.#runner?.input({ kind: 'start' });
    return true;
  }

  /** The state goes to disk before anything else: what can be written now can be written in need. */
  async #loadCore(listen: () => Promise<boolean>): Promise<SentinelCore | undefined> {
    const { environment, opened } = this.#options;
    const { log, random } = environment;
    const { store, hasId } = opened;
    const state = hasId ? opened.state : { ...opened.state, myId: random.hex(40) };
    const problem = await store.save(state);
    if (problem !== undefined) {
      log.warning(
        `WARNING: Sentinel was not able to save the new configuration on disk!!!: ${problem}`,
      );
      log.warning(`Sentinel config file ${store.path} is not writable: ${problem}. Exiting...`);
      return undefined;
    }
    if (!hasId) log.notice('Sentinel new configuration saved on disk');
    if (!(await listen())) return undefined;
    const settings = { ...state.settings, port: this.listeners.port };
    const core = new SentinelCore({
      state: { ...state, settings },
      random: () => random.uint32() / 2 ** 32,
    });
    this.#core = core;
    this.#runner = this.#makeRunner(core);
    return core;
  }

  #makeRunner(core: SentinelCore): SentinelRunner {
    const { environment, opened, configuration } = this.#options;
    const { clock, timers, network, log } = environment;
    return new SentinelRunner({
      clock,
      timers,
      network,
      log,
      core,
      store: opened.store,
      sourceHost: () => configuration.settings.bindSourceAddr,
      event: (level, name, message) => this.#event(level, name, message),
      script: (argv) => this.#scripts.schedule(argv),
      answer: (id, answer) => this.#answered(id, answer),
      exit: (code) => this.#crash(code),
    });
  }

  #accept(connection: Connection): void {
    if (this.#core !== undefined) {
      this.#clients.accept(connection);
      return;
    }
    // Not there yet, as if it had come a moment earlier.
    connection.handle({ onData: () => {}, onClose: () => {} });
    connection.destroy();
  }

  shutdownOnSignal(): void {
    this.shutdown();
  }

  shutdown(): void {
    if (this.isEnding) return;
    this.#options.environment.log.warning('User requested shutdown...');
    void this.end();
  }

  /** Ends the sentinel after this poll; calling it again waits for the same end. */
  end(): Promise<void> {
    this.#ending ??= new Promise<void>((fulfil) => {
      this.#options.environment.timers.immediate(() => void this.#end().then(fulfil));
    });
    return this.#ending;
  }

  async #end(): Promise<void> {
    const { environment, process: host } = this.#options;
    host.notify('STOPPING=1');
    host.beforeExit();
    if (this.listeners.path !== '') environment.log.notice('Removing the unix socket file.');
    await this.#close();
    environment.log.warning('Sentinel is now ready to exit, bye bye...');
    host.exit(0);
  }

  async #close(): Promise<void> {
    const saved = this.#runner?.stop();
    this.#scripts.stop();
    this.#rateTimer?.cancel();
    this.#clients.stop();
    const closed = this.listeners.close();
    this.#clients.closeAll(false);
    await closed;
    await saved;
  }

  /** A simulated crash: no goodbye, nothing in order. */
  #crash(code: number): void {
    this.#ending ??= this.#close();
    this.#options.process.exit(code);
  }

  describeForBugReport(): string {
    const clients = [...this.#dispatcher.clients.all()].map((one) =>
      this.#dispatcher.describe(one),
    );
    const info = this.info([]).replaceAll('\r\n', '\n');
    return [info, '------ CLIENT LIST OUTPUT ------', ...clients].join('\n');
  }

  // --- what commands see ---

  get core(): SentinelCore {
    if (this.#core === undefined) throw new Error('the sentinel has not started');
    return this.#core;
  }

  get logLevel(): LogLevel {
    return this.#options.configuration.settings.loglevel;
  }

  set logLevel(level: LogLevel) {
    this.#options.configuration.settings.loglevel = level;
    this.#options.environment.log.level = level;
  }

  nowMs(): number {
    return this.#runner?.nowMs() ?? 0;
  }

  perform(
    session: SentinelSession,
    request: SentinelRequest,
    write: (answer: SentinelAnswer, reply: ReplyWriter) => void,
  ): Blocked | undefined {
    const id = this.#nextCommand++;
    let answered: SentinelAnswer | undefined;
    let isWaiting = false;
    this.#answers.set(id, (answer) => {
      if (!isWaiting) answered = answer;
      else this.#dispatcher.waiting.answer(session, (reply) => write(answer, reply));
    });
    this.#runner?.input({ kind: 'command', id, command: request });
    if (answered !== undefined) {
      write(answered, session.reply);
      return undefined;
    }
    isWaiting = true;
    const onEnd = (): void => void this.#answers.delete(id);
    return blocked({ keys: [], kind: 'config', deadlineMs: 0, onTimeout: () => {}, onEnd });
  }

  #answered(id: number, answer: SentinelAnswer): void {
    const take = this.#answers.get(id);
    this.#answers.delete(id);
    take?.(answer);
  }

  hello(text: string): void {
    this.#runner?.input({ kind: 'hello', text });
  }

  pendingScripts(): readonly ScriptJobView[] {
    return this.#scripts.pending();
  }

  isExecutable(path: string): boolean {
    const { environment, configuration } = this.#options;
    return isExecutable(environment, configuration.settings.dir, path);
  }

  info(sections: readonly string[]): string {
    const { environment, configuration, opened } = this.#options;
    const { settings, configFile } = configuration;
    const source = {
      dispatcher: this.#dispatcher,
      network: this.#clients.statistics,
      rates: this.#rates,
      clock: environment.clock,
      host: environment.host,
      pid: environment.pid,
      runId: this.#runId,
      startedMs: this.#startedMs,
      configFile: configFile ?? opened.store.path,
      port: this.listeners.port,
      bind: settings.bind,
      maxclients: settings.maxclients,
      isSupervised: settings.supervised === 'systemd',
      sentinelLines: () => this.#sentinelLines(),
    };
    return sentinelInfo(source, sections);
  }

  #sentinelLines(): readonly InfoLine[] {
    const { core } = this;
    const { isTilt, tiltSinceSeconds, simulateFailureFlags } = core.summary(this.nowMs());
    const masters = core.masterSummaries();
    return [
      ['sentinel_masters', masters.length],
      ['sentinel_tilt', isTilt ? 1 : 0],
      ['sentinel_tilt_since_seconds', tiltSinceSeconds],
      ['sentinel_running_scripts', this.#scripts.runningCount],
      ['sentinel_scripts_queue_length', this.#scripts.length],
      ['sentinel_simulate_failure_flags', simulateFailureFlags],
      ...masters.map(
        (one, i): InfoLine => [
          `master${i}`,
          `name=${one.name},status=${one.status},address=${one.ip}:${one.port},slaves=${one.replicaCount},sentinels=${one.sentinelCount}`,
        ],
      ),
    ];
  }

  // --- what happens ---

  /** To the log, and to whoever has subscribed. */
  #event(level: EventLevel, name: string, message: string): void {
    this.#options.environment.log[level](`${name} ${message}`);
    if (level === 'debug') return;
    this.#dispatcher.pubsub.publish(Buffer.from(name, 'latin1'), Buffer.from(message, 'latin1'));
  }

  #sample(): void {
    const seconds = this.#options.environment.clock.monotonicUs() / 1_000_000;
    const { statistics } = this.#clients;
    this.#rates.commands.sample(this.#dispatcher.statistics.commandsProcessed, seconds);
    this.#rates.inputBytes.sample(statistics.inputBytes, seconds);
    this.#rates.outputBytes.sample(statistics.outputBytes, seconds);
  }
}
