#!/usr/bin/env node
// understudy-server: a drop-in for redis-server.

import { runServer } from './server-program.ts';

await runServer(process.argv.slice(2));
