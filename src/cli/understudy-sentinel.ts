#!/usr/bin/env node
// understudy-sentinel: a drop-in for redis-sentinel.

import { runServer } from './server-program.ts';

await runServer(process.argv.slice(2), 'understudy-sentinel');
