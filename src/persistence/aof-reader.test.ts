import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AofReader, Found } from './aof-reader.ts';

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** Everything that is found when the bytes come in pieces of this size. */
function readAll(text: string, piece: number): string[] {
  const bytes = Buffer.from(text, 'latin1');
  const reader = new AofReader();
  const found: string[] = [];
  for (let at = 0; ; ) {
    const outcome = reader.next();
    if (outcome === Found.command) {
      const { buffer, starts, ends, count, start, end } = reader.command;
      const words = Array.from({ length: count }, (_, i) =>
        buffer.toString('latin1', starts[i], ends[i]),
      );
      assert.equal(buffer.toString('latin1', start, end), command(...words));
      found.push(words.join(' '));
    } else if (outcome === Found.annotation) found.push(`#${reader.annotation}`);
    else if (outcome === Found.damage) {
      return [
        ...found,
        `damage at ${reader.understood}, good to ${reader.position}: ${reader.reason}`,
      ];
    } else {
      const next = bytes.subarray(at, at + piece);
      if (next.length === 0) return [...found, `${reader.pendingBytes} left at ${reader.position}`];
      next.copy(reader.space());
      reader.filled(next.length);
      at += next.length;
    }
  }
}

const SET = command('SET', 'key', 'value');
const MANY = Array.from({ length: 200 }, (_, i) => `w${i}`);

test('commands and annotations, however the bytes come', () => {
  const text = `#TS:1628217470\r\n${SET}${command('PING')}#x\n${command('RPUSH', ...MANY)}${command('SET', 'e', '')}`;
  const expected = [
    ...['#TS:1628217470', 'SET key value', 'PING', '#x', `RPUSH ${MANY.join(' ')}`, 'SET e '],
    `0 left at ${text.length}`,
  ];
  for (const piece of [1, 2, 3, 7, 100, text.length])
    assert.deepEqual(readAll(text, piece), expected);
});

test('every end of a torn file is known from its beginning', () => {
  const text = `${SET}#TS:1\r\n${SET}`;
  for (let cut = 0; cut < text.length; cut++) {
    const [last] = readAll(text.slice(0, cut), 5).slice(-1);
    const good = cut < SET.length ? 0 : cut < SET.length + 7 ? SET.length : SET.length + 7;
    assert.equal(last, `${cut - good} left at ${good}`);
  }
});

test('damage is named with its place', () => {
  const at = SET.length;
  for (const [text, reason] of [
    ['!!!', `damage at ${at}, good to ${at}: '*' or '#' expected`],
    ['\0\0\0', `damage at ${at}, good to ${at}: '*' or '#' expected`],
    ['*x\r\n', `damage at ${at}, good to ${at}: a number expected`],
    ['*\r\n', `damage at ${at}, good to ${at}: a number expected`],
    ['*-1\r\n', `damage at ${at}, good to ${at}: a number expected`],
    ['*0\r\n', `damage at ${at + 4}, good to ${at}: a command without arguments`],
    ['*1\r\r', `damage at ${at}, good to ${at}: a line end expected`],
    ['*1\r\n*1\r\n', `damage at ${at + 4}, good to ${at}: '$' expected`],
    ['*1\r\n$4\r\nPINGX\r\n', `damage at ${at + 12}, good to ${at}: a line end expected`],
    [
      '*1\r\n$4000000000\r\nx',
      `damage at ${at + 17}, good to ${at}: an argument of 4000000000 bytes is too long`,
    ],
    [`*${'9'.repeat(16)}\r\n`, `damage at ${at}, good to ${at}: a number expected`],
    [`#${'x'.repeat(2000)}`, `damage at ${at}, good to ${at}: an annotation is too long`],
  ]) {
    assert.deepEqual(readAll(SET + text, text.length + SET.length), ['SET key value', reason]);
  }
});
