// docs/errors.md: the catalogue of error replies, from src/protocol/errors.ts. A text that is made from
// arguments is shown with their names in angle brackets.

import type { errors } from '../src/protocol/errors.ts';

type Entry = string | ((...args: never[]) => string);

const HEAD = `# Errors

Every error reply of this server, in Redis's words; replies carry a leading \`-\`. The first word is the code
that clients switch on. Words in angle brackets stand for what the reply names. Generated from
\`src/protocol/errors.ts\` by \`npm run docs\`: a command replies with an entry of that catalogue and never
with a text of its own.
`;

/** The page's text. */
export function errorsPage(catalogue: typeof errors): string {
  const rows = Object.entries(catalogue).map(([name, entry]) => ({
    name,
    text: sample(entry as Entry),
  }));
  const codes = [...new Set(rows.map(({ text }) => text.split(' ')[0]))].sort();
  const sections = codes.map((code) => {
    const lines = rows
      .filter(({ text }) => text.split(' ')[0] === code)
      .map(({ name, text }) => `| \`${name}\` | ${cell(text)} |`);
    return [`## ${code}`, '', '| entry | reply |', '|---|---|', ...lines, ''].join('\n');
  });
  return [HEAD, ...sections].join('\n');
}

/** An entry's text, with `<name>` for each argument of the function that makes it. */
function sample(entry: Entry): string {
  if (typeof entry === 'string') return entry;
  return entry(...(parameterNames(entry).map((name) => `<${name}>`) as never[]));
}

/** The compiler keeps parameter names, so the function's own text has them. */
function parameterNames(entry: Entry): readonly string[] {
  const text = String(entry);
  const list = /^\(?([^()=]*)\)?\s*=>/.exec(text)?.[1] ?? '';
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function cell(text: string): string {
  return `\`${text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('|', '\\|')}\``;
}
