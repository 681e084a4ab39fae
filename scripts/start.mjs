// npm start: installs and builds when needed, then runs one server with the arguments given, as in
// `npm start -- --port 7000`. The server is loaded into this process and not spawned: a signal from
// the terminal reaches the whole process group, so a child would receive a forwarded one twice, and
// a second SIGINT means "exit without saving".

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, root } from './setup.mjs';

ensureBuilt();
const program = join(root, 'build', 'src', 'cli', 'understudy-server.js');
process.argv[1] = program;
await import(pathToFileURL(program).href);
