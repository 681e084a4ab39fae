// Passwords and protected commands, keyspace events, slow log and latency.
// One row a directive; see directive.ts.

import type { Directive } from './directive.ts';
import { bool, enumeration, integer, LONG_MAX, string } from './directive-kinds.ts';
import { latencyTrackingInfoPercentiles, notifyKeyspaceEvents } from './directive-specials.ts';

const LATER_SCRIPTS = 'kept and reported; there are no scripts yet';

export const accessDirectives: readonly Directive[] = [
  string('requirepass', 'requirepass', {
    sensitive: true,
    emptyIsUnset: true,
    apply: 'requirepass',
  }),
  string('aclfile', 'aclfile', { immutable: true }),
  enumeration('acl-pubsub-default', 'aclPubsubDefault', ['allchannels', 'resetchannels']),
  integer('acllog-max-len', 'acllogMaxLen', 0, LONG_MAX),
  enumeration('enable-protected-configs', 'enableProtectedConfigs', ['no', 'yes', 'local'], {
    immutable: true,
  }),
  enumeration('enable-debug-command', 'enableDebugCommand', ['no', 'yes', 'local'], {
    immutable: true,
  }),
  enumeration('enable-module-command', 'enableModuleCommand', ['no', 'yes', 'local'], {
    immutable: true,
  }),
  notifyKeyspaceEvents,
  integer('slowlog-log-slower-than', 'slowlogLogSlowerThan', -1, LONG_MAX),
  integer('slowlog-max-len', 'slowlogMaxLen', 0, LONG_MAX),
  integer('latency-monitor-threshold', 'latencyMonitorThreshold', 0, LONG_MAX),
  bool('latency-tracking', 'latencyTracking'),
  latencyTrackingInfoPercentiles,
  integer('busy-reply-threshold', 'busyReplyThreshold', 0, LONG_MAX, {
    alias: 'lua-time-limit',
    accepted: LATER_SCRIPTS,
  }),
];
