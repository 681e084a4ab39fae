// npm start: installs and builds when needed, then runs `understudy up` with the arguments given, as in
// `npm start -- --port auto`. It is loaded into this process and not spawned: a signal from the terminal
// reaches the whole process group, so a child would receive a forwarded one twice.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, root } from './setup.mjs';

ensureBuilt();
const program = join(root, 'build', 'src', 'cli', 'understudy.js');
process.argv.splice(1, 1, program, 'up');
await import(pathToFileURL(program).href);
