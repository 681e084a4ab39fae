// The process: log, background work, folder, signals, what the operating system is asked for.
// One row a directive; see directive.ts.

import { procTitleTemplate } from './checks.ts';
import type { Directive } from './directive.ts';
import { bool, enumeration, INT_MAX, integer, string } from './directive-kinds.ts';
import { dir, oomScoreAdjValues, shutdownWords } from './directive-specials.ts';

const NO_SYSLOG = 'the log goes to a file or to standard output';
const NO_AFFINITY = 'Node.js cannot bind a process to processors';
const BY_NODE = 'concerns the C implementation or its libraries';
const NO_REHASH = 'the table grows one segment at a time and never rehashes';
const OOM = 'the score is left to the supervisor';

export const processDirectives: readonly Directive[] = [
  bool('daemonize', 'daemonize', { immutable: true }),
  enumeration('supervised', 'supervised', ['upstart', 'systemd', 'auto', 'no'], {
    immutable: true,
  }),
  string('pidfile', 'pidfile', { immutable: true, emptyIsUnset: true }),
  string('logfile', 'logfile', { immutable: true }),
  enumeration('loglevel', 'loglevel', ['debug', 'verbose', 'notice', 'warning', 'nothing'], {
    apply: 'loglevel',
  }),
  bool('syslog-enabled', 'syslogEnabled', { immutable: true, accepted: NO_SYSLOG }),
  string('syslog-ident', 'syslogIdent', { immutable: true, accepted: NO_SYSLOG }),
  enumeration(
    'syslog-facility',
    'syslogFacility',
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    { immutable: true, accepted: NO_SYSLOG },
  ),
  bool('always-show-logo', 'alwaysShowLogo', { immutable: true }),
  bool('set-proc-title', 'setProcTitle', { immutable: true }),
  string('proc-title-template', 'procTitleTemplate', {
    check: procTitleTemplate,
    apply: 'procTitle',
  }),
  integer('databases', 'databases', 1, INT_MAX, { immutable: true }),
  integer('hz', 'hz', 0, INT_MAX, { apply: 'hz' }),
  bool('dynamic-hz', 'dynamicHz'),
  dir,
  integer('shutdown-timeout', 'shutdownTimeout', 0, INT_MAX),
  shutdownWords('shutdown-on-sigint', 'shutdownOnSigint'),
  shutdownWords('shutdown-on-sigterm', 'shutdownOnSigterm'),
  bool('crash-log-enabled', 'crashLogEnabled', { accepted: BY_NODE }),
  bool('crash-memcheck-enabled', 'crashMemcheckEnabled', { accepted: BY_NODE }),
  bool('use-exit-on-panic', 'useExitOnPanic', { hidden: true, accepted: BY_NODE }),
  integer('watchdog-period', 'watchdogPeriod', 0, INT_MAX, { hidden: true, accepted: BY_NODE }),
  string('ignore-warnings', 'ignoreWarnings', { accepted: BY_NODE }),
  string('locale-collate', 'localeCollate', { accepted: BY_NODE }),
  bool('disable-thp', 'disableThp', { immutable: true, accepted: BY_NODE }),
  bool('jemalloc-bg-thread', 'jemallocBgThread', { accepted: BY_NODE }),
  bool('activerehashing', 'activerehashing', { accepted: NO_REHASH }),
  string('server_cpulist', 'serverCpulist', {
    immutable: true,
    emptyIsUnset: true,
    accepted: NO_AFFINITY,
  }),
  string('bio_cpulist', 'bioCpulist', {
    immutable: true,
    emptyIsUnset: true,
    accepted: NO_AFFINITY,
  }),
  string('aof_rewrite_cpulist', 'aofRewriteCpulist', {
    immutable: true,
    emptyIsUnset: true,
    accepted: NO_AFFINITY,
  }),
  string('bgsave_cpulist', 'bgsaveCpulist', {
    immutable: true,
    emptyIsUnset: true,
    accepted: NO_AFFINITY,
  }),
  enumeration('oom-score-adj', 'oomScoreAdj', ['no', 'yes', 'absolute'], {
    accepted: OOM,
    synonyms: new Map([['relative', 'yes']]),
  }),
  oomScoreAdjValues,
];
