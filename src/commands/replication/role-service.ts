// What REPLICAOF and FAILOVER ask of the node.

export interface MasterAddress {
  readonly host: string;
  readonly port: number;
}

export interface FailoverWish {
  /** Undefined: whichever replica has everything first. */
  readonly target: MasterAddress | undefined;
  /** 0: as long as it takes. */
  readonly timeoutMs: number;
  readonly isForced: boolean;
}

export interface RoleService {
  readonly role: 'master' | 'replica';
  /** Undefined on a master. */
  readonly masterAddress: MasterAddress | undefined;
  readonly isFailingOver: boolean;
  /** Becomes a replica; the link is made later. */
  follow(master: MasterAddress): void;
  /** Becomes a master; nothing on one. */
  promote(): void;
  /** How the replica at this address stands; undefined: there is none. */
  replicaAt(address: MasterAddress): { readonly isOnline: boolean } | undefined;
  readonly replicaCount: number;
  beginFailover(wish: FailoverWish): void;
  abortFailover(): void;
  /** REPLCONF GETACK of the master: it wants to know now what this node has. */
  acknowledge(): void;
}
