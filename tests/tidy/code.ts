// What the tidy checks see of a source file: its code with comments, strings and regular expressions
// blanked out, so that a word in a comment is not mistaken for code; and its imports. A lexer and not
// a parser: it knows just enough of the syntax to tell text from code, and keeps every line and
// column where it was.

/** One import, export-from or dynamic import. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Erased by the compiler: nothing is loaded at run time. */
  readonly typeOnly: boolean;
}

/** The code with the contents of comments, strings, templates and regular expressions as spaces. */
export function blankText(source: string): string {
  return blank(source, true);
}

/** The code with only the comments as spaces. */
export function blankComments(source: string): string {
  return blank(source, false);
}

/** Number of the line (from 1) that holds the character at `index`. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1))
    line++;
  return line;
}

/** All imports of a file, static and dynamic, in order. */
export function importsOf(source: string): readonly Import[] {
  const code = blankComments(source);
  const found: Import[] = [];
  // Each class of characters excludes what ends it: an ambiguous one would take for ever to give up.
  const statement =
    /(?:^|[;\n])[ \t]*(?:import|export)\s+(type\s+)?([^'";]*?\sfrom\s+)?(['"])([^'"\n]+)\3/g;
  for (const match of code.matchAll(statement)) {
    const [whole, type, names, , specifier] = match;
    // Without `from` it is `import 'x'`; an export must have one, or it is something else.
    if (names === undefined && !/^[;\s]*import/.test(whole)) continue;
    const line = lineAt(code, match.index + whole.length - specifier.length - 1);
    found.push({ specifier, line, typeOnly: type !== undefined });
  }
  const plain = blankText(source);
  for (const match of code.matchAll(/\bimport\(\s*(['"])([^'"\n]+)\1/g)) {
    // Code inside a text (for another process) is no import of this file.
    if (!plain.startsWith('import', match.index)) continue;
    found.push({ specifier: match[2], line: lineAt(code, match.index), typeOnly: false });
  }
  return found;
}

const SPACE = /[^\n]/g;

function blank(source: string, texts: boolean): string {
  let out = '';
  let at = 0;
  // For each open template literal: the depth of braces inside its current `${`.
  const templates: number[] = [];
  while (at < source.length) {
    const end = tokenEnd(source, at, out, templates);
    const token = source.slice(at, end);
    const isComment = token.startsWith('//') || token.startsWith('/*');
    const isText = end > at + 1 && /^(['"`}]|\/[^/*])/.test(token);
    if (isComment) out += token.replace(SPACE, ' ');
    else if (isText && texts) out += blankInside(token);
    else out += token;
    at = end;
  }
  return out;
}

/** Keeps the delimiters, so that the code still looks like an expression. */
function blankInside(token: string): string {
  const tail = token.endsWith('${') ? 2 : 1;
  const inside = token.slice(1, token.length - tail).replace(SPACE, ' ');
  // The pieces round `${…}` must not leave unbalanced braces behind.
  const first = token[0] === '}' ? '`' : token[0];
  const last = tail === 2 ? ' `' : token.slice(-1);
  return first + inside + last;
}

function tokenEnd(source: string, at: number, before: string, templates: number[]): number {
  const character = source[at];
  if (character === '/' && source[at + 1] === '/') return orEnd(source, source.indexOf('\n', at));
  if (character === '/' && source[at + 1] === '*')
    return orEnd(source, source.indexOf('*/', at + 2) + 2);
  if (character === "'" || character === '"') return stringEnd(source, at, character);
  if (character === '`') return templateEnd(source, at, templates);
  if (character === '/' && startsRegExp(before)) return regExpEnd(source, at);
  if (templates.length > 0 && character === '{') templates[templates.length - 1]++;
  if (templates.length > 0 && character === '}') {
    const depth = templates[templates.length - 1];
    if (depth === 0) {
      templates.pop();
      return templateEnd(source, at, templates);
    }
    templates[templates.length - 1]--;
  }
  return at + 1;
}

function orEnd(source: string, at: number): number {
  return at <= 1 ? source.length : at;
}

function stringEnd(source: string, at: number, quote: string): number {
  let end = at + 1;
  while (end < source.length && source[end] !== quote && source[end] !== '\n') {
    end += source[end] === '\\' ? 2 : 1;
  }
  return end + 1;
}

/** From the backquote, or from the brace that closes an expression, to the next of either kind. */
function templateEnd(source: string, at: number, templates: number[]): number {
  let end = at + 1;
  while (end < source.length) {
    if (source[end] === '\\') end++;
    else if (source[end] === '`') return end + 1;
    else if (source[end] === '$' && source[end + 1] === '{') {
      templates.push(0);
      return end + 2;
    }
    end++;
  }
  return end;
}

/** A slash divides after a value and starts a regular expression after anything else. */
function startsRegExp(before: string): boolean {
  const tail = before.slice(-40).trimEnd();
  if (tail === '') return true;
  // The end tag of an element.
  if (tail.endsWith('<')) return false;
  if (/\b(return|typeof|case|in|of|do|else|void|delete|await|yield)$/.test(tail)) return true;
  return !/[\w$)\]}'"`]$/.test(tail);
}

function regExpEnd(source: string, at: number): number {
  let end = at + 1;
  let inClass = false;
  while (end < source.length && source[end] !== '\n') {
    const character = source[end];
    if (character === '\\') end++;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '/' && !inClass) break;
    end++;
  }
  return end + 1;
}
