// What the commands of replication ask of the node. `src/server/replication` implements it.

export interface ReplicationService {
  readonly role: 'master' | 'replica';
  /** 40 hexadecimal digits: whose stream the data come from. */
  readonly id: string;
  /** Bytes of that stream so far. */
  readonly offset: number;
  changeId(): void;
}
