#!/usr/bin/env node
// understudy-sentinel, a drop-in for redis-sentinel: not in this build, and it says so.

import { noSentinel } from './usage.ts';

process.stderr.write(`${noSentinel}\n`, () => process.exit(1));
