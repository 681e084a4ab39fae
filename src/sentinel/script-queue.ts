// The scripts of notification-script and client-reconfig-script: at most 16 at once, the others wait in
// order; what runs too long is killed; what is killed or exits with 1 is tried again, each time later.
// Numbers and events are redis-sentinel's, whose users have scripts that rely on them.

import type { Clock } from '../env/clock.ts';
import type { ChildProcess, ProcessEnd, Processes } from '../env/processes.ts';
import type { Timer, Timers } from '../env/timers.ts';

/** Jobs kept, those that run included; past it the oldest that waits is dropped. */
const MAX_QUEUED = 256;
const MAX_RUNNING = 16;
const MAX_TRIES = 10;
/** What the event shows for a script that the system had no process for. */
const NO_PROCESS_CODE = 99;

export interface ScriptLimits {
  readonly scriptMaxRuntimeMs: number;
  readonly scriptRetryDelayMs: number;
}

export interface ScriptQueueOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly processes: Processes;
  /** Where scripts run, and what relative paths start from. */
  readonly folder: () => string;
  /** Read when they matter: SENTINEL DEBUG changes them. */
  readonly limits: () => ScriptLimits;
  readonly event: (level: 'warning' | 'debug', type: string, text: string) => void;
}

/** A job as SENTINEL PENDING-SCRIPTS shows it. */
export interface ScriptJobView {
  /** The path and its arguments, latin1. */
  readonly argv: readonly string[];
  readonly isRunning: boolean;
  /** 0 while it waits. */
  readonly pid: number;
  /** Since the start of this run, or until the next one. */
  readonly timeMs: number;
  readonly tries: number;
}

interface Job {
  readonly argv: readonly string[];
  tries: number;
  process: ChildProcess | undefined;
  /** Monotonic: of the run that is going on, or before which the next must not start. */
  startMs: number;
  timer: Timer | undefined;
}

export class ScriptQueue {
  readonly #options: ScriptQueueOptions;
  readonly #jobs: Job[] = [];
  #running = 0;
  #isStopped = false;

  constructor(options: ScriptQueueOptions) {
    this.#options = options;
  }

  get runningCount(): number {
    return this.#running;
  }

  /** Jobs that run and jobs that wait. */
  get length(): number {
    return this.#jobs.length;
  }

  /** Strings are latin1; they reach the script as those bytes. */
  schedule(argv: readonly string[]): void {
    if (this.#isStopped) return;
    this.#jobs.push({ argv, tries: 0, process: undefined, startMs: 0, timer: undefined });
    if (this.#jobs.length > MAX_QUEUED) {
      const oldest = this.#jobs.find((job) => job.process === undefined);
      if (oldest !== undefined) this.#remove(oldest);
    }
    this.#run();
  }

  pending(): readonly ScriptJobView[] {
    const now = this.#now();
    return this.#jobs.map((job) => {
      const isRunning = job.process !== undefined;
      const timeMs = isRunning ? now - job.startMs : Math.max(0, job.startMs - now);
      return { argv: job.argv, isRunning, pid: job.process?.pid ?? 0, timeMs, tries: job.tries };
    });
  }

  /** Starts nothing more; what runs is left alone, as a notification is worth its end. */
  stop(): void {
    this.#isStopped = true;
    for (const job of this.#jobs) job.timer?.cancel();
  }

  #now(): number {
    return Math.floor(this.#options.clock.monotonicUs() / 1000);
  }

  #run(): void {
    if (this.#isStopped) return;
    const now = this.#now();
    for (const job of this.#jobs.slice()) {
      if (this.#running >= MAX_RUNNING) return;
      if (job.process === undefined && job.startMs <= now) this.#start(job, now);
    }
  }

  #start(job: Job, now: number): void {
    const { processes, timers, folder, limits, event } = this.#options;
    const [path, ...args] = job.argv;
    job.tries++;
    job.startMs = now;
    job.timer?.cancel();
    this.#running++;
    job.process = processes.start(utf8(path), args.map(utf8), folder(), (end) =>
      this.#ended(job, end),
    );
    const { pid } = job.process;
    if (pid === 0) return;
    event('debug', '+script-child', String(pid));
    job.timer = timers.after(limits().scriptMaxRuntimeMs, () => {
      event('warning', '-script-timeout', `${path} ${pid}`);
      job.process?.kill();
    });
  }

  #ended(job: Job, { exitCode, signal, hasFailedToStart }: ProcessEnd): void {
    const { timers, limits, event } = this.#options;
    const pid = job.process?.pid ?? 0;
    const [path] = job.argv;
    job.timer?.cancel();
    job.process = undefined;
    this.#running--;
    if (pid !== 0) event('debug', '-script-child', `${pid} ${exitCode} ${signal}`);
    if (hasFailedToStart) event('warning', '-script-error', `${path} ${NO_PROCESS_CODE} 0`);
    const deservesRetry = signal !== 0 || exitCode === 1 || hasFailedToStart;
    if (deservesRetry && job.tries < MAX_TRIES && !this.#isStopped) {
      const delayMs = limits().scriptRetryDelayMs * 2 ** (job.tries - 1);
      job.startMs = this.#now() + delayMs;
      job.timer = timers.after(delayMs, () => {
        // Due now, whatever the rounding of two clocks says.
        job.startMs = 0;
        this.#run();
      });
    } else {
      if (!hasFailedToStart && (signal !== 0 || exitCode !== 0)) {
        event('warning', '-script-error', `${path} ${signal} ${exitCode}`);
      }
      this.#remove(job);
    }
    this.#run();
  }

  #remove(job: Job): void {
    job.timer?.cancel();
    const at = this.#jobs.indexOf(job);
    if (at >= 0) this.#jobs.splice(at, 1);
  }
}

/** Arguments of processes are text that leaves as UTF-8; what is no UTF-8 has no better form. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
