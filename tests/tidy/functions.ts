// Finds the functions of a source file and their lengths, on code whose texts are blanked. A pattern
// matcher and not a parser: it may miss an exotic function, it must not take anything else for one.

import { blankText, lineAt } from './code.ts';

export interface FoundFunction {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** Words that stand before a parenthesis and a block without being a function. */
const keywords = new Set([
  ...['if', 'for', 'while', 'switch', 'catch', 'with', 'return', 'await', 'typeof', 'new', 'of'],
  ...['in', 'do', 'else', 'case', 'yield', 'void', 'delete', 'throw', 'super', 'import'],
]);

/** Functions, methods and arrow functions with a block, outermost first. */
export function functionsOf(source: string): readonly FoundFunction[] {
  const code = blankText(source);
  return [...namedFunctions(code), ...arrowFunctions(code)].sort((a, b) => a.line - b.line);
}

function* namedFunctions(code: string): Generator<FoundFunction> {
  for (const match of code.matchAll(/([\w$#]+|\])\s*(?:<[^(){};]*>)?\s*\(/g)) {
    if (keywords.has(match[1])) continue;
    const parameters = match.index + match[0].length - 1;
    const body = bodyAfter(code, closing(code, parameters) + 1);
    if (body === -1) continue;
    yield measured(code, match[1] === 'function' ? '(anonymous)' : match[1], match.index, body);
  }
}

function* arrowFunctions(code: string): Generator<FoundFunction> {
  for (const match of code.matchAll(/=>\s*\{/g)) {
    const body = match.index + match[0].length - 1;
    const before = code.slice(Math.max(0, match.index - 400), match.index);
    // A test suite is a container, not a function that somebody reads as one.
    if (/\b(describe|suite)\([^()]*\(\)\s*$/.test(before)) continue;
    const name = /(?:const|let)\s+([\w$]+)[^;]*$/.exec(before)?.[1] ?? '(arrow function)';
    yield measured(code, name, match.index, body);
  }
}

function measured(code: string, name: string, start: number, body: number): FoundFunction {
  const line = lineAt(code, start);
  return { name, line, lines: lineAt(code, closing(code, body)) - line + 1 };
}

/** Position of the bracket that closes the one at `open`; the end of the text when there is none. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if ('([{'.includes(code[at])) depth++;
    else if (')]}'.includes(code[at]) && --depth === 0) return at;
  }
  return code.length - 1;
}

/** Position of the block that follows a parameter list, past a return type; -1 when none does. */
function bodyAfter(code: string, after: number): number {
  let at = skipSpace(code, after);
  if (code[at] === '{') return at;
  if (code[at] !== ':') return -1;
  let previous = ':';
  for (at = skipSpace(code, at + 1); at < code.length; at = skipSpace(code, at + 1)) {
    const character = code[at];
    if (';,)]}='.includes(character) && !(character === '=' && code[at + 1] === '>')) return -1;
    if (character === '{' && !':|&<>='.includes(previous)) return at;
    previous = character;
    if ('([{'.includes(character)) {
      at = closing(code, at);
      previous = code[at];
    } else if (character === '<') {
      at = closingAngle(code, at);
      // What follows type arguments is a body, unlike what follows the `>` of an arrow.
      previous = ']';
    }
  }
  return -1;
}

function closingAngle(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '<') depth++;
    else if (code[at] === '>' && code[at - 1] !== '=' && --depth === 0) return at;
    else if (code[at] === ';') return at;
  }
  return code.length;
}

function skipSpace(code: string, at: number): number {
  while (at < code.length && /\s/.test(code[at])) at++;
  return at;
}
