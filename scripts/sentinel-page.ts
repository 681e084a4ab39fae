// The drawings and tables of docs/sentinel.md that are made from the core's tables of transitions: the
// page itself is written by hand, what stands between its marks is not.

import { failoverTable } from '../src/sentinel/core/failover-table.ts';
import { reconfigurationTable } from '../src/sentinel/core/reconfiguration-table.ts';
import { fillPage } from './page-parts.ts';

type Cell = 'never' | 'ignored' | { readonly to: string; readonly event: string };
type Table = Readonly<Record<string, Readonly<Record<string, Cell>>>>;

const parts: Readonly<Record<string, string>> = {
  'failover-drawing': drawing(failoverTable),
  'failover-table': table(failoverTable),
  'reconfiguration-drawing': drawing(reconfigurationTable),
};

export function sentinelPage(page: string): string {
  return fillPage('docs/sentinel.md', page, parts);
}

/** Every fact that changes the state, as an arrow; several facts of one arrow share it. */
function drawing(states: Table): string {
  const arrows = new Map<string, string[]>();
  for (const [from, facts] of Object.entries(states)) {
    for (const [fact, cell] of Object.entries(facts)) {
      if (typeof cell === 'string') continue;
      const arrow = `${from} --> ${cell.to}`;
      const label = cell.event === '' ? fact : `${fact} (${cell.event})`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), label]);
    }
  }
  const lines = [...arrows].map(([arrow, labels]) => `  ${arrow}: ${labels.join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> none', ...lines, '```', ''].join('\n');
}

/** Facts down, states across; '-' cannot happen, 'stays' says nothing new. */
function table(states: Table): string {
  const names = Object.keys(states);
  const facts = Object.keys(states[names[0]]);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const word = (cell: Cell) => {
    if (cell === 'never') return '-';
    return cell === 'ignored' ? 'stays' : `**${cell.to}**`;
  };
  const lines = facts.map((fact) => row([fact, ...names.map((name) => word(states[name][fact]))]));
  return [row(['fact', ...names]), row(['---', ...names.map(() => '---')]), ...lines, ''].join(
    '\n',
  );
}
