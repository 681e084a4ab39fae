// Replies as one line of text, in a notation that keeps every type apart: `"bulk"`, `+simple`,
// `-ERR error`, `1`, `nil`, `nil[]`, `null`, `,1.5`, `#t`, `(123`, `txt:"verbatim"`, `[array]`,
// `{map: value}`, `<set>`, `>[push]`. Binary bytes are printed as \xHH.

import type { Reply } from './resp-connection.ts';

/** How a reply may differ without being different. */
export interface Rendering {
  /** Elements of the outermost collection are sorted: their order is the table's own affair. */
  readonly unordered: boolean;
  /** Like `unordered` for a list of pairs (RESP2's form of a map). */
  readonly pairs: boolean;
  /** Only types and lengths count, and the first word of an error. */
  readonly masked: boolean;
  /** Fields of the outermost map whose values do not count. */
  readonly except: readonly string[];
}

export const exact: Rendering = { unordered: false, pairs: false, masked: false, except: [] };

/** The reply as text. */
export function render(reply: Reply, how: Rendering = exact): string {
  switch (reply.type) {
    case 'simple':
      return how.masked ? '+…' : `+${reply.text}`;
    case 'error':
    case 'bulkError':
      return how.masked ? `-${reply.text.split(' ')[0]} …` : `-${reply.text}`;
    case 'integer':
      return how.masked ? ':…' : reply.text;
    case 'double':
      return how.masked ? ',…' : `,${reply.text}`;
    case 'big':
      return how.masked ? '(…' : `(${reply.text}`;
    case 'bulk':
      return how.masked ? '"…"' : quoted(reply.bytes);
    case 'verbatim':
      return how.masked
        ? 'txt:"…"'
        : `${reply.bytes.toString('latin1', 0, 4)}${quoted(reply.bytes.subarray(4))}`;
    case 'boolean':
      return how.masked ? '#…' : reply.value ? '#t' : '#f';
    case 'nullBulk':
      return 'nil';
    case 'nullArray':
      return 'nil[]';
    case 'null':
      return 'null';
    case 'array':
      return `[${elements(reply.items, how).join(', ')}]`;
    case 'set':
      return `<${elements(reply.items, how).join(', ')}>`;
    case 'push':
      return `>[${elements(reply.items, how).join(', ')}]`;
    case 'map':
      return `{${couples(reply.items, how, ': ').join(', ')}}`;
    case 'attribute':
      return `|{${couples(reply.items, how, ': ').join(', ')}}`;
  }
}

function elements(items: readonly Reply[], how: Rendering): readonly string[] {
  if (how.pairs && items.length % 2 === 0) return couples(items, how, ', ');
  // The order below the outermost level is part of the reply again.
  const inner = { ...how, unordered: false, pairs: false, except: [] };
  const texts = items.map((item, i) => (isExcepted(items[i - 1], how) ? '…' : render(item, inner)));
  return how.unordered ? texts.sort() : texts;
}

function couples(items: readonly Reply[], how: Rendering, between: string): readonly string[] {
  const inner = { ...how, unordered: false, pairs: false, except: [] };
  const texts: string[] = [];
  for (let i = 0; i + 1 < items.length; i += 2) {
    const value = isExcepted(items[i], how) ? '…' : render(items[i + 1], inner);
    texts.push(`${render(items[i], inner)}${between}${value}`);
  }
  return how.unordered || how.pairs ? texts.sort() : texts;
}

function isExcepted(name: Reply | undefined, how: Rendering): boolean {
  return name?.type === 'bulk' && how.except.includes(name.bytes.toString());
}

/** As redis-cli prints strings. */
function quoted(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `"${text}"`;
}
