// Everything that one sentinel holds, and the list of effects that the step under way has produced.
// The rules are functions over it; only they decide. This file knows no rule.

import { type Address, addressLabel } from './address.ts';
import type { EventLevel, SentinelEffect } from './effect.ts';
import type { Instance, Master, Peer } from './instance.ts';
import type { InstanceLink, LinkEnd } from './instance-link.ts';
import { Schedule, Timer } from './schedule.ts';
import type { GlobalSettings, Timings } from './settings.ts';
import type { Task } from './task.ts';

/** A stalled process sees everything time out: it watches, but does not act. */
export type Tilt = { readonly state: 'calm' } | { readonly state: 'tilt'; readonly since: number };

const MAX_GRID_PHASE_MS = 1000;

export class World {
  readonly myId: string;
  currentEpoch: number;
  settings: GlobalSettings;
  timings: Timings;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Where the grid of periodic commands begins, ms. */
  readonly gridPhase: number;
  /** Monotonic ms of the step under way. */
  now = 0;
  tilt: Tilt = { state: 'calm' };
  /** We were late ourselves: answers may wait unread, so nobody is called down before this. */
  graceUntil: number = Number.NEGATIVE_INFINITY;
  crashAfterElection = false;
  crashAfterPromotion = false;

  readonly masters: Map<string, Master> = new Map();
  /** Links to other sentinels, by run id: shared by all masters. */
  readonly peerLinks: Map<string, InstanceLink> = new Map();
  /** Whose last hello a text is. */
  readonly hellos: Map<string, Peer> = new Map();
  /** Hellos about masters whose names are being resolved, by name and sender. */
  readonly waitingHellos: Map<string, Map<string, string>> = new Map();
  readonly ends: Map<number, LinkEnd> = new Map();
  /** Last known address of every name, and who waits for a name: lower case. */
  readonly addresses: Map<string, string> = new Map();
  readonly schedule: Schedule<Task> = new Schedule();
  readonly heartbeat: Timer<Task> = new Timer<Task>({ kind: 'heartbeat' });

  /** Something that is kept in the file has changed. */
  isChanged = false;
  /** The last state that was written did not reach the disk. */
  isDiskFailing = false;
  /** A state is on its way to the disk. */
  isSaving = false;
  /** What happens when the state as it is now is on disk, or could not be written. */
  afterSave: ((ok: boolean) => void)[] = [];

  /** A forged epoch is logged once in a while only: it can come in floods. */
  epochRefusedAt: number = Number.NEGATIVE_INFINITY;

  #effects: SentinelEffect[] = [];
  #lastId = 0;

  constructor(
    myId: string,
    currentEpoch: number,
    settings: GlobalSettings,
    timings: Timings,
    random: () => number,
  ) {
    this.myId = myId;
    this.currentEpoch = currentEpoch;
    this.settings = settings;
    this.timings = timings;
    this.random = random;
    this.gridPhase = Math.floor(random() * MAX_GRID_PHASE_MS);
  }

  get isTilted(): boolean {
    return this.tilt.state === 'tilt';
  }

  /** For links, commands and states: never used twice. */
  nextId(): number {
    return ++this.#lastId;
  }

  emit(effect: SentinelEffect): void {
    this.#effects.push(effect);
  }

  takeEffects(): SentinelEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  log(level: EventLevel, text: string): void {
    this.emit({ kind: 'log', level, text });
  }

  /** An event about an instance: `<instance>[ extra]`; the master's script hears of warnings. */
  event(level: EventLevel, name: string, instance: Instance, extra = ''): void {
    const about = this.describe(instance);
    this.rawEvent(level, name, extra === '' ? about : `${about} ${extra}`, instance.master);
  }

  /** An event whose message does not begin with an instance. */
  rawEvent(level: EventLevel, name: string, message: string, master: Master | undefined): void {
    this.emit({ kind: 'event', level, name, message });
    const path = master?.settings.notificationScript ?? '';
    if (level === 'warning' && path !== '') {
      this.emit({ kind: 'script', path, args: [name, message] });
    }
  }

  /** `<type> <name> <ip> <port>[ @ <master> <ip> <port>]`. */
  describe(instance: Instance): string {
    const { type, name, address, master } = instance;
    const own = `${type} ${name} ${this.announced(address)} ${address.port}`;
    if (instance === master) return own;
    return `${own} @ ${master.name} ${this.announced(master.address)} ${master.address.port}`;
  }

  /** The host that others are told. */
  announced(address: Address): string {
    return this.settings.announceHostnames ? address.host : address.ip;
  }

  label(address: Address): string {
    return addressLabel(this.announced(address), address.port);
  }

  /** Saved by the end of the step; `then` runs once it is on disk, or is known not to be. */
  save(then?: (ok: boolean) => void): void {
    this.isChanged = true;
    if (then !== undefined) this.afterSave.push(then);
  }
}
