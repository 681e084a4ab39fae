// The life of a data node: it listens, serves and ends. Log lines are redis-server's, in its order,
// because scripts and its own test suite wait for them. What happens to the process around it is asked
// of the HostProcess.

import type { ShutdownOptions } from '../commands/context.ts';
import type { Environment } from '../env/environment.ts';
import { errors } from '../protocol/errors.ts';
import type { Configuration } from './config/load-configuration.ts';
import type { ShutdownWord } from './config/settings.ts';
import type { HostedNode, HostProcess, ShutdownSignal } from './host-process.ts';
import { type NodeLife, NodeParts } from './node-parts.ts';
import { ShutdownWait } from './shutdown-wait.ts';

/** What `src/cli` runs. */
export function createDataNode(
  environment: Environment,
  configuration: Configuration,
  hostProcess: HostProcess,
): DataNode {
  return new DataNode(environment, configuration, hostProcess);
}

export class DataNode implements HostedNode, NodeLife {
  readonly parts: NodeParts;
  /** Leaves a file of saved data where it is, unread. */
  startsEmpty = false;
  /** It was asked to end and serves on; the reason is in the log. */
  onCannotEnd: () => void = () => {};
  readonly #environment: Environment;
  readonly #process: HostProcess;
  readonly #wait: ShutdownWait;
  /** Asked for by a signal; the next tick obeys. */
  #signalled: ShutdownOptions | undefined;
  #isSavingLast = false;
  #ending: Promise<void> | undefined;

  constructor(environment: Environment, configuration: Configuration, hostProcess: HostProcess) {
    this.#environment = environment;
    this.#process = hostProcess;
    this.parts = new NodeParts(environment, configuration, this);
    const { dispatcher, replication } = this.parts;
    this.#wait = new ShutdownWait({
      log: environment.log,
      timers: environment.timers,
      waiting: dispatcher.waiting,
      master: replication.master,
      nowMs: () => environment.clock.monotonicUs() / 1000,
    });
  }

  get isEnding(): boolean {
    const isAsked = this.#signalled !== undefined || this.#wait.isOn || this.#isSavingLast;
    return isAsked || this.#ending !== undefined;
  }

  get isLoading(): boolean {
    return this.parts.persistence.loading !== undefined;
  }

  start(): Promise<boolean> {
    return this.#start(() => this.parts.listeners.open());
  }

  /** Listens on any free TCP port, which the configuration has no word for. */
  startOnAnyPort(): Promise<boolean> {
    const { listeners, settings } = this.parts;
    return this.#start(async () => {
      return (await listeners.openTcp({ bind: settings.bind, port: 0 })) !== undefined;
    });
  }

  async #start(listen: () => Promise<boolean>): Promise<boolean> {
    const { log } = this.#environment;
    const { background, listeners, settings } = this.parts;
    if (!this.parts.dispatcher.acl.loadAtStart() || !(await listen())) {
      await this.#close();
      return false;
    }
    log.notice('Server initialized');
    const isLeftAlone = this.startsEmpty && !settings.appendonly;
    if (!isLeftAlone && !(await this.#loadData())) {
      if (this.#ending !== undefined) await this.#ending;
      else await this.#close();
      return false;
    }
    background.start();
    this.parts.replication.start();
    if (listeners.port !== 0) log.notice('Ready to accept connections tcp');
    if (listeners.path !== '') log.notice('Ready to accept connections unix');
    if (settings.maxmemory > 0 && settings.maxmemory < 1024 * 1024) {
      log.warning(
        `WARNING: You specified a maxmemory value that is less than 1MB (current value is ${settings.maxmemory} bytes). Are you sure this is what you really want?`,
      );
    }
    return true;
  }

  /** Clients are refused meanwhile, and told why. False when the node must not serve, or is to end. */
  async #loadData(): Promise<boolean> {
    const { aof, replication, settings } = this.parts;
    const outcome = await aof.load();
    if (this.#ending !== undefined || outcome === 'failed') return false;
    if (!settings.appendonly && !(await this.#loadSnapshot())) return false;
    if (aof.loadedFacts !== undefined) replication.restore(aof.loadedFacts);
    return aof.openAtStart();
  }

  async #loadSnapshot(): Promise<boolean> {
    const { log } = this.#environment;
    const { persistence, replication } = this.parts;
    const outcome = await persistence.load();
    if (this.#ending !== undefined) return false;
    if (outcome === 'loaded') replication.restoreFromFile(persistence.loadedFacts);
    if (outcome !== 'failed') return true;
    log.warning('Terminating server after rdb file reading failure.');
    log.warning('Fatal error loading the DB, check server logs. Exiting.');
    return false;
  }

  shutdownOnSignal(signal: ShutdownSignal): void {
    const { shutdownOnSigint, shutdownOnSigterm } = this.parts.settings;
    const words = signal === 'SIGINT' ? shutdownOnSigint : shutdownOnSigterm;
    const has = (word: ShutdownWord): boolean => words.includes(word);
    const save = has('save') ? { save: true } : has('nosave') ? { save: false } : {};
    this.#signalled = { ...save, now: has('now'), force: has('force') };
    // Else with the next tick: until then SHUTDOWN ABORT takes the signal back.
    if (!this.parts.debug.cronPaused) this.obeySignal();
  }

  obeySignal(): void {
    const options = this.#signalled;
    this.#signalled = undefined;
    if (options !== undefined) this.shutdown(options);
  }

  shutdown(options: ShutdownOptions): string | undefined {
    // Whoever asks again waits for the same end.
    if (this.#ending !== undefined || this.#wait.isOn || this.#isSavingLast) return undefined;
    const { log } = this.#environment;
    const { dispatcher, settings } = this.parts;
    log.warning('User requested shutdown...');
    const finishLater = (): void => {
      const error = this.#finish(options);
      if (error !== undefined) dispatcher.waiting.endShutdowns(error);
    };
    if (!options.now && this.#wait.begin(settings.shutdownTimeout, finishLater)) return undefined;
    return this.#finish(options);
  }

  /** The error text when the node cannot end. */
  #finish(options: ShutdownOptions): string | undefined {
    this.#wait.report();
    if (!this.#finishAof(options.force)) return this.#cannotEnd();
    // What is loaded in part must not take the place of the whole.
    const isSaved = options.save ?? this.parts.settings.save.length > 0;
    if (isSaved && !this.isLoading) return this.#saveLast(options.force);
    void this.end();
    return undefined;
  }

  #cannotEnd(): string {
    this.#environment.log.warning(
      'Errors trying to shut down the server. Check the logs for more information.',
    );
    this.#wait.cancel();
    this.onCannotEnd();
    return errors.shutdownFailed;
  }

  /** Everything is in the append-only file; false when that holds less than the data and must be waited for. */
  #finishAof(force: boolean): boolean {
    const { log } = this.#environment;
    const { aof, persistence } = this.parts;
    if (persistence.isSaving) {
      log.warning('There is a child saving an .rdb. Killing it!');
      persistence.cancelAll();
    }
    if (aof.isRewriting) {
      if (aof.isWritingFirst) {
        log.warning(`Writing initial AOF${force ? '. Exit anyway.' : ", can't exit."}`);
        if (!force) return false;
      }
      log.warning('There is a child rewriting the AOF. Killing it!');
      aof.cancelRewrite();
    }
    if (aof.isOn) {
      log.notice('Calling fsync() on the AOF file.');
      aof.syncAll();
    }
    return true;
  }

  /**
   * Saves, and ends when that is done. In slices, though writes wait as they would for SAVE: so a person
   * who insists on an end is heard. The error text when the node cannot end.
   */
  #saveLast(force: boolean): string | undefined {
    const { log } = this.#environment;
    const { dispatcher, persistence } = this.parts;
    const over = (isOk: boolean): string | undefined => {
      this.#isSavingLast = false;
      if (this.#ending !== undefined) return undefined;
      if (!isOk) {
        log.warning(`Error trying to save the DB${force ? '. Exit anyway.' : ", can't exit."}`);
        if (!force) return this.#cannotEnd();
      }
      void this.end();
      return undefined;
    };
    log.notice('Saving the final RDB snapshot before exiting.');
    dispatcher.waiting.pause('shutdown', 'write', Number.POSITIVE_INFINITY);
    this.#isSavingLast = true;
    const hasBegun = persistence.saveBeforeEnd((isOk) => {
      const error = over(isOk);
      if (error !== undefined) dispatcher.waiting.endShutdowns(error);
    });
    return hasBegun ? undefined : over(false);
  }

  insist(): void {
    this.parts.persistence.cancelBackground();
  }

  get shutdownInMs(): number | undefined {
    return this.#wait.leftMs;
  }

  abortShutdown(): boolean {
    if (this.#signalled === undefined && !this.#wait.isOn) return false;
    this.#signalled = undefined;
    this.#wait.cancel();
    this.parts.dispatcher.waiting.endShutdowns(errors.shutdownFailed);
    this.#environment.log.notice('Shutdown manually aborted.');
    return true;
  }

  /** Ends the node after this poll; calling it again waits for the same end. */
  end(): Promise<void> {
    // Not at once: the client that asked is in the middle of its request.
    this.#ending ??= new Promise<void>((fulfil) => {
      this.#environment.timers.immediate(() => void this.#end().then(fulfil));
    });
    return this.#ending;
  }

  async #end(): Promise<void> {
    const { log } = this.#environment;
    this.#process.notify('STOPPING=1');
    this.#process.beforeExit();
    if (this.parts.listeners.path !== '') log.notice('Removing the unix socket file.');
    await this.#close();
    log.warning('Redis is now ready to exit, bye bye...');
    this.#process.exit(0);
  }

  async #close(): Promise<void> {
    const { aof, background, clients, listeners, migrations, persistence } = this.parts;
    migrations.stop();
    this.parts.replication.stop();
    persistence.stop();
    background.stop();
    clients.stop();
    aof.close();
    const closed = listeners.close();
    clients.closeAll(false);
    await closed;
  }

  describeForBugReport(): string {
    const { parts } = this;
    const clients = [...parts.dispatcher.clients.all()].map((one) =>
      parts.dispatcher.describe(one),
    );
    return [
      parts.infoText(['everything']).replaceAll('\r\n', '\n'),
      '------ CLIENT LIST OUTPUT ------',
      ...clients,
      '------ CONFIG DEBUG OUTPUT ------',
      ...parts.configuration.debugLines(),
    ].join('\n');
  }

  crash(reason: string): void {
    this.#process.crash(reason);
  }

  abandon(code: number): void {
    // Before anything else: replies that wait would say what is not so.
    this.parts.clients.closeAll(false);
    this.#ending ??= this.#close();
    this.#process.exit(code);
  }

  updateTitle(): void {
    this.#process.updateTitle();
  }
}
