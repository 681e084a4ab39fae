// What is alike in INFO of data nodes and of sentinels: everything but the sections and their summary.

import type { Command } from '../../../dispatch/command.ts';
import type { Request } from '../../../protocol/request.ts';

type InfoFacts = Pick<
  Command<never>,
  'name' | 'since' | 'group' | 'arity' | 'flags' | 'categories' | 'syntax' | 'history' | 'tips'
>;

export const infoFacts: InfoFacts = {
  name: 'info',
  since: '1.0.0',
  group: 'server',
  arity: -1,
  flags: ['loading', 'stale'],
  categories: ['dangerous'],
  syntax: '[section...]',
  history: [['7.0.0', 'Added support for taking multiple section arguments.']],
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
};

/** The words after INFO, in lower case. */
export function sectionsAsked(request: Request): readonly string[] {
  const sections: string[] = [];
  for (let i = 1; i < request.count; i++) sections.push(request.text(i).toLowerCase());
  return sections;
}
