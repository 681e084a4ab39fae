import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeBench } from './node-fixture.ts';

/** A node with what it propagates from here on, a command a line. */
async function started(): Promise<{ bench: NodeBench; effects: () => string[] }> {
  const bench = new NodeBench();
  assert.equal(await bench.start(), true);
  let text = '';
  bench.node.parts.dispatcher.propagation.addSink({
    append: (_dbIndex, bytes, start, end) => {
      text += bytes.toString('latin1', start, end);
    },
  });
  return {
    bench,
    effects: () => {
      const lines = text
        .replaceAll(/\$\d+\r\n/g, '')
        .replaceAll('\r\n', ' ')
        .split(/\*\d+ /);
      text = '';
      return lines.map((line) => line.trim()).filter((line) => line !== '');
    },
  };
}

test('a consumer that a waiting reader makes is propagated before anything comes', async () => {
  const { bench, effects } = await started();
  const [reader, writer] = [bench.connect(), bench.connect()];
  await writer.ask('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  assert.deepEqual(effects(), ['XGROUP CREATE s g $ MKSTREAM']);
  const words = ['GROUP', 'g', 'c', 'BLOCK', '0', 'NOACK', 'STREAMS', 's', '>'];
  const reply = reader.askAlone('XREADGROUP', ...words);
  await bench.world.time.advance(10);
  assert.deepEqual(effects(), ['XGROUP CREATECONSUMER s g c']);
  await writer.ask('XADD', 's', '1-1', 'f', 'v');
  assert.match(await reply, /1-1/);
  assert.deepEqual(effects(), ['XADD s 1-1 f v', 'XGROUP SETID s g 1-1 ENTRIESREAD 1']);
});

test("'$' is the end of the stream when the wait began, whatever happens to it meanwhile", async () => {
  const { bench } = await started();
  const [reader, writer] = [bench.connect(), bench.connect()];
  await writer.ask('XADD', 's', '1-1', 'f', 'old');
  const reply = reader.askAlone('XREAD', 'BLOCK', '0', 'STREAMS', 's', 't', '$', '$');
  await bench.world.time.advance(10);
  // Woken in vain three times: nothing is left to read when the command runs again.
  await writer.ask('XADD', 's', 'MAXLEN', '0', '2-1', 'f', 'gone');
  await writer.ask('XTRIM', 's', 'MAXLEN', '0');
  await writer.ask('DEL', 's');
  await writer.ask('XADD', 's', '1-1', 'f', 'not-after-the-end');
  await writer.ask('XADD', 's', '1-2', 'f', 'new');
  const text = await reply;
  assert.match(text, /1-2.*new/s);
  assert.doesNotMatch(text, /old|gone|not-after/);
});

test('who waits for a group hears of its end', async () => {
  const { bench } = await started();
  const writer = bench.connect();
  const ends: [readonly string[], RegExp][] = [
    [['XGROUP', 'DESTROY', 's', 'g'], /^-NOGROUP No such key 's' or consumer group 'g'/],
    [['DEL', 's'], /^-NOGROUP/],
    [['FLUSHALL'], /^-NOGROUP/],
    [['SET', 's', 'v'], /^-WRONGTYPE/],
    [['PEXPIRE', 's', '1'], /^-NOGROUP/],
  ];
  for (const [words, expected] of ends) {
    await writer.ask('DEL', 's');
    await writer.ask('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
    const reader = bench.connect();
    const reply = reader.askAlone(
      'XREADGROUP',
      'GROUP',
      'g',
      'c',
      'BLOCK',
      '0',
      'STREAMS',
      's',
      '>',
    );
    await bench.world.time.advance(10);
    await writer.ask(...words);
    await bench.world.time.advance(500);
    assert.match(await reply, expected, words.join(' '));
  }
});
