// What the dispatcher reads of the configuration. Fields are read live, each time they matter: whoever
// changes the settings just assigns. The server's Settings satisfies this by its shape.

import type { AclSettings } from './acl/acl-user.ts';
import type { TrackingSettings } from './tracking/tracking.ts';

export interface DispatchSettings extends AclSettings, TrackingSettings {
  /** Microseconds from which a command enters the slowlog; negative: none does, 0: every one. */
  readonly slowlogLogSlowerThan: number;
  /** Entries kept in the slowlog. */
  readonly slowlogMaxLen: number;
  /** Milliseconds from which an event enters the latency monitor; 0 switches it off. */
  readonly latencyMonitorThreshold: number;
  /** Whether latencies are kept a command for INFO latencystats and LATENCY HISTOGRAM. */
  readonly latencyTracking: boolean;
  /** Percentiles of INFO latencystats, 0 to 100. */
  readonly latencyTrackingInfoPercentiles: readonly number[];
}

/** Redis's defaults, for Sentinel and for tests. */
export const defaultDispatchSettings: DispatchSettings = {
  slowlogLogSlowerThan: 10_000,
  slowlogMaxLen: 128,
  latencyMonitorThreshold: 0,
  latencyTracking: true,
  latencyTrackingInfoPercentiles: [50, 99, 99.9],
  aclPubsubDefault: 'resetchannels',
  acllogMaxLen: 128,
  trackingTableMaxKeys: 1_000_000,
};
