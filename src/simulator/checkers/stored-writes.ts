// Whether a server has what a client wrote, without leaving a trace in it.

import { isMember } from '../../engine/set-value.ts';
import type { ServerNode } from '../server-node.ts';

/** For SET of a key that is written once, and SADD of a member. False while no process runs. */
export function isThere(node: ServerNode, command: readonly (string | number)[]): boolean {
  const db = node.process?.parts.engine.databases[0];
  if (db === undefined) return false;
  const [name, keyText, valueText] = command.map(String);
  const key = Buffer.from(keyText, 'latin1');
  const ref = db.lookupRaw(key, 0, key.length);
  if (ref === 0 || name !== 'SADD') return ref !== 0;
  const member = Buffer.from(valueText, 'latin1');
  return isMember(db, ref, member, 0, member.length);
}
