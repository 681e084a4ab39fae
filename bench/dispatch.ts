// What the dispatcher adds to a command: nanoseconds of `execute` for a command whose handler does
// nothing but reply, less the same handler called directly. Run it on a quiet machine after
// `npm run build`: node build/bench/dispatch.js. Processor time, the best of several rounds; compare figures of
// one run only. The budget is 100 ns.

import type { Command } from '../src/dispatch/command.ts';
import { defaultDispatchSettings } from '../src/dispatch/dispatch-settings.ts';
import { Dispatcher } from '../src/dispatch/dispatcher.ts';
import type { Session } from '../src/dispatch/session.ts';
import { detachedLink } from '../src/dispatch/session-link.ts';
import { OutputBuffer } from '../src/protocol/output-buffer.ts';
import type { ReplyWriter } from '../src/protocol/reply-writer.ts';
import { Request } from '../src/protocol/request.ts';
import { KeyedHash } from '../src/util/hash.ts';

const ROUNDS = 15;
const BATCH = 200_000;
/** Handlers of many shapes, so that the call of `run` is as megamorphic as in a real node. */
const NAMES = 'get set del ttl incr mget lpush rpush lpop rpop sadd srem hset hget zadd zrem'.split(
  ' ',
);

function fakeCommand(name: string, index: number): Command {
  const handlers: Command['run'][] = [
    (_session, _request, reply) => reply.ok(),
    (_session, request, reply) => reply.integer(request.count),
    (_session, request, reply) =>
      reply.bulkRange(request.buffer, request.starts[0], request.ends[0]),
    (_session, _request, reply) => reply.null(),
  ];
  return {
    name,
    summary: 'A handler that does next to nothing.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: -1,
    flags: ['readonly', 'fast'],
    run: handlers[index % handlers.length],
  };
}

const clock = {
  wallMs: () => Date.now(),
  wallUs: () => Date.now() * 1000,
  monotonicUs: () => Math.floor(performance.now() * 1000),
};

const dispatcher = new Dispatcher({
  clock,
  timers: { after: () => ({ cancel: () => {} }) },
  log: { notice: () => {}, warning: () => {} },
  settings: defaultDispatchSettings,
  identity: { version: '7.2.4', mode: 'standalone', role: () => 'master' },
  hash: new KeyedHash(1, 2),
  randomUint32: () => 0,
  randomHex: () => '',
});
dispatcher.use(NAMES.map(fakeCommand));
const session: Session = dispatcher.createSession(
  detachedLink,
  new OutputBuffer({ discards: true }),
);

const requests: Request[] = NAMES.map((name) =>
  Request.of([name.toUpperCase(), 'key:000000012345']),
);

function runAll(count: number): void {
  for (let done = 0; done < count; done += 64) {
    dispatcher.beginChunk(done);
    for (let i = 0; i < 64; i++) dispatcher.execute(session, requests[i & 15]);
    dispatcher.endChunk();
    dispatcher.beforeFlush();
  }
}

const runs = NAMES.map((name) => dispatcher.commands.byFullName(name)?.run);

function callAll(count: number, reply: ReplyWriter): void {
  for (let i = 0; i < count; i++) runs[i & 15]?.(session, requests[i & 15], reply);
}

function nanoseconds(work: (count: number) => void): number {
  work(BATCH);
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    work(BATCH);
    best = Math.min(best, (process.cpuUsage(start).user * 1000) / BATCH);
  }
  return best;
}

const handler = nanoseconds((count) => callAll(count, session.reply));
const whole = nanoseconds(runAll);
console.log(`handler alone    ${handler.toFixed(1)} ns`);
console.log(`execute          ${whole.toFixed(1)} ns`);
console.log(`the dispatcher   ${(whole - handler).toFixed(1)} ns`);
