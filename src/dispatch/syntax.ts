// The notation of commands' arguments, and its reading into the trees that COMMAND DOCS replies.
//
//   key                      an argument; `key` is of type key, any other of type string
//   seconds:integer          its type: integer, double, pattern, unix-time, key, string
//   destination:key#1        the key specification it belongs to (0 when not given)
//   addr{ip:port}            what is shown in place of its name
//   NX                       a word; alone it is an argument of type pure-token with its name in lower case
//   sorting=ALPHA '*'        with another name; words that are no capitals stand in quotes
//   EX seconds:integer       a word before an argument is that argument's token
//   <a|b>  (a b)             one of several; several in a row
//   [a]  [a|b]  [a b]        the same, optional; one alone is just optional
//   unit=<M|KM>              the name of a group; without it, its token or its first member's name
//   a...  [a...]             may be repeated; a token then stands once, before the first
//   [GET pattern]...         may be repeated together with its token
//   x@6.2.0  x@-2.8.12       since a version; deprecated since one
//
// Not a grammar for parsing requests: handlers read those themselves.

export type ArgumentType =
  | 'string'
  | 'integer'
  | 'double'
  | 'key'
  | 'pattern'
  | 'unix-time'
  | 'pure-token'
  | 'oneof'
  | 'block';

export interface SyntaxArgument {
  name: string;
  type: ArgumentType;
  token?: string;
  /** Undefined: the name. */
  display?: string;
  keySpecIndex?: number;
  since?: string;
  deprecatedSince?: string;
  optional: boolean;
  multiple: boolean;
  multipleToken: boolean;
  /** Of oneof and block. */
  arguments?: SyntaxArgument[];
}

const LEXEME =
  /\s+|\.\.\.|[<>()[\]|=]|'[^']*'|@[\d.]*(?:-[\d.]+)?|[A-Z][A-Z0-9-]*|[a-z][a-z0-9_-]*(?:\{[^}]*\})?(?::[a-z-]+)?(?:#\d+)?/y;

const ARGUMENT = /^([a-z][a-z0-9_-]*)(?:\{([^}]*)\})?(?::([a-z-]+))?(?:#(\d+))?$/;

/** Reads the notation; throws on a mistake in it, which the test of all commands finds. */
export function parseSyntax(text: string): SyntaxArgument[] {
  return new SyntaxParser(text).parse();
}

class SyntaxParser {
  readonly #text: string;
  readonly #lexemes: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    LEXEME.lastIndex = 0;
    while (LEXEME.lastIndex < text.length) {
      const [lexeme] = LEXEME.exec(text) ?? this.#fail();
      if (lexeme.trim() !== '') this.#lexemes.push(lexeme);
    }
  }

  parse(): SyntaxArgument[] {
    const args = this.#sequence();
    if (this.#at < this.#lexemes.length) this.#fail();
    return args;
  }

  #fail(): never {
    throw new Error(`Bad syntax notation: ${this.#text}`);
  }

  #peek(offset = 0): string {
    return this.#lexemes[this.#at + offset] ?? '';
  }

  #takes(lexeme: string): boolean {
    if (this.#peek() !== lexeme) return false;
    this.#at++;
    return true;
  }

  #expect(lexeme: string): void {
    if (!this.#takes(lexeme)) this.#fail();
  }

  #sequence(): SyntaxArgument[] {
    const args: SyntaxArgument[] = [];
    while (!['', '|', '>', ')', ']'].includes(this.#peek())) args.push(this.#item());
    return args;
  }

  #item(): SyntaxArgument {
    const token = this.#token();
    if (token !== undefined && !this.#startsArgument()) return this.#suffixes(pureToken(token));
    const label = this.#label();
    const labelled = token === undefined && label !== undefined ? this.#token() : undefined;
    const arg = labelled !== undefined ? pureToken(labelled) : this.#core();
    if (token !== undefined) {
      arg.token = token;
      if (arg.arguments !== undefined) arg.name = token.toLowerCase();
    }
    if (label !== undefined) arg.name = label;
    return this.#suffixes(arg);
  }

  #token(): string | undefined {
    const next = this.#peek();
    if (!/^[A-Z']/.test(next)) return undefined;
    this.#at++;
    return next.startsWith("'") ? next.slice(1, -1) : next;
  }

  /** After a token: whether what follows is its argument. An optional one never is. */
  #startsArgument(): boolean {
    return /^[a-z<(]/.test(this.#peek()) && !(this.#peek(1) === '=' && this.#peek(2) === '[');
  }

  #label(): string | undefined {
    if (this.#peek(1) !== '=') return undefined;
    this.#at += 2;
    return this.#peek(-2);
  }

  #core(): SyntaxArgument {
    if (this.#takes('<')) return this.#closed(this.#alternatives(), '>');
    if (this.#takes('(')) return this.#closed(group('block', this.#sequence()), ')');
    if (this.#takes('[')) return this.#optional();
    return this.#word();
  }

  #closed(arg: SyntaxArgument, bracket: string): SyntaxArgument {
    this.#expect(bracket);
    return arg;
  }

  #alternatives(): SyntaxArgument {
    const members: SyntaxArgument[] = [];
    do {
      const alternative = this.#sequence();
      members.push(alternative.length === 1 ? alternative[0] : group('block', alternative));
    } while (this.#takes('|'));
    return members.length === 1 ? members[0] : group('oneof', members);
  }

  #optional(): SyntaxArgument {
    const first = this.#sequence();
    let arg: SyntaxArgument;
    let isSingle = false;
    if (this.#peek() === '|') {
      const members = [first.length === 1 ? first[0] : group('block', first)];
      while (this.#takes('|')) {
        const next = this.#sequence();
        members.push(next.length === 1 ? next[0] : group('block', next));
      }
      arg = group('oneof', members);
    } else {
      isSingle = first.length === 1;
      arg = isSingle ? first[0] : group('block', first);
    }
    this.#expect(']');
    arg.optional = true;
    // Behind the bracket of a single argument: the token comes again each time.
    if (this.#takes('...')) {
      arg.multiple = true;
      arg.multipleToken = isSingle && arg.token !== undefined;
    }
    return arg;
  }

  #word(): SyntaxArgument {
    const [, name, display, type, spec] = ARGUMENT.exec(this.#peek()) ?? this.#fail();
    this.#at++;
    const arg = argument(name, (type as ArgumentType) ?? (name === 'key' ? 'key' : 'string'));
    if (display !== undefined) arg.display = display;
    if (spec !== undefined) arg.keySpecIndex = Number(spec);
    else if (arg.type === 'key') arg.keySpecIndex = 0;
    return arg;
  }

  #suffixes(arg: SyntaxArgument): SyntaxArgument {
    if (this.#takes('...')) arg.multiple = true;
    if (!this.#peek().startsWith('@')) return arg;
    const [since, deprecated] = this.#peek().slice(1).split('-');
    this.#at++;
    if (since !== '') arg.since = since;
    if (deprecated !== undefined) arg.deprecatedSince = deprecated;
    return arg;
  }
}

function argument(name: string, type: ArgumentType): SyntaxArgument {
  return { name, type, optional: false, multiple: false, multipleToken: false };
}

function pureToken(token: string): SyntaxArgument {
  return { ...argument(token.toLowerCase(), 'pure-token'), token };
}

function group(type: 'oneof' | 'block', members: SyntaxArgument[]): SyntaxArgument {
  return { ...argument(members[0]?.name ?? '', type), arguments: members };
}

/** Arguments for people, as in `key [NX|XX] [EX seconds]`. */
export function showSyntax(args: readonly SyntaxArgument[]): string {
  return args.map(showArgument).join(' ');
}

function showArgument(arg: SyntaxArgument): string {
  const { type, token, optional, multiple, multipleToken } = arg;
  const members = arg.arguments?.map(showArgument);
  let text = arg.display ?? arg.name;
  if (type === 'pure-token') text = '';
  else if (type === 'block') text = members?.join(' ') ?? '';
  else if (type === 'oneof')
    text = optional ? (members?.join('|') ?? '') : `(${members?.join('|')})`;
  else text = `<${text}>`;
  if (multiple && !multipleToken) text = `${text} [${text} ...]`;
  if (token !== undefined) text = text === '' ? token : `${token} ${text}`;
  if (multiple && multipleToken) text = `${text} [${text} ...]`;
  return optional ? `[${text}]` : text;
}
