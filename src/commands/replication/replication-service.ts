// What the commands of replication ask of the node. `src/server/replication` implements it.

import type { Session } from '../../dispatch/session.ts';
import type { RoleService } from './role-service.ts';

export interface ReplicationService extends RoleService {
  /** 40 hexadecimal digits: whose stream the data come from. */
  readonly id: string;
  /** Bytes of that stream so far. */
  readonly offset: number;
  readonly masterSide: MasterService;
  /** The link to the master; undefined on a master. */
  readonly link: MasterLink | undefined;
  changeId(): void;
}

/** A replica's link as ROLE shows it. */
export interface MasterLink {
  readonly host: string;
  readonly port: number;
  readonly state: 'none' | 'connect' | 'connecting' | 'handshake' | 'sync' | 'connected';
  /** Bytes of the stream so far; -1 without a link. */
  readonly offset: number;
}

/** What a client says about itself with REPLCONF. */
export interface ReplicaOptions {
  listeningPort: number;
  address: string;
  takesMark: boolean;
  takesNewId: boolean;
  rdbOnly: boolean;
  withoutData: boolean;
  withoutFunctions: boolean;
}

/** What PSYNC asks for. */
export interface StreamRequest {
  /** Any text: '?' asks for everything. */
  readonly id: string;
  readonly offset: number;
}

/** A replica in ROLE. */
export interface OnlineReplica {
  readonly address: string;
  readonly port: number;
  readonly ackOffset: number;
}

/** The master's side. */
export interface MasterService {
  readonly onlineReplicas: readonly OnlineReplica[];
  optionsOf(session: Session): ReplicaOptions;
  acknowledge(session: Session, offset: number, durable: number): void;
  /** PSYNC, or SYNC without a request. The error text when it is refused. */
  synchronize(session: Session, request: StreamRequest | undefined): string | undefined;
  /** PSYNC … FAILOVER: this replica is to become the master. The error text when it does not. */
  takeOver(session: Session, id: string): string | undefined;
  /** Where the stream was after the session's last command with an effect. */
  writeOffset(session: Session): number;
  /** Online replicas that have executed everything up to there, or have it on disk. */
  countExecuted(offset: number): number;
  countDurable(offset: number): number;
  /** What this node has on disk; -1 while it keeps no AOF. */
  readonly durableOffset: number;
  /** Replicas shall say at once where they are; `change` sessions more wait for that. */
  await(change: 1 | -1): void;
}
