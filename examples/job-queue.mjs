// A job queue that loses no job when a worker dies: BLMOVE puts each job on a list of its worker, from
// where it is taken when it is done, or given back when the worker does not come again.
//
//   node examples/job-queue.mjs

import { createClient } from 'redis';
import { createServer } from 'understudy-server';

const server = await createServer();
const url = `redis://${server.getHost()}:${server.getPort()}`;

async function connected() {
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const producer = await connected();
for (let i = 1; i <= 6; i++) await producer.lPush('jobs', `job ${i}`);

/** Works until the queue stays empty; `dies` leaves its first job where it is. */
async function worker(name, dies = false) {
  const client = await connected();
  const own = `doing:${name}`;
  const done = [];
  for (;;) {
    const job = await client.blMove('jobs', own, 'RIGHT', 'LEFT', 0.2);
    if (job === null || dies) break;
    done.push(job);
    await client.multi().lRem(own, 1, job).incr('done').exec();
  }
  client.destroy();
  return done;
}

await worker('unlucky', true);
console.log('left behind:', await producer.lRange('doing:unlucky', 0, -1));
while ((await producer.lMove('doing:unlucky', 'jobs', 'RIGHT', 'RIGHT')) !== null);

const done = await Promise.all([worker('a'), worker('b')]);
console.log('done:', done.flat().sort().join(', '));
console.log('counted:', await producer.get('done'));

producer.destroy();
await server.stop();
