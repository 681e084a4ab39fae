// What a timer is for. One timer each and instance, re-armed when it has fired.

import type { DataNode, Instance, Master, Replica } from './instance.ts';
import type { InstanceLink } from './instance-link.ts';

export type Task =
  | { readonly kind: 'ping' | 'connect'; readonly link: InstanceLink }
  /** The moment from which the instance counts as down unless something happens before. */
  | { readonly kind: 'down'; readonly instance: Instance }
  | { readonly kind: 'hello'; readonly instance: Instance }
  | { readonly kind: 'info'; readonly node: DataNode }
  | { readonly kind: 'reconfigured'; readonly replica: Replica }
  /** Ask the others; begin a failover; a state of a failover has lasted too long. */
  | { readonly kind: 'ask' | 'begin' | 'failover'; readonly master: Master }
  /** Nothing to do but to be awake: how a stalled process is told from a quiet one. */
  | { readonly kind: 'heartbeat' };
