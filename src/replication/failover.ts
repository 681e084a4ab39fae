// FAILOVER on a master: writes are held back until one replica has everything, then this node becomes its
// replica and asks it to take over. Pure: what replicas have comes in, what to do goes out.

import type { Remark } from './replica-handshake.ts';
import type { MasterPlace } from './replica-link-state.ts';

export interface FailoverRequest {
  /** Undefined: whichever replica is first. */
  readonly target: MasterPlace | undefined;
  /** 0: as long as it takes. */
  readonly timeoutMs: number;
  /** When the time is over the target takes over with what it has. */
  readonly isForced: boolean;
}

/** A replica as far as a failover is concerned. */
export interface FailoverCandidate {
  readonly host: string;
  readonly port: number;
  readonly isOnline: boolean;
  readonly acknowledgedOffset: number;
}

export type FailoverState =
  | { readonly kind: 'none' }
  | { readonly kind: 'waiting'; readonly request: FailoverRequest; readonly endMs: number }
  | { readonly kind: 'takingOver'; readonly target: MasterPlace };

export type FailoverEffect =
  | { readonly kind: 'log'; readonly remark: Remark }
  /** Writes wait until `resume`. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'follow'; readonly master: MasterPlace }
  /** The target did not take over: this node is the master again. */
  | { readonly kind: 'promote' };

function notice(text: string): FailoverEffect {
  return { kind: 'log', remark: { level: 'notice', text } };
}

export class Failover {
  state: FailoverState = { kind: 'none' };

  /** INFO's word for the state. */
  get word(): string {
    if (this.state.kind === 'none') return 'no-failover';
    return this.state.kind === 'waiting' ? 'waiting-for-sync' : 'failover-in-progress';
  }

  begin(nowMs: number, request: FailoverRequest): readonly FailoverEffect[] {
    const { target, timeoutMs } = request;
    const endMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : nowMs + timeoutMs;
    this.state = { kind: 'waiting', request, endMs };
    const text =
      target === undefined
        ? 'FAILOVER requested to any replica.'
        : `FAILOVER requested to ${target.host}:${target.port}.`;
    return [notice(text), { kind: 'pause' }];
  }

  tick(
    nowMs: number,
    offset: number,
    candidates: readonly FailoverCandidate[],
  ): readonly FailoverEffect[] {
    if (this.state.kind !== 'waiting') return [];
    const { request, endMs } = this.state;
    const { target } = request;
    if (nowMs >= endMs) {
      if (!request.isForced || target === undefined) {
        return this.abort('Replica never caught up before timeout');
      }
      const text = `FAILOVER to ${target.host}:${target.port} time out exceeded, failing over.`;
      return this.#takeOver(target, text);
    }
    const ready = candidates.find(
      (one) =>
        one.isOnline &&
        one.acknowledgedOffset === offset &&
        (target === undefined || isAt(one, target)),
    );
    if (ready === undefined) return [];
    const { host, port } = ready;
    return this.#takeOver(
      { host, port },
      `Failover target ${host}:${port} is synced, failing over.`,
    );
  }

  #takeOver(target: MasterPlace, text: string): readonly FailoverEffect[] {
    this.state = { kind: 'takingOver', target };
    return [notice(text), { kind: 'follow', master: target }];
  }

  /** The target took over: its replica continues or is copied anew. */
  accepted(): readonly FailoverEffect[] {
    if (this.state.kind !== 'takingOver') return [];
    this.state = { kind: 'none' };
    return [{ kind: 'resume' }];
  }

  abort(reason: string): readonly FailoverEffect[] {
    const before = this.state;
    if (before.kind === 'none') return [];
    const target = before.kind === 'waiting' ? before.request.target : before.target;
    const where = target === undefined ? 'any replica' : `${target.host}:${target.port}`;
    this.state = { kind: 'none' };
    return [
      notice(`FAILOVER to ${where} aborted: ${reason}`),
      ...(before.kind === 'takingOver' ? [{ kind: 'promote' } as const] : []),
      { kind: 'resume' },
    ];
  }
}

/** Whether a replica is the one at this address. */
export function isAt(one: FailoverCandidate, { host, port }: MasterPlace): boolean {
  return one.port === port && one.host.toLowerCase() === host.toLowerCase();
}
