// The lines of a HELP reply, from what the subcommands say about themselves: a text of its own would be
// a second truth.

import type { CommandEntry } from '../../dispatch/command-table.ts';
import { parseSyntax, showSyntax } from '../../dispatch/syntax.ts';

/** Two lines for each subcommand of the container: how it is called, and what it does. */
export function helpLines(container: CommandEntry | undefined): string[] {
  const lines: string[] = [];
  for (const { command } of container?.subcommands?.values() ?? []) {
    if (command.name === 'help') continue;
    const args = command.syntax === undefined ? '' : ` ${showSyntax(parseSyntax(command.syntax))}`;
    lines.push(`${command.name.toUpperCase()}${args}`, `    ${command.summary}`);
  }
  return lines;
}
