import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Glob, globMatches } from './glob.ts';

/** The plain recursive definition of Redis's patterns, over one character a byte. */
function naive(pattern: string, text: string, fold: boolean): boolean {
  const lower = (s: string): string => (fold ? s.toLowerCase() : s);
  if (text === '') return pattern === '';
  const rest = (p: string, t: string): boolean =>
    t === '' ? /^\**$/.test(p) : p !== '' && naive(p, t, fold);
  const c = pattern[0];
  if (c === undefined) return false;
  if (c === '*') {
    const tail = pattern.replace(/^\*+/, '');
    if (tail === '') return true;
    for (let i = 0; i < text.length; i++) if (naive(tail, text.slice(i), fold)) return true;
    return false;
  }
  if (c === '?') return rest(pattern.slice(1), text.slice(1));
  if (c === '[') {
    const [found, after] = naiveClass(pattern, text[0], fold);
    return found && rest(pattern.slice(after), text.slice(1));
  }
  const escaped = c === '\\' && pattern.length > 1;
  const literal = escaped ? pattern[1] : c;
  return lower(literal) === lower(text[0]) && rest(pattern.slice(escaped ? 2 : 1), text.slice(1));
}

function naiveClass(pattern: string, c: string, fold: boolean): [boolean, number] {
  const lower = (s: string): string => (fold ? s.toLowerCase() : s);
  let at = 1;
  const negated = pattern[at] === '^';
  if (negated) at++;
  let found = false;
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\' && at + 1 < pattern.length) {
      at++;
      if (pattern[at] === c) found = true;
    } else if (pattern[at + 1] === '-' && at + 2 < pattern.length) {
      const ends = [pattern[at], pattern[at + 2]].sort();
      if (lower(c) >= lower(ends[0]) && lower(c) <= lower(ends[1])) found = true;
      at += 2;
    } else if (lower(pattern[at]) === lower(c)) found = true;
  }
  return [found !== negated, Math.min(at + 1, pattern.length)];
}

const bytes = (s: string): Buffer => Buffer.from(s, 'latin1');
const matches = (pattern: string, text: string, fold = false): boolean =>
  globMatches(bytes(pattern), bytes(text), fold);

test('matches as the recursive definition does', () => {
  const pattern = fc.string({ unit: fc.constantFrom(...'ab*?[]^-\\AC'), maxLength: 12 });
  const text = fc.string({ unit: fc.constantFrom(...'abcAB-]^\\['), maxLength: 10 });
  fc.assert(
    fc.property(pattern, text, fc.boolean(), (p, t, fold) => {
      assert.equal(matches(p, t, fold), naive(p, t, fold));
    }),
    { numRuns: 20_000 },
  );
});

test('knows the cases that matter', () => {
  assert.ok(matches('h?llo', 'hello'));
  assert.ok(matches('h[^e]llo', 'hallo'));
  assert.ok(!matches('h[^e]llo', 'hello'));
  assert.ok(matches('h[a-b]llo', 'hbllo'));
  assert.ok(matches('news.*', 'news.art'));
  assert.ok(matches('\\*', '*'));
  assert.ok(!matches('\\*', 'x'));
  assert.ok(matches('HELLO', 'hello', true));
  assert.ok(matches('[z-a]', 'm'));
  assert.ok(matches('a***', 'a'));
});

test('keeps the oddities', () => {
  assert.ok(matches('', ''));
  assert.ok(!matches('*', ''));
  assert.ok(matches('[ab', 'b'));
  assert.ok(matches('[^', 'x'));
  assert.ok(!matches('[', '['));
  assert.ok(matches('\\', '\\'));
  // Bytes of a range are signed: 0xe0 lies below 'a'.
  assert.ok(matches('[\xe0-a]', '\xff'));
  assert.ok(!matches('[a-\xff]', '\x80'));
});

test('needs no more than pattern times text steps', () => {
  const pattern = bytes(`${'a*'.repeat(30)}b`);
  const text = Buffer.alloc(100_000, 'a');
  const start = process.hrtime.bigint();
  assert.equal(globMatches(pattern, text), false);
  assert.ok(process.hrtime.bigint() - start < 2_000_000_000n);
});

test('keeps a copy of its pattern and matches ranges', () => {
  const pattern = bytes('b*');
  const glob = new Glob(pattern);
  pattern.fill(0);
  assert.ok(glob.matches(bytes('aabcc'), 2, 4));
  assert.ok(!glob.matches(bytes('aabcc'), 1, 4));
  assert.ok(new Glob(bytes('*')).isStar);
  assert.ok(!glob.isStar);
});
