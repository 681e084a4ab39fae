// The same requests to our server and to the real redis-server, over RESP2 and RESP3; every reply must
// be the same. Where no redis-server is installed only the recorded replies are held.
// With UNDERSTUDY_TEST_PROGRAM=redis-server in our server's place it tells whether the cases are
// deterministic.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { projectRoot, readProjectFile } from '../support/project.ts';
import {
  missingProgram,
  type RunningServer,
  realRedis,
  startServer,
  subject,
} from '../support/server-process.ts';
import { parseCases, type Section } from './case-file.ts';
import { type Observation, runSection } from './section-runner.ts';

const FOLDER = 'tests/conformance/cases';

// A substitute is taken for an older redis-server unless it is said to answer as 7.2 does.
const knows72 =
  process.env.UNDERSTUDY_TEST_PROGRAM === undefined ||
  process.env.UNDERSTUDY_TEST_RECORDED === 'yes';

const noRedis = missingProgram('redis-server');
if (noRedis !== false) console.log(`# Only recorded replies are compared: ${noRedis}.`);

describe('conformance', () => {
  let ours: RunningServer;
  let real: RunningServer | undefined;

  before(async () => {
    // DEBUG is refused by default; cases use its deterministic subcommands.
    const options = { 'enable-debug-command': 'yes' };
    ours = await startServer(subject, options);
    if (noRedis === false) real = await startServer(realRedis, options);
  });

  after(async () => {
    await ours?.stop();
    await real?.stop();
  });

  const files = readdirSync(join(projectRoot, FOLDER)).filter((name) => name.endsWith('.txt'));
  for (const name of files.sort()) {
    const sections = parseCases(readProjectFile(`${FOLDER}/${name}`));
    for (const section of sections) {
      for (const protocol of [2, 3] as const) {
        test(`${name}:${section.line} RESP${protocol}: ${section.name}`, async () => {
          const differences = await compare(section, protocol, ours, real);
          assert.ok(differences.length === 0, `\n${differences.join('\n')}\n`);
        });
      }
    }
  }
});

async function compare(
  section: Section,
  protocol: 2 | 3,
  ours: RunningServer,
  real: RunningServer | undefined,
): Promise<readonly string[]> {
  const seen = await runSection(ours.port, section, protocol, knows72);
  const wanted = new Map<number, string>();
  if (real !== undefined) {
    for (const { line, reply } of await runSection(real.port, section, protocol, false)) {
      wanted.set(line, reply);
    }
  }
  for (const { line, recorded } of section.steps) {
    if (recorded === undefined) continue;
    const reply = protocol === 2 ? recorded.resp2 : recorded.resp3;
    if (knows72 && reply !== undefined) wanted.set(line, reply);
    else wanted.delete(line);
  }
  return seen.flatMap((observation) => difference(observation, wanted.get(observation.line)));
}

function difference(
  { line, text, reply }: Observation,
  wanted: string | undefined,
): readonly string[] {
  if (wanted === undefined || wanted === reply) return [];
  return [`line ${line}: ${text}\n  wanted: ${shorten(wanted)}\n  got:    ${shorten(reply)}`];
}

function shorten(text: string): string {
  return text.length <= 2000 ? text : `${text.slice(0, 2000)}… (${text.length} characters)`;
}
