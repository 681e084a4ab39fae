// All directives, and finding one by its name or alias. The table has no names that only files know
// (include, user, rename-command, loadmodule, sentinel): those are load-configuration.ts's.

import type { Directive } from './directive.ts';
import { accessDirectives } from './directives-access.ts';
import { clusterDirectives } from './directives-cluster.ts';
import { memoryDirectives } from './directives-memory.ts';
import { networkDirectives } from './directives-network.ts';
import { persistenceDirectives } from './directives-persistence.ts';
import { processDirectives } from './directives-process.ts';
import { replicationDirectives } from './directives-replication.ts';

export const directives: readonly Directive[] = [
  ...networkDirectives,
  ...processDirectives,
  ...accessDirectives,
  ...memoryDirectives,
  ...persistenceDirectives,
  ...replicationDirectives,
  ...clusterDirectives,
];

/** By lower-case name and alias. A Map: names come from clients, and `__proto__` is one. */
export const directivesByName: ReadonlyMap<string, Directive> = new Map(
  directives.flatMap((directive) =>
    directive.alias === undefined
      ? [[directive.name, directive] as const]
      : [[directive.name, directive] as const, [directive.alias, directive] as const],
  ),
);

export function findDirective(name: string): Directive | undefined {
  return directivesByName.get(name.toLowerCase());
}
