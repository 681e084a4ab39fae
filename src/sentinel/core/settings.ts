// What a user can set, and what survives a restart. The shell reads it from the configuration file
// and writes it back; the core changes it by commands, hellos, votes and failovers. Texts are latin1:
// a character is a byte.

/** Of one monitored master; its replicas and the other sentinels follow it. Times in ms. */
export interface MasterSettings {
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
  /** 0: off. */
  readonly rebootDownAfterMs: number;
  /** Empty: none. */
  readonly authUser: string;
  readonly authPass: string;
  readonly notificationScript: string;
  readonly clientReconfigScript: string;
  /** Upper-case command to the name that the data nodes know it by. */
  readonly renamedCommands: ReadonlyMap<string, string>;
}

/** Of the whole sentinel. */
export interface GlobalSettings {
  /** Where this sentinel listens; told to others unless `announcePort` is set. */
  readonly port: number;
  /** Empty: the local address of the link that a hello goes out on. */
  readonly announceIp: string;
  /** 0: `port`. */
  readonly announcePort: number;
  readonly resolveHostnames: boolean;
  readonly announceHostnames: boolean;
  readonly denyScriptsReconfig: boolean;
  /** Towards other sentinels; empty: none. */
  readonly sentinelUser: string;
  readonly sentinelPass: string;
  /** The sentinel's own `requirepass`: used towards others while `sentinelPass` is empty. */
  readonly requirePass: string;
}

/** What SENTINEL DEBUG shows and sets; ms. The script times are the shell's. */
export interface Timings {
  readonly infoPeriod: number;
  readonly pingPeriod: number;
  readonly askPeriod: number;
  readonly publishPeriod: number;
  readonly defaultDownAfter: number;
  readonly defaultFailoverTimeout: number;
  readonly tiltTrigger: number;
  readonly tiltPeriod: number;
  readonly slaveReconfTimeout: number;
  readonly minLinkReconnectPeriod: number;
  readonly electionTimeout: number;
  readonly scriptMaxRuntime: number;
  readonly scriptRetryDelay: number;
}

export const defaultTimings: Timings = {
  infoPeriod: 10_000,
  pingPeriod: 1000,
  askPeriod: 1000,
  publishPeriod: 2000,
  defaultDownAfter: 30_000,
  defaultFailoverTimeout: 180_000,
  tiltTrigger: 2000,
  tiltPeriod: 30_000,
  slaveReconfTimeout: 10_000,
  minLinkReconnectPeriod: 15_000,
  electionTimeout: 10_000,
  scriptMaxRuntime: 60_000,
  scriptRetryDelay: 30_000,
};

export const defaultGlobalSettings: GlobalSettings = {
  port: 26_379,
  announceIp: '',
  announcePort: 0,
  resolveHostnames: false,
  announceHostnames: false,
  denyScriptsReconfig: true,
  sentinelUser: '',
  sentinelPass: '',
  requirePass: '',
};

/** Of a master just named by a `monitor` line or command; DEBUG can have changed two of them. */
export function defaultMasterSettings(quorum: number, timings: Timings): MasterSettings {
  return {
    quorum,
    downAfterMs: timings.defaultDownAfter,
    failoverTimeoutMs: timings.defaultFailoverTimeout,
    parallelSyncs: 1,
    rebootDownAfterMs: 0,
    authUser: '',
    authPass: '',
    notificationScript: '',
    clientReconfigScript: '',
    renamedCommands: new Map(),
  };
}

/** Host as configured or reported: an address, or a name with `resolve-hostnames yes`. */
export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

export interface SavedSentinel extends NodeAddress {
  /** 40 hex digits. */
  readonly runId: string;
}

/** A master with everything that the configuration file says about it. */
export interface SavedMaster extends NodeAddress {
  readonly name: string;
  readonly settings: MasterSettings;
  /** Version of the address; safe integers, as all epochs. */
  readonly configEpoch: number;
  /** Last epoch in which this sentinel voted: never again in it, whoever asks. */
  readonly leaderEpoch: number;
  readonly replicas: readonly NodeAddress[];
  readonly sentinels: readonly SavedSentinel[];
}

/** The whole of it: the core begins with one, and hands out the next one to be written. */
export interface SavedState {
  /** 40 hex digits; the shell draws them at the first start. */
  readonly myId: string;
  readonly currentEpoch: number;
  readonly settings: GlobalSettings;
  readonly masters: readonly SavedMaster[];
}
