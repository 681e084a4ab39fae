// The failover of one master as a table: what each fact means in each state. The compiler refuses a
// missing cell, the tests walk through all of them, and docs/sentinel.md is drawn from them. What is
// done on the way from one state to the next stands in failover.ts.

export type FailoverState =
  | 'none'
  | 'wait_start'
  | 'select_slave'
  | 'send_slaveof_noone'
  | 'wait_promotion'
  | 'reconf_slaves'
  | 'update_config';

export type FailoverFact =
  /** A quorum finds the master down and nothing speaks against an attempt; or somebody asked for one. */
  | 'begun'
  /** The votes suffice, or none are needed. */
  | 'elected'
  /** Time is up, or nobody can reach a majority any more. */
  | 'not_elected'
  | 'replica_chosen'
  | 'no_good_replica'
  /** The chosen replica was told to become a master. */
  | 'promotion_sent'
  /** It says that it is one, and the new epoch is saved. */
  | 'promoted'
  | 'timeout'
  /** All reachable replicas follow the new master. */
  | 'all_reconfigured'
  /** The master's table has the new address. */
  | 'switched'
  /** RESET, REMOVE, or a newer configuration from somebody else. */
  | 'overruled';

interface Transition {
  readonly to: FailoverState;
  /** The event that tells of it; empty where none does. */
  readonly event: string;
}

/** `never`: the fact cannot come in this state, and is a broken invariant. `ignored`: it says nothing. */
export type Cell = Transition | 'never' | 'ignored';

const overruled: Transition = { to: 'none', event: '' };

export const failoverTable: Readonly<Record<FailoverState, Readonly<Record<FailoverFact, Cell>>>> =
  {
    none: {
      begun: { to: 'wait_start', event: '+try-failover' },
      elected: 'never',
      not_elected: 'never',
      replica_chosen: 'never',
      no_good_replica: 'never',
      promotion_sent: 'never',
      promoted: 'never',
      timeout: 'ignored',
      all_reconfigured: 'never',
      switched: 'never',
      overruled: 'ignored',
    },
    wait_start: {
      begun: 'never',
      elected: { to: 'select_slave', event: '+elected-leader' },
      not_elected: { to: 'none', event: '-failover-abort-not-elected' },
      replica_chosen: 'never',
      no_good_replica: 'never',
      promotion_sent: 'never',
      promoted: 'never',
      timeout: { to: 'none', event: '-failover-abort-not-elected' },
      all_reconfigured: 'never',
      switched: 'never',
      overruled,
    },
    select_slave: {
      begun: 'never',
      elected: 'ignored',
      not_elected: 'never',
      replica_chosen: { to: 'send_slaveof_noone', event: '+selected-slave' },
      no_good_replica: { to: 'none', event: '-failover-abort-no-good-slave' },
      promotion_sent: 'never',
      promoted: 'never',
      timeout: 'ignored',
      all_reconfigured: 'never',
      switched: 'never',
      overruled,
    },
    send_slaveof_noone: {
      begun: 'never',
      elected: 'ignored',
      not_elected: 'never',
      replica_chosen: 'never',
      no_good_replica: 'never',
      promotion_sent: { to: 'wait_promotion', event: '+failover-state-wait-promotion' },
      promoted: 'ignored',
      timeout: { to: 'none', event: '-failover-abort-slave-timeout' },
      all_reconfigured: 'never',
      switched: 'never',
      overruled,
    },
    wait_promotion: {
      begun: 'never',
      elected: 'ignored',
      not_elected: 'never',
      replica_chosen: 'never',
      no_good_replica: 'never',
      promotion_sent: 'ignored',
      promoted: { to: 'reconf_slaves', event: '+promoted-slave' },
      timeout: { to: 'none', event: '-failover-abort-slave-timeout' },
      all_reconfigured: 'never',
      switched: 'never',
      overruled,
    },
    reconf_slaves: {
      begun: 'never',
      elected: 'ignored',
      not_elected: 'never',
      replica_chosen: 'never',
      no_good_replica: 'never',
      promotion_sent: 'never',
      promoted: 'ignored',
      timeout: { to: 'update_config', event: '+failover-end-for-timeout' },
      all_reconfigured: { to: 'update_config', event: '+failover-end' },
      switched: 'never',
      overruled,
    },
    update_config: {
      begun: 'never',
      elected: 'ignored',
      not_elected: 'never',
      replica_chosen: 'never',
      no_good_replica: 'never',
      promotion_sent: 'never',
      promoted: 'ignored',
      timeout: 'ignored',
      all_reconfigured: 'ignored',
      switched: { to: 'none', event: '+switch-master' },
      overruled,
    },
  };
