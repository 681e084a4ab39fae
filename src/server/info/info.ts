// INFO's text: which sections were asked for, in which order they come, and their frame.

import { type InfoLine, infoSection } from '../../commands/shared/info/info-lines.ts';
import { clientsSection } from './client-section.ts';
import { keyspaceSection, persistenceSection } from './data-sections.ts';
import type { InfoSource } from './info-source.ts';
import { memorySection } from './memory-section.ts';
import { clusterSection, cpuSection, modulesSection, serverSection } from './process-sections.ts';
import { replicationSection } from './replication-section.ts';
import {
  commandstatsSection,
  debugSection,
  errorstatsSection,
  latencystatsSection,
  statsSection,
} from './stats-sections.ts';

interface Section {
  /** The word that asks for it. */
  readonly name: string;
  readonly heading: string;
  readonly lines: (source: InfoSource) => readonly InfoLine[];
  /** Part of the answer without words. */
  readonly isDefault: boolean;
}

function section(heading: string, isDefault: boolean, lines: Section['lines']): Section {
  return { name: heading.toLowerCase(), heading, isDefault, lines };
}

/** In the order in which they are printed. */
const sections: readonly Section[] = [
  section('Server', true, serverSection),
  section('Clients', true, clientsSection),
  section('Memory', true, memorySection),
  section('Persistence', true, persistenceSection),
  section('Stats', true, statsSection),
  section('Replication', true, replicationSection),
  section('CPU', true, cpuSection),
  section('Modules', true, modulesSection),
  section('Commandstats', false, commandstatsSection),
  section('Errorstats', true, errorstatsSection),
  section('Latencystats', false, latencystatsSection),
  section('Cluster', true, clusterSection),
  section('Keyspace', true, keyspaceSection),
];

/** Neither `all` nor `everything` includes it. */
const debug = section('Debug', false, debugSection);

/** `asked` in lower case; none: the default sections. Unknown words add nothing. */
export function infoText(source: InfoSource, asked: readonly string[]): string {
  // Times of commands that ran in this poll are still to be shared out.
  source.dispatcher.shareTime();
  const words = new Set(asked);
  const isAll = words.has('all') || words.has('everything');
  const isDefault = asked.length === 0 || words.has('default');
  // Redis knows the list of modules under a second name.
  if (words.has('module_list')) words.add('modules');
  const chosen = sections.filter(
    (one) => isAll || words.has(one.name) || (isDefault && one.isDefault),
  );
  if (words.has(debug.name)) chosen.push(debug);
  return chosen.map(({ heading, lines }) => infoSection(heading, lines(source))).join('\r\n');
}
