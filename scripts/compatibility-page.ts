// docs/compatibility.md: which commands and directives of Redis 7.2 this server has, from the command
// objects and the table of directives. What Redis has and we have not is listed too.

import type { Command } from '../src/dispatch/command.ts';
import { flagBits, shownFlags } from '../src/dispatch/command-flags.ts';
import type { Directive } from '../src/server/config/directive.ts';

export interface CompatibilitySource {
  readonly commands: readonly Command<never>[];
  readonly directives: readonly Directive[];
  /** Group to `name since, name since …`, as in redis-commands.ts. */
  readonly redisCommands: Readonly<Record<string, string>>;
}

interface Row {
  readonly name: string;
  readonly since: string;
  readonly command: Command<never> | undefined;
}

const HEAD = `# Compatibility with Redis 7.2

Generated from the command objects and the table of directives by \`npm run docs\`. A command that is here
behaves as in Redis 7.2.4: arguments, replies in RESP2 and RESP3, errors, propagation and keyspace events. One
that is "not yet" here answers as an unknown command.
`;

/** The page's text. */
export function compatibilityPage(source: CompatibilitySource): string {
  const own = new Map(source.commands.flatMap(withSubcommands));
  const groups = Object.entries(source.redisCommands).map(([group, list]) => ({
    group,
    rows: parseList(list).map(({ name, since }) => ({ name, since, command: own.get(name) })),
  }));
  const listed = new Set(groups.flatMap(({ rows }) => rows.map(({ name }) => name)));
  const further = [...own]
    .filter(([name]) => !listed.has(name))
    .map(([name, command]) => ({ name, since: command.since, command }));
  return [
    HEAD,
    overview(groups),
    ...groups.map(({ group, rows }) => commandTable(title(group), rows)),
    ...(further.length > 0 ? [commandTable('Beyond Redis 7.2', further)] : []),
    directiveTables(source.directives),
  ].join('\n');
}

function withSubcommands(command: Command<never>): readonly (readonly [string, Command<never>])[] {
  const subcommands = (command.subcommands ?? []).map(
    (sub) => [`${command.name}|${sub.name}`, sub] as const,
  );
  return [[command.name, command], ...subcommands];
}

function parseList(list: string): readonly { readonly name: string; readonly since: string }[] {
  return list
    .split(',')
    .map((item) => item.trim().split(/\s+/))
    .map(([name, since]) => ({ name, since }));
}

function overview(
  groups: readonly { readonly group: string; readonly rows: readonly Row[] }[],
): string {
  const lines = groups.map(({ group, rows }) => {
    const have = rows.filter(({ command }) => command !== undefined).length;
    return `| [${title(group)}](#${title(group).toLowerCase().replaceAll(' ', '-')}) | ${have} | ${rows.length} |`;
  });
  return ['| group | here | in Redis 7.2 |', '|---|---|---|', ...lines, ''].join('\n');
}

function commandTable(heading: string, rows: readonly Row[]): string {
  return [
    `## ${heading}`,
    '',
    '| command | arguments | arity | flags | since | state |',
    '|---|---|---|---|---|---|',
    ...rows.map(commandRow),
    '',
  ].join('\n');
}

function commandRow({ name, since, command }: Row): string {
  const words = name.toUpperCase().replace('|', ' ');
  if (command === undefined) return `| ${words} | | | | ${since} | not yet |`;
  const flags = shownFlags(flagBits(command.flags)).join(' ');
  const cells = [words, code(command.syntax ?? ''), command.arity, flags, command.since, 'yes'];
  return `| ${cells.join(' | ')} |`;
}

function directiveTables(directives: readonly Directive[]): string {
  const sorted = [...directives].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = sorted.map((directive) => {
    const alias = directive.alias === undefined ? '' : code(directive.alias);
    const when = directive.immutable === true ? 'at start' : 'CONFIG SET';
    const { effect } = directive;
    const state = effect === 'obeyed' ? 'obeyed' : `accepted without effect: ${effect.accepted}`;
    return `| ${code(directive.name)} | ${alias} | ${when} | ${state} |`;
  });
  return [
    '## Configuration directives',
    '',
    'Every directive of Redis 7.2 is known. One that cannot apply to this program is accepted, kept, shown by',
    'CONFIG GET and written by CONFIG REWRITE, and has no effect for the reason given.',
    '',
    '| directive | alias | set | effect |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function title(group: string): string {
  const words = group.replaceAll('-', ' ');
  return words[0].toUpperCase() + words.slice(1);
}

function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}
