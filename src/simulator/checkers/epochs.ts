// Epochs never go back: neither the one that a sentinel told last, nor that of the configuration it
// announces, nor the one in the memory of one process. A restart may forget only what nobody heard, and,
// by decision 0011, the news of a promotion that had to be told before a slow disk held it.

import type { World } from '../world.ts';
import type { Checker, Violation } from './checker.ts';
import { Elections } from './elections.ts';
import { Findings } from './findings.ts';
import { SentinelWire } from './sentinel-wire.ts';

/** A disk that is slower than this by the operation may hold a state up beyond the core's patience. */
const SLOW_US = 1000;
/** How late the refusal of a disk may be told. */
const REFUSED_WITHIN_US = 2_000_000;
/** The write under way may hold an older state; the one after it holds all that was told before. */
const WRITES = 2;

/** The first hello with an epoch of a configuration, by a sentinel whose disk was not well. */
interface Urgent {
  readonly epoch: number;
  readonly start: number;
  /** States that this process had saved. */
  readonly saved: number;
}

export class Epochs implements Checker {
  readonly name = 'epochs';
  readonly #findings = new Findings(this.name);
  readonly #told = new Map<string, number>();
  readonly #urgent = new Map<string, Urgent>();
  /** Elections won, by sentinel, master and epoch. */
  readonly #led = new Set<string>();
  /** States saved by a process, by its name and number. */
  readonly #saved = new Map<string, number>();

  attach(world: World): void {
    const told = (what: string, epoch: number): void => {
      const before = this.#told.get(what) ?? 0;
      if (epoch < before)
        this.#findings.add(world.nowMs, `${what} went from ${before} to ${epoch}`);
      else this.#told.set(what, epoch);
    };
    const wire = SentinelWire.of(world);
    wire.onHello.push((sentinel, { currentEpoch, configEpoch, master }) => {
      told(`epoch of ${sentinel}`, currentEpoch);
      const what = `epoch of ${master}'s configuration by ${sentinel}`;
      const before = this.#told.get(what) ?? 0;
      if (configEpoch > before) this.#noteUrgent(world, what, sentinel, configEpoch);
      const isForgotten = configEpoch < before && this.#mayForget(world, what, sentinel, master);
      if (isForgotten) this.#told.set(what, configEpoch);
      else told(what, configEpoch);
    });
    wire.onVote.push(({ voter, master, epoch }) => told(`vote of ${voter} for ${master}`, epoch));
    Elections.of(world).onWon.push(({ sentinel, master, epoch }) =>
      this.#led.add(`${sentinel} ${master} ${epoch}`),
    );
    world.onLog.push((node, { text }) => {
      if (node.kind !== 'sentinel') return;
      const process = `${node.name} ${node.starts}`;
      if (text === 'Sentinel new configuration saved on disk') {
        this.#saved.set(process, (this.#saved.get(process) ?? 0) + 1);
      } else if (text.startsWith('+new-epoch ')) {
        const what = `epoch in process ${node.starts} of ${node.name}`;
        told(what, Number(text.split(' ')[1]));
      }
    });
  }

  #noteUrgent(world: World, what: string, sentinel: string, epoch: number): void {
    const { disk, refusal, starts: start } = world.node(sentinel);
    const isRefusing =
      refusal !== undefined && world.world.time.nowUs - refusal.atUs <= REFUSED_WITHIN_US;
    if (disk.slowUs < SLOW_US && !isRefusing) this.#urgent.delete(what);
    else {
      const saved = this.#saved.get(`${sentinel} ${start}`) ?? 0;
      this.#urgent.set(what, { epoch, start, saved });
    }
  }

  /** Whether this process may say less than the one before: that one led, and died before it could save. */
  #mayForget(world: World, what: string, sentinel: string, master: string): boolean {
    const urgent = this.#urgent.get(what);
    if (urgent === undefined || world.node(sentinel).starts === urgent.start) return false;
    const { epoch, start, saved } = urgent;
    if (!this.#led.has(`${sentinel} ${master} ${epoch}`)) return false;
    return (this.#saved.get(`${sentinel} ${start}`) ?? 0) - saved < WRITES;
  }

  finish(): readonly Violation[] {
    return this.#findings.all;
  }
}
