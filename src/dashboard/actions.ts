// From the body of a request to a call of the fleet. The body is anybody's text until `readAction`
// has looked at every field.

import type { Fleet } from '../fleet/fleet.ts';
import type { Action } from './messages.ts';

const NAME_LIMIT = 100;
const SLOWEST_MS = 60_000;

/** The action, or what is wrong with it. */
export function readAction(body: unknown): Action | { readonly problem: string } {
  if (typeof body !== 'object' || body === null) return { problem: 'an object is expected' };
  const fields = body as Readonly<Record<string, unknown>>;
  const { action } = fields;
  switch (action) {
    case 'kill':
    case 'freeze':
    case 'thaw':
    case 'restart':
      if (!isName(fields.node)) return { problem: `${action} needs "node", the name of one` };
      return { action, node: fields.node };
    case 'cut':
      if (!isPair(fields.between)) return { problem: 'cut needs "between", two names' };
      return { action, between: fields.between };
    case 'slow':
      if (!isPair(fields.between)) return { problem: 'slow needs "between", two names' };
      if (!isDelay(fields.delayMs)) return { problem: `slow needs "delayMs", 1 to ${SLOWEST_MS}` };
      return { action, between: fields.between, delayMs: fields.delayMs };
    case 'heal':
      return readHeal(fields);
    case 'failover':
    case 'start-probe':
    case 'stop-probe':
      return { action };
    default:
      return {
        problem:
          '"action" is none of kill, freeze, thaw, restart, cut, slow, heal, failover, ' +
          'start-probe, stop-probe',
      };
  }
}

/** Rejects with a FleetError when the fleet cannot do it. */
export async function perform(fleet: Fleet, action: Action): Promise<void> {
  switch (action.action) {
    case 'kill':
      return fleet.kill(action.node);
    case 'freeze':
      return fleet.freeze(action.node);
    case 'thaw':
      return fleet.thaw(action.node);
    case 'restart':
      return fleet.restart(action.node);
    case 'cut':
      return fleet.cut(...action.between);
    case 'slow':
      return fleet.slow(...action.between, { delayMs: action.delayMs });
    case 'heal':
      if (action.between !== undefined) return fleet.heal(...action.between);
      return fleet.heal(action.node);
    case 'failover':
      return fleet.failover();
    case 'start-probe':
      return fleet.startProbe();
    case 'stop-probe':
      return fleet.stopProbe();
  }
}

function readHeal(fields: Readonly<Record<string, unknown>>): Action | { problem: string } {
  if (fields.between !== undefined) {
    if (!isPair(fields.between)) return { problem: '"between" must be two names' };
    return { action: 'heal', between: fields.between };
  }
  if (fields.node !== undefined) {
    if (!isName(fields.node)) return { problem: '"node" must be a name' };
    return { action: 'heal', node: fields.node };
  }
  return { action: 'heal' };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= NAME_LIMIT;
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every(isName);
}

function isDelay(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= SLOWEST_MS;
}
