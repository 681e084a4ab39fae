import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAsynchrony, checkGlobals } from './globals.ts';

const server = (text: string): number => checkGlobals([{ path: 'src/server/x.ts', text }]).length;
const engine = (text: string): number =>
  checkAsynchrony([{ path: 'src/engine/x.ts', text }]).length;

test('each banned global is caught', () => {
  for (const text of [
    'const a = Date.now();',
    'const a = new Date();',
    'if (Math.random() < 0.5) b();',
    'const a = performance.now();',
    'process.exit(1);',
    'const { pid } = process;',
    'setTimeout(run, 5);',
    'setInterval(run, 5);',
    'setImmediate(run);',
    'const g = globalThis;',
    "const fs = require('fs');",
  ]) {
    assert.equal(server(text), 1, text);
  }
});

test('words in comments and texts, and properties of the same name, are not', () => {
  for (const text of [
    '// Date.now() would be wrong here',
    "log('process.exit');",
    'timers.setTimeout(run);',
    'options.process.start();',
    'const options = { process: 1 };',
    'new Date(wallMs).toISOString();',
    'this.performance.count++;',
    'this.#process.exit(0);',
  ]) {
    assert.equal(server(text), 0, text);
  }
});

test('the places that touch the machine, and tests, may', () => {
  const text = 'process.exit(Date.now());';
  for (const path of ['src/env/node/x.ts', 'src/cli/x.ts', 'src/server/x.test.ts', 'tests/x.ts']) {
    assert.deepEqual(checkGlobals([{ path, text }]), []);
  }
});

test('asynchrony is caught in the synchronous layers only', () => {
  for (const text of [
    'async function f() {}',
    'const f = async () => {};',
    'const f = async x => x;',
    'class A { async run() {} }',
    'x = await f();',
    'const p: Promise<void> = q;',
  ]) {
    assert.ok(engine(text) > 0, text);
    assert.deepEqual(checkAsynchrony([{ path: 'src/net/x.ts', text }]), []);
  }
  for (const text of ['flush({ async: true });', 'if (options.async) f();', '// await it']) {
    assert.equal(engine(text), 0, text);
  }
});
