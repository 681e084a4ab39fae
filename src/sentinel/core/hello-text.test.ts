import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatHello, type Hello, parseHello } from './hello-text.ts';

const hello: Hello = {
  host: '10.0.1.1',
  port: 26_379,
  runId: 'f'.repeat(40),
  currentEpoch: 7,
  master: 'mymaster',
  masterHost: '10.0.0.1',
  masterPort: 6379,
  configEpoch: 5,
};

test('eight fields, as Redis writes them', () => {
  const text = `10.0.1.1,26379,${'f'.repeat(40)},7,mymaster,10.0.0.1,6379,5`;
  assert.equal(formatHello(hello), text);
  assert.deepEqual(parseHello(text), hello);
});

const refused: Record<string, Partial<Record<keyof Hello, unknown>>> = {
  'an epoch of 2^63': { currentEpoch: '9223372036854775808' },
  'an epoch of 2^53': { currentEpoch: '9007199254740992' },
  'a negative epoch': { currentEpoch: -1 },
  'a configuration that is newer than the last election': { configEpoch: 8 },
  'a port that is none': { port: 65_536 },
  'a master port of 0': { masterPort: 0 },
  'a short run id': { runId: 'abc' },
  'a run id of other letters': { runId: 'g'.repeat(40) },
  'no host': { host: '' },
  'a host with a space': { masterHost: 'a b' },
  'a name with a comma': { master: 'a,b' },
};

for (const [what, change] of Object.entries(refused)) {
  test(`${what} is refused`, () => {
    assert.equal(parseHello(formatHello({ ...hello, ...change } as Hello)), undefined);
  });
}

test('too few fields, too many, too long, or anything else: refused without a fuss', () => {
  const text = formatHello(hello);
  assert.equal(parseHello(text.slice(0, text.lastIndexOf(','))), undefined);
  assert.equal(parseHello(`${text},1`), undefined);
  assert.equal(parseHello(text.replace('mymaster', 'm'.repeat(3000))), undefined);
  fc.assert(
    fc.property(fc.string(), (anything) => {
      assert.equal(parseHello(anything), undefined);
    }),
  );
});

test('whatever was understood is written again as it was', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 1, max: 65_535 }), fc.nat(), (host, port, epoch) => {
      const one = { ...hello, host, port, currentEpoch: epoch, configEpoch: epoch };
      assert.deepEqual(parseHello(formatHello(one)), one);
    }),
  );
});
