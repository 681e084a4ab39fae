// understudy simulate: fleets on virtual time, seed after seed, and a failing one told so that it can
// be understood: its seed, the fewest faults that still do it, and what happened, line by line.

import { writeFileSync } from 'node:fs';
import type { Failure, SimulationSummary } from '../simulator/index.ts';
import {
  faultText,
  findProfile,
  type Profile,
  profiles,
  type RunResult,
  simulate,
} from '../simulator/index.ts';
import { ExitError, exitCodes } from './exit-codes.ts';
import { type Paint, paintFor } from './paint.ts';

export interface SimulateCommandOptions {
  readonly seeds: number;
  readonly seed: number;
  readonly minutes: number;
  readonly profile: string;
  readonly transcript?: string;
  readonly list: boolean;
  readonly digests: boolean;
}

const PROGRESS_MS = 1000;
/** Of a transcript on the terminal; a file gets all of it. */
const LAST_LINES = 60;
const MINUTE_MS = 60_000;

export async function simulateCommand(options: SimulateCommandOptions): Promise<void> {
  if (options.list) {
    for (const { name, summary } of profiles) print(`${name.padEnd(10)} ${summary}`);
    return;
  }
  const profile = findProfile(options.profile);
  if (profile === undefined) {
    const names = profiles.map((one) => one.name).join(', ');
    throw new ExitError(
      exitCodes.usage,
      `there is no profile ${options.profile}; there are ${names}`,
    );
  }
  const progress = new Progress(options);
  // What nobody catches would end a real process; here it must not leave without its seed.
  process.once('unhandledRejection', (error) => progress.broken(error));
  process.once('SIGINT', () => progress.stop());
  const { seeds, seed, minutes } = options;
  const summary = await simulate({
    ...{ seeds, firstSeed: seed, profile, faultMs: minutes * MINUTE_MS },
    onSeed: (result) => progress.seed(result),
    onShrink: (result) => progress.shrink(result),
  });
  progress.end();
  report(summary, options, profile, progress);
  if (summary.failures.length > 0) process.exitCode = exitCodes.failed;
}

class Progress {
  readonly #options: SimulateCommandOptions;
  readonly #startedAt = process.hrtime.bigint();
  readonly #cpuAtStart = process.cpuUsage();
  #done = 0;
  #failing = 0;
  #virtualMs = 0;
  #shownAt = 0;
  #current: number;
  #isStopped = false;

  constructor(options: SimulateCommandOptions) {
    this.#options = options;
    this.#current = options.seed;
  }

  get realMs(): number {
    return Number(process.hrtime.bigint() - this.#startedAt) / 1_000_000;
  }

  get cpuMs(): number {
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    return (user + system) / 1000;
  }

  /** False when the person has had enough. */
  seed(result: RunResult): boolean {
    this.#done++;
    this.#current = result.seed + 1;
    this.#virtualMs += result.virtualMs;
    const [violation] = result.violations;
    if (this.#options.digests) print(`${result.seed} ${result.digest}`);
    if (violation !== undefined) {
      this.#failing++;
      this.#show(`; seed ${result.seed} fails: ${violation.checker}: ${violation.text}`);
    } else if (this.realMs - this.#shownAt >= PROGRESS_MS) this.#show('');
    return !this.#isStopped;
  }

  shrink(result: RunResult): void {
    this.#show(`; seed ${result.seed} fails, looking for the faults that matter`);
  }

  stop(): void {
    this.#isStopped = true;
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  broken(error: unknown): void {
    this.end();
    const text = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`understudy: seed ${this.#current} left a rejection unhandled: ${text}\n`);
    process.exit(exitCodes.failed);
  }

  #show(more: string): void {
    this.#shownAt = this.realMs;
    const rate = Math.round(this.#virtualMs / this.realMs);
    const text =
      `${this.#done} of ${this.#options.seeds} seeds, ${this.#failing} failing, ` +
      `${rate} virtual seconds a second${more}`;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }
}

function report(
  summary: SimulationSummary,
  options: SimulateCommandOptions,
  profile: Profile,
  progress: Progress,
): void {
  const paint = paintFor(process.stdout, process.env);
  for (const failure of summary.failures) tell(failure, options, paint);
  const { failures, virtualMs, acknowledged, refused, unknown, lost } = summary;
  const virtualMinutes = Math.round(virtualMs / MINUTE_MS);
  const rate = Math.round(virtualMs / progress.realMs);
  const perCore = Math.round(virtualMs / progress.cpuMs);
  const seconds = (progress.realMs / 1000).toFixed(1);
  const faults = [...summary.faults].sort().map(([kind, count]) => `${kind} ${count}`);
  print(`profile     ${profile.name}: ${profile.summary}`);
  print(`seeds       ${summary.seeds}, from ${options.seed}`);
  print(
    `time        ${virtualMinutes} virtual minutes in ${seconds} s: ${rate} virtual seconds a second`,
  );
  print(`            ${perCore} virtual seconds a second of one core`);
  print(`faults      ${faults.join(', ') || 'none'}`);
  print(`operations  ${acknowledged} acknowledged, ${refused} refused, ${unknown} unanswered`);
  print(`lost        ${lost} acknowledged unique writes`);
  const count = failures.length;
  const verdict = count === 0 ? paint.good('0 failing') : paint.bad(`${count} failing`);
  print(`result      ${verdict}`);
}

function tell(failure: Failure, options: SimulateCommandOptions, paint: Paint): void {
  const { seed, violations, faults, shrunk, transcript } = failure;
  print(paint.bad(`Seed ${seed} fails:`));
  for (const { checker, atMs, text } of violations) {
    print(`  ${(atMs / 1000).toFixed(3)}  ${checker}: ${text}`);
  }
  if (shrunk !== undefined) {
    print(`With ${shrunk.length} of its ${faults.length} faults (seconds since they begin):`);
    for (const fault of shrunk) print(`  ${faultText(fault)}`);
  }
  const file = options.transcript;
  if (file !== undefined && transcript.length > 0) {
    writeFileSync(file, `${transcript.join('\n')}\n`);
    print(`Its transcript with these faults: ${file}`);
  } else if (transcript.length > 0) {
    const left = transcript.length - LAST_LINES;
    print(
      left > 0 ? `The last of ${transcript.length} lines of its transcript:` : 'Its transcript:',
    );
    for (const line of transcript.slice(-LAST_LINES)) print(`  ${line}`);
  }
  const again = `understudy simulate --seeds 1 --seed ${seed} --profile ${options.profile}`;
  print(`Again: ${again} --minutes ${options.minutes} --transcript FILE\n`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
