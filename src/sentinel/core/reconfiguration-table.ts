// A replica on its way to the new master, as a table: read and tested like failover-table.ts.

export type ReconfigurationState = 'none' | 'sent' | 'inprog' | 'done';

export type ReconfigurationFact =
  /** It was told to follow the new master. */
  | 'told'
  /** INFO names the new master. */
  | 'follows'
  /** INFO says that the link to it is up. */
  | 'synchronized'
  /** It has not followed in time; +fix-slave-config will see to it later. */
  | 'timeout'
  /** The failover is over. */
  | 'over';

interface Transition {
  readonly to: ReconfigurationState;
  readonly event: string;
}

export const reconfigurationTable: Readonly<
  Record<
    ReconfigurationState,
    Readonly<Record<ReconfigurationFact, Transition | 'never' | 'ignored'>>
  >
> = {
  none: {
    told: { to: 'sent', event: '+slave-reconf-sent' },
    follows: 'ignored',
    synchronized: 'ignored',
    timeout: 'ignored',
    over: 'ignored',
  },
  sent: {
    told: 'never',
    follows: { to: 'inprog', event: '+slave-reconf-inprog' },
    synchronized: 'ignored',
    timeout: { to: 'done', event: '-slave-reconf-sent-timeout' },
    over: { to: 'none', event: '' },
  },
  inprog: {
    told: 'never',
    follows: 'ignored',
    synchronized: { to: 'done', event: '+slave-reconf-done' },
    timeout: 'ignored',
    over: { to: 'none', event: '' },
  },
  done: {
    told: 'never',
    follows: 'ignored',
    synchronized: 'ignored',
    timeout: 'ignored',
    over: { to: 'none', event: '' },
  },
};
