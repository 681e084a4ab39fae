// Our sentinels over real Redis servers, which must be installed: two servers, three sentinels, each a
// process, and one failover.
//
//   node examples/sentinels-over-redis.mjs

import { createFleet } from 'understudy-server';

const fleet = await createFleet({
  processes: true,
  server: 'redis-server',
  replicas: 1,
  downAfterMs: 500,
});
for (const { name, version, role } of fleet.view.servers) console.log(name, version, role);
for (const { name, version } of fleet.view.sentinels) console.log(name, version);

const failover = new Promise((fulfil) => fleet.on('failover', fulfil));
await fleet.kill('master');
const { from, to, phases } = await failover;
console.log(`${from} was killed, ${to} leads`);
console.log(`phases: ${phases.map(({ name }) => name).join(', ')}`);
await fleet.stop();
