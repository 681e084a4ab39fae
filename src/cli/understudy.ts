#!/usr/bin/env node
// understudy: the tool in front of the programs.

import { UNDERSTUDY_VERSION } from '../util/version.ts';
import { runServer } from './server-program.ts';
import { toolUsage } from './usage.ts';

const [command, ...rest] = process.argv.slice(2);
switch (command) {
  case 'server':
    await runServer(rest);
    break;
  case '-v':
  case '--version':
    process.stdout.write(`understudy ${UNDERSTUDY_VERSION}\n`);
    break;
  case '-h':
  case '--help':
    process.stdout.write(toolUsage);
    break;
  default:
    if (command !== undefined) process.stderr.write(`understudy: unknown command '${command}'\n\n`);
    process.stderr.write(toolUsage);
    process.exitCode = 1;
}
