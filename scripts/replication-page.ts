// The drawings of docs/replication.md, made from the tables of both machines.

import { masterTable } from '../src/replication/master-session.ts';
import { table as replicaTable } from '../src/replication/replica-link.ts';
import { fillPage } from './page-parts.ts';

/** What a state does with an input, as far as a drawing is concerned. */
type Table = Readonly<Record<string, Readonly<Record<string, { readonly to: readonly string[] }>>>>;

const parts: Readonly<Record<string, string>> = {
  'replica-drawing': drawing(replicaTable, 'idle', ['follow', 'remember', 'leave']),
  'master-drawing': drawing(masterTable, 'handshaking', ['closed']),
};

export function replicationPage(page: string): string {
  return fillPage('docs/replication.md', page, parts);
}

/** An arrow for each pair of states, with the inputs that lead along it; `everywhere` is left to the text. */
function drawing(states: Table, first: string, everywhere: readonly string[]): string {
  const arrows = new Map<string, string[]>();
  for (const [from, inputs] of Object.entries(states)) {
    for (const [input, { to }] of Object.entries(inputs)) {
      if (everywhere.includes(input) && from !== first) continue;
      for (const target of to) {
        if (target === from) continue;
        const arrow = `${from} --> ${target}`;
        arrows.set(arrow, [...(arrows.get(arrow) ?? []), input]);
      }
    }
  }
  const lines = [...arrows].map(([arrow, inputs]) => `  ${arrow}: ${inputs.join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${first}`, ...lines, '```', ''].join('\n');
}
