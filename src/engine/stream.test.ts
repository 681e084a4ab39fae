import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isListpack } from './listpack-check.ts';
import { Stream, type StreamNodeLimits } from './stream.ts';
import { StreamCursor } from './stream-cursor.ts';
import { StreamId } from './stream-id.ts';
import type { FieldSource } from './stream-node.ts';
import { trimStream } from './stream-trim.ts';

const DEFAULTS: StreamNodeLimits = { streamNodeMaxBytes: 4096, streamNodeMaxEntries: 100 };

function fieldsOf(words: readonly string[]): FieldSource {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const word of words) {
    starts.push(at);
    at += word.length;
    ends.push(at);
  }
  return { buffer: Buffer.from(words.join(''), 'latin1'), starts, ends };
}

function idOf(text: string): StreamId {
  const [ms, seq] = text.split('-').map(BigInt);
  return StreamId.from(ms, seq);
}

function add(stream: Stream, id: string, words: readonly string[], limits = DEFAULTS): void {
  stream.append(idOf(id), fieldsOf(words), 0, words.length / 2, limits);
}

interface Entry {
  readonly id: string;
  readonly words: readonly string[];
}

function read(stream: Stream, from?: string, to?: string, reverse = false): Entry[] {
  const cursor = new StreamCursor();
  const { field, value } = cursor;
  cursor.open(stream, from ? idOf(from) : undefined, to ? idOf(to) : undefined, reverse);
  const all: Entry[] = [];
  while (cursor.next()) {
    const words: string[] = [];
    for (let i = cursor.pairs; i > 0; i--) {
      cursor.readPair();
      for (const { bytes, start, end } of [field, value]) {
        words.push(bytes.toString('latin1', start, end));
      }
    }
    all.push({ id: cursor.id.toString(), words });
  }
  return all;
}

/** Everything that must hold of a stream besides its entries. */
function check(stream: Stream, base: number): void {
  let bytes = base;
  let living = 0;
  let previous: StreamId | undefined;
  stream.nodes.visit((node) => {
    assert.ok(isListpack(node.buffer, 0, node.bytes));
    assert.ok(previous === undefined || previous.toString() !== node.toString());
    previous = node;
    bytes += node.memoryBytes;
    living += node.count;
  });
  assert.equal(living, stream.length);
  assert.equal(stream.memoryBytes, bytes, 'memory is accounted');
}

test('nodes are byte for byte what redis-server 7.0.15 keeps', () => {
  const long = '0123456789'.repeat(7);
  const stream = new Stream();
  add(stream, '5-1', ['name', 'alice', 'age', '41']);
  add(stream, '5-2', ['name', 'bob', 'age', '-5000']);
  add(stream, '70000-0', ['name', 'carol']);
  add(stream, '18446744073709551615-3', ['age', '9223372036854775807', 'name', long]);
  assert.ok(stream.delete(idOf('5-2')));
  const node = stream.nodes.first;
  assert.equal(
    node?.buffer.toString('hex', 0, node.bytes),
    'c00000002200030101010201846e616d6505836167650400010201000100018561' +
      '6c696365062901050103010001010183626f6204f178ec0305010001f26b110104dfff020101846e616d65' +
      '05856361726f6c0606010001dffa02020102018361676504f4ffffffffffffff7f09846e616d6505e046' +
      Buffer.from(long).toString('hex') +
      '480801ff',
  );
  assert.equal(node?.toString(), '5-1');
  assert.deepEqual(
    read(stream).map(({ id }) => id),
    ['5-1', '70000-0', '18446744073709551615-3'],
  );
});

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant('add' as const), n: fc.nat(400), k: fc.nat(9) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('delete' as const), n: fc.nat(400), k: fc.nat(9) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('length' as const), n: fc.nat(60), k: fc.nat(9) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('minId' as const), n: fc.nat(400), k: fc.nat(9) }),
  },
);
const VALUES = [
  '',
  '1',
  '-7',
  '300',
  '70000',
  'text',
  'x'.repeat(70),
  'y'.repeat(4200),
  '007',
  'z',
];
const limits = fc.record({
  streamNodeMaxBytes: fc.constantFrom(0, 60, 4096),
  streamNodeMaxEntries: fc.constantFrom(0, 1, 3, 100),
});

test('a stream is a plain array of entries', () => {
  const base = new Stream().memoryBytes;
  fc.assert(
    fc.property(fc.array(action, { maxLength: 150 }), limits, (actions, limit) => {
      const stream = new Stream();
      let model: Entry[] = [];
      let last = 0n;
      for (const { what, n, k } of actions) {
        const some = model[n % Math.max(1, model.length)]?.id ?? '9-9';
        if (what === 'add') {
          last += BigInt(n + 1) ** BigInt(k);
          if (last >= 2n ** 128n) continue;
          const id = StreamId.from(last >> 64n, last & (2n ** 64n - 1n)).toString();
          const names = k % 2 === 0 ? ['f', 'g'] : [VALUES[k], VALUES[n % 10]];
          const words = [names[0], VALUES[n % 10], names[1], VALUES[k]].slice(0, k < 3 ? 2 : 4);
          add(stream, id, words, limit);
          model.push({ id, words });
          assert.equal(stream.lastId.toString(), id);
        } else if (what === 'delete') {
          assert.equal(stream.delete(idOf(some)), model.length > 0);
          model = model.filter(({ id }) => id !== some);
          stream.findFirst();
        } else {
          const maxLength = what === 'length' ? n : undefined;
          const minId = idOf(some);
          const approximate = k === 0;
          const removed = trimStream(stream, { maxLength, minId, approximate, limit: 0 });
          const exact =
            what === 'length'
              ? Math.max(0, model.length - n)
              : model.findIndex(({ id }) => id === some);
          if (approximate) assert.ok(removed <= Math.max(0, exact));
          else assert.equal(removed, Math.max(0, exact));
          model = model.slice(removed);
        }
      }
      assert.deepEqual(read(stream), model);
      assert.deepEqual(read(stream, undefined, undefined, true), model.toReversed());
      assert.equal(stream.length, model.length);
      assert.equal(stream.firstId.toString(), model[0]?.id ?? '0-0');
      for (const { n, k } of actions.slice(0, 10)) {
        const from = model[n % Math.max(1, model.length)]?.id ?? '1-1';
        const to = model[(n * k) % Math.max(1, model.length)]?.id ?? '1-1';
        const low = model.findIndex(({ id }) => id === from);
        const part = model.slice(low, model.findIndex(({ id }) => id === to) + 1);
        assert.deepEqual(read(stream, from, to), part);
        assert.deepEqual(read(stream, from, to, true), part.toReversed());
        assert.equal(stream.has(idOf(from)), model.length > 0);
      }
      check(stream, base);
      const copy = stream.clone();
      while (!stream.free(1));
      assert.deepEqual(read(copy), model);
      check(copy, base);
    }),
    { numRuns: 150 },
  );
});

test('a stream has nodes in common with its clones, and changes of one are not seen in another', () => {
  const limits: StreamNodeLimits = { streamNodeMaxBytes: 4096, streamNodeMaxEntries: 5 };
  const streams = [new Stream()];
  const models: string[][] = [[]];
  let state = 11;
  const draw = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % n;
  };
  for (let i = 1; i <= 3000; i++) {
    const at = draw(streams.length);
    const stream = streams[at];
    const model = models[at];
    const action = draw(20);
    if (action < 12) {
      add(stream, `${i}-0`, ['field', `${i}`], limits);
      model.push(`${i}-0`);
    } else if (action < 17 && model.length > 0) {
      const [id] = model.splice(draw(model.length), 1);
      assert.ok(stream.delete(idOf(id)));
    } else if (action < 18) {
      const keep = Math.max(0, model.length - 3);
      trimStream(stream, { maxLength: keep, minId: new StreamId(), approximate: false, limit: 0 });
      model.splice(0, model.length - keep);
    } else {
      const slot = streams.length < 3 ? streams.length : draw(3);
      const clone = stream.clone();
      streams[slot] = clone;
      models[slot] = [...model];
    }
  }
  streams.forEach((stream, at) => {
    assert.deepEqual(
      read(stream).map(({ id }) => id),
      models[at],
    );
    assert.equal(stream.length, models[at].length);
  });
});

test('groups, consumers and pending entries are counted, and go together', () => {
  const stream = new Stream();
  const base = stream.memoryBytes;
  const group = stream.addGroup('g', new StreamId(), 0);
  const alice = group.addConsumer('alice', 1);
  const bob = group.addConsumer('bob', 2);
  for (let i = 0; i < 1000; i++) {
    group.assign(group.addPending(StreamId.from(1, i), 5, 1), i % 2 === 0 ? alice : bob);
  }
  const first = group.pending.find(StreamId.from(1, 0));
  assert.ok(first !== undefined);
  group.assign(first, bob);
  assert.deepEqual([alice.pending.size, bob.pending.size, group.pending.size], [499, 501, 1000]);
  const copy = stream.clone();
  assert.equal(copy.memoryBytes, stream.memoryBytes);
  group.removePending(first);
  assert.equal(bob.pending.find(first), undefined);
  assert.equal(group.deleteConsumer(bob), 500);
  assert.equal(group.pending.size, 499);
  stream.removeGroup(group);
  assert.equal(stream.memoryBytes, base);
  const same = copy.groups.get('g');
  assert.equal(same?.consumers.get('bob')?.pending.first?.toString(), '1-0');
  assert.equal(same?.consumers.get('bob')?.pending.find(first)?.consumer?.name, 'bob');
  let slices = 1;
  while (!copy.free(100)) slices++;
  assert.ok(slices > 3, 'pending entries are let go of in slices');
});

test('the radix tree that Redis would build is counted', () => {
  const count = (ids: readonly string[]): number => {
    const stream = new Stream();
    for (const id of ids) {
      add(stream, id, ['f', 'v'], { streamNodeMaxBytes: 0, streamNodeMaxEntries: 1 });
    }
    return stream.radixTreeNodes();
  };
  // As XINFO STREAM of redis-server 7.0.15 says.
  assert.equal(count([]), 1);
  assert.equal(count(['1-1']), 2);
  assert.equal(count(['1-1', '1-2']), 4);
  assert.equal(count(['1-1', '2-1', '2-2']), 8);
  assert.equal(count(['1-1', '256-1', '18446744073709551615-1']), 9);
});
