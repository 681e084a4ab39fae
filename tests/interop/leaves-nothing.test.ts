// A server, a sentinel and a fleet inside a program leave nothing behind: when they have been stopped,
// the program ends by itself, which a forgotten timer, socket or process would keep it from.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const api = new URL('../../src/index.js', import.meta.url).href;
/** Only a program that hangs takes so long. */
const LIMIT_MS = 60_000;

/** Runs a module's text; what it printed, and the files that it left in its temporary folder. */
function run(code: string): { readonly out: string; readonly left: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-test-'));
  try {
    const text = `import { createFleet, createSentinel, createServer } from '${api}';\n${code}`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', text],
      { cwd: folder, env: { ...process.env, TMPDIR: folder }, timeout: LIMIT_MS },
    );
    assert.equal(status, 0, stderr.toString());
    return { out: stdout.toString(), left: readdirSync(folder) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a server', () => {
  const { out, left } = run(`
    const server = await createServer();
    await server.stop();
    console.log(process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)));
  `);
  assert.deepEqual([out, left], ['[]\n', []]);
});

test('a sentinel', () => {
  const { left } = run(`
    const server = await createServer();
    const master = { host: server.getHost(), port: server.getPort(), quorum: 1 };
    const sentinel = await createSentinel({ masters: { m: master } });
    await sentinel.stop();
    await server.stop();
  `);
  assert.deepEqual(left, []);
});

test('a fleet, in the process and as processes', () => {
  const { left } = run(`
    for (const processes of [false, true]) {
      const fleet = await createFleet({ replicas: 1, sentinels: 1, processes });
      fleet.startProbe();
      await fleet.until((view) => view.probe.acknowledged > 3);
      await fleet.freeze('sentinel1');
      await fleet.stop();
    }
  `);
  assert.deepEqual(left, []);
});
