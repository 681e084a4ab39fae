// Every example of examples/ runs as a person would run it, from the project's folder.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { projectRoot } from '../support/project.ts';
import { missingProgram } from '../support/server-process.ts';

/** The exit code and all that was said. */
function run(...args: readonly string[]): Promise<{ code: number | null; said: string }> {
  // A test runner that is started by another one must not take itself for a part of it.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, args, { cwd: projectRoot, env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  return new Promise((fulfil) => child.once('close', (code) => fulfil({ code, said })));
}

async function succeeds(...args: readonly string[]): Promise<string> {
  const { code, said } = await run(...args);
  assert.equal(code, 0, said);
  return said;
}

/** The reason to leave out a test of a runner that is not among the installed packages. */
function missingPackage(name: string): string | false {
  const isThere = existsSync(join(projectRoot, 'node_modules', name, 'package.json'));
  return isThere ? false : `needs the package ${name}, which is not installed`;
}

describe('examples', () => {
  test('a cache in a test', async () => {
    await succeeds('--test', 'examples/cache.test.mjs');
  });

  test('a job queue', async () => {
    const said = await succeeds('examples/job-queue.mjs');
    assert.match(said, /^left behind: \[ 'job 1' \]$/m);
    assert.match(said, /^done: job 1, job 2, job 3, job 4, job 5, job 6$/m);
    assert.match(said, /^counted: 6$/m);
  });

  test('a failover in a test', async () => {
    await succeeds('--test', 'examples/failover.test.mjs');
  });

  const missing = missingProgram('redis-server');
  test('our sentinels over real Redis', { skip: missing }, async () => {
    const said = await succeeds('examples/sentinels-over-redis.mjs');
    assert.match(said, /^server1 redis \d.* master$/m);
    assert.match(said, /^sentinel1 understudy /m);
    assert.match(said, /^server1 was killed, server2 leads$/m);
    assert.match(said, /^phases: detection, agreement, election, selection, promotion/m);
  });

  test('a server in Vitest', { skip: missingPackage('vitest') }, async () => {
    await succeeds('node_modules/vitest/vitest.mjs', 'run', '--root', 'examples/vitest');
  });

  test('a server in Jest', { skip: missingPackage('jest') }, async () => {
    await succeeds(
      ...['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'],
      ...['--config', 'examples/jest/jest.config.json'],
    );
  });
});
