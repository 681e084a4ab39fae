import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../util/seeded-random.ts';
import { OutputBuffer } from './output-buffer.ts';
import { type Reply, type ReplyLimits, ReplyReader } from './reply-reader.ts';
import { Resp3Writer } from './reply-writer.ts';

function read(
  chunks: Iterable<string>,
  limits: Partial<ReplyLimits> = {},
): { replies: Reply[]; reader: ReplyReader } {
  const reader = new ReplyReader(limits);
  const replies: Reply[] = [];
  for (const text of chunks) {
    const chunk = Buffer.from(text, 'latin1');
    reader.feed(chunk);
    for (let reply = reader.next(); reply !== undefined; reply = reader.next()) replies.push(reply);
    chunk.fill(0x23);
  }
  return { replies, reader };
}

const cases: [string, Reply][] = [
  ['+OK\r\n', { kind: 'simple', text: 'OK' }],
  ['+\r\n', { kind: 'simple', text: '' }],
  ['-ERR no\r\n', { kind: 'error', text: 'ERR no' }],
  [':-12\r\n', { kind: 'integer', value: -12 }],
  [':+12\r\n', { kind: 'integer', value: 12 }],
  [':9223372036854775807\r\n', { kind: 'integer', value: 2 ** 63, exact: 9223372036854775807n }],
  ['$3\r\na\r\n\r\n', { kind: 'bulk', bytes: Buffer.from('a\r\n') }],
  ['$0\r\n\r\n', { kind: 'bulk', bytes: Buffer.alloc(0) }],
  ['$-1\r\n', { kind: 'null' }],
  ['*-1\r\n', { kind: 'null' }],
  ['_\r\n', { kind: 'null' }],
  ['*0\r\n', { kind: 'array', items: [] }],
  [
    '*2\r\n*1\r\n:1\r\n+a\r\n',
    {
      kind: 'array',
      items: [
        { kind: 'array', items: [{ kind: 'integer', value: 1 }] },
        { kind: 'simple', text: 'a' },
      ],
    },
  ],
  [
    '%1\r\n+k\r\n~1\r\n#t\r\n',
    {
      kind: 'map',
      items: [
        { kind: 'simple', text: 'k' },
        { kind: 'set', items: [{ kind: 'boolean', value: true }] },
      ],
    },
  ],
  ['>1\r\n#f\r\n', { kind: 'push', items: [{ kind: 'boolean', value: false }] }],
  [',1.5\r\n', { kind: 'double', value: 1.5 }],
  [',-inf\r\n', { kind: 'double', value: -Infinity }],
  [',nan\r\n', { kind: 'double', value: Number.NaN }],
  [
    '(-123456789012345678901234567890\r\n',
    { kind: 'bigNumber', text: '-123456789012345678901234567890' },
  ],
  ['=6\r\ntxt:hi\r\n', { kind: 'verbatim', format: 'txt', bytes: Buffer.from('hi') }],
  ['!6\r\nERR no\r\n', { kind: 'error', text: 'ERR no' }],
  ['|1\r\n+ttl\r\n:5\r\n+OK\r\n', { kind: 'simple', text: 'OK' }],
  [
    '*1\r\n|1\r\n+a\r\n*1\r\n:1\r\n:2\r\n',
    { kind: 'array', items: [{ kind: 'integer', value: 2 }] },
  ],
];

test('reads every kind, whole and byte by byte', () => {
  for (const [text, reply] of cases) {
    assert.deepEqual(read([text]).replies, [reply], JSON.stringify(text));
    assert.deepEqual(read(text).replies, [reply], JSON.stringify(text));
  }
  const all = cases.map(([text]) => text).join('\n');
  const { replies, reader } = read([all]);
  assert.deepEqual(
    replies,
    cases.map(([, reply]) => reply),
  );
  assert.equal(reader.emptyLines, cases.length - 1);
  assert.equal(reader.bufferedBytes, 0);
});

test('ends at what is no reply', () => {
  const wrong = [
    ...[
      'x\r\n',
      '\r\n',
      '+a\rb',
      ':\r\n',
      ':1.5\r\n',
      ':01\r\n',
      '$-2\r\n',
      '$x\r\n',
      '$1\r\nabc\r\n',
    ],
    ...[
      '*-2\r\n',
      '*99999999999\r\n',
      '_x\r\n',
      '#x\r\n',
      '#\r\n',
      ',x\r\n',
      '=2\r\nab\r\n',
      '*1\r\n\n',
    ],
    ...['$536870913\r\n', `+${'x'.repeat(70_000)}`, '*1\r\n'.repeat(40)],
  ];
  for (const text of wrong) {
    const { replies, reader } = read(['+OK\r\n', text, '+OK\r\n']);
    assert.equal(replies.length, 1, JSON.stringify(text.slice(0, 20)));
    assert.match(reader.error, /^Protocol error/);
  }
});

test('limits are what the caller says', () => {
  const limits = { maxBulkBytes: 3, maxLineBytes: 10, maxDepth: 1, maxElements: 2 };
  assert.equal(read(['*2\r\n$3\r\nabc\r\n$0\r\n\r\n'], limits).replies.length, 1);
  for (const text of ['$4\r\nabcd\r\n', '+12345678901\r\n', '*1\r\n*1\r\n:1\r\n', '*3\r\n']) {
    assert.notEqual(read([text], limits).reader.error, '', text);
  }
});

test('hands over what is no reply any more', () => {
  const { replies, reader } = read(['+FULLRESYNC abc 1\r\n$5\r']);
  assert.equal(replies.length, 1);
  assert.equal(reader.takeRest().toString(), '$5\r');
  assert.equal(reader.bufferedBytes, 0);
  reader.feed(Buffer.from('+OK\r\n'));
  assert.deepEqual(reader.next(), { kind: 'simple', text: 'OK' });
});

test('a dribble costs no more than its bytes', () => {
  const start = process.hrtime.bigint();
  const elements = Array.from({ length: 20_000 }, (_, i) => `$4\r\n${1000 + (i % 9000)}\r\n`);
  const { replies } = read(`*20000\r\n${elements.join('')}`);
  assert.equal(replies.length, 1);
  const reader = new ReplyReader();
  reader.feed(Buffer.from('$3000000\r\n'));
  const piece = Buffer.alloc(1000, 'x');
  for (let i = 0; i < 2999; i++) {
    reader.feed(piece);
    assert.equal(reader.next(), undefined);
  }
  reader.feed(Buffer.concat([piece, Buffer.from('\r\n')]));
  assert.equal(reader.next()?.kind, 'bulk');
  assert.ok(process.hrtime.bigint() - start < 5_000_000_000n);
});

test('reads what our writer writes, cut anywhere', () => {
  for (let seed = 0; seed < 100; seed++) {
    const random = new SeededRandom(seed);
    const out = new OutputBuffer();
    const reply = new Resp3Writer(out);
    reply.array(6);
    reply.double(random.fraction());
    reply.bulk(random.bytes(random.below(3000)));
    reply.map(1);
    reply.null();
    reply.boolean(random.below(2) === 1);
    reply.attribute(1);
    reply.text('note');
    reply.integer(1);
    reply.integer(-random.below(2 ** 50));
    reply.verbatim('mkd', 'x'.repeat(random.below(50)));
    reply.error('ERR no');
    let whole = '';
    out.take((bytes) => {
      whole += bytes.toString('latin1');
      return true;
    });
    const chunks: string[] = [];
    for (let at = 0; at < whole.length; ) {
      const size = 1 + random.below(40);
      chunks.push(whole.slice(at, at + size));
      at += size;
    }
    const { replies } = read(chunks);
    assert.equal(replies.length, 1);
    assert.deepEqual(replies, read([whole]).replies);
  }
});
