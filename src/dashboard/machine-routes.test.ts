import assert from 'node:assert/strict';
import { test } from 'node:test';
import { masterServer, replicaServer, sentinelView, steadyView } from './fleet-fixture.ts';
import { fleetHealth, isPrimary, isReadableReplica } from './machine-routes.ts';

test('a fleet is well with a master and enough sentinels', () => {
  assert.deepEqual(fleetHealth(steadyView()), { status: 200, text: 'master server1' });
  assert.equal(fleetHealth(steadyView({ master: null })).status, 503);
  const frozen = masterServer('server1', { state: 'frozen' });
  assert.match(fleetHealth(steadyView({ servers: [frozen] })).text, /server1 is frozen/);
  const demoted = replicaServer('server1');
  assert.match(fleetHealth(steadyView({ servers: [demoted] })).text, /is a replica/);
});

test('a majority of sentinels must be up, whatever the quorum', () => {
  const sentinels = (up: number) =>
    ['sentinel1', 'sentinel2', 'sentinel3'].map((name, index) =>
      sentinelView(name, { state: index < up ? 'up' : 'down' }),
    );
  assert.equal(fleetHealth(steadyView({ sentinels: sentinels(2), quorum: 1 })).status, 200);
  assert.equal(fleetHealth(steadyView({ sentinels: sentinels(1), quorum: 1 })).status, 503);
  assert.equal(fleetHealth(steadyView({ sentinels: sentinels(2), quorum: 3 })).status, 503);
  assert.equal(fleetHealth(steadyView({ sentinels: [] })).status, 200, 'without sentinels');
});

test('the primary is the node that says so itself and by the sentinels', () => {
  const view = steadyView();
  assert.equal(isPrimary(view, 'server1').status, 200);
  assert.equal(isPrimary(view, 'server2').status, 503);
  assert.equal(isPrimary(view, 'server7').status, 404);
  assert.equal(isPrimary(view, 'sentinel1').status, 404);
  const second = steadyView({ servers: [masterServer('server1'), masterServer('server2')] });
  assert.match(isPrimary(second, 'server2').text, /the sentinels name server1/);
});

test('a replica is readable when it has its master and is near enough', () => {
  const view = steadyView();
  assert.equal(isReadableReplica(view, 'server2', undefined).status, 200);
  assert.equal(isReadableReplica(view, 'server1', undefined).status, 503);
  assert.equal(isReadableReplica(view, 'nobody', undefined).status, 404);
  for (const [lag, status] of [
    ['99', 503],
    ['100', 200],
    ['1kb', 200],
    ['1MB', 200],
    ['1g', 200],
    ['0', 503],
    ['-1', 400],
    ['', 400],
    ['1e9', 400],
    ['9'.repeat(40), 400],
    ['10tb', 400],
  ] as const) {
    assert.equal(isReadableReplica(view, 'server2', lag).status, status, lag);
  }
});

test('a replica without its master, or while it copies, is not', () => {
  const { upstream } = replicaServer('server2');
  const verdict = (changes: object, lag?: string): number => {
    const server = replicaServer('server2', { upstream: { ...upstream!, ...changes } });
    return isReadableReplica(steadyView({ servers: [server] }), 'server2', lag).status;
  };
  assert.equal(verdict({ link: 'down' }), 503);
  assert.equal(verdict({ isSyncing: true }), 503);
  assert.equal(verdict({ lagBytes: null }), 200);
  assert.equal(verdict({ lagBytes: null }, '10'), 503, 'an unknown lag is no small one');
});
