import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  masterServer,
  NOON_MS,
  replicaServer,
  sentinelView,
  steadyView,
  watchedNode,
} from '../fleet-fixture.ts';
import { type DrawnLink, drawTopology, lagText, movingReplicas } from './drawing.ts';
import { labelPoint, layOut, linkPath } from './drawing-layout.ts';

const still: ReadonlySet<string> = new Set();

function linkOf(links: readonly DrawnLink[], from: string, to: string): DrawnLink {
  const found = links.find((link) => link.from === from && link.to === to);
  assert.ok(found, `${from} -> ${to}`);
  return found;
}

test('a well fleet: the master over its replicas, sentinels above', () => {
  const { nodes, links } = drawTopology(steadyView(), null, new Set(['server2']));
  const levels = Object.fromEntries(nodes.map(({ name, level }) => [name, level]));
  assert.deepEqual(levels, {
    sentinel1: -1,
    sentinel2: -1,
    sentinel3: -1,
    server1: 0,
    server2: 1,
    server3: 1,
  });
  const flowing = linkOf(links, 'server1', 'server2');
  assert.equal(flowing.label, '100\u202fB, 12\u202fms behind');
  assert.equal(flowing.isFlowing, true);
  assert.equal(linkOf(links, 'server1', 'server3').isFlowing, false);
  assert.equal(links.filter(({ kind }) => kind === 'watch').length, 9);
});

test('a replica of a replica stands below it; two that follow each other end somewhere', () => {
  const chained = replicaServer('server3', {
    upstream: { ...replicaServer('server3').upstream!, node: 'server2' },
  });
  const chain = steadyView({
    servers: [masterServer('server1'), replicaServer('server2'), chained],
  });
  const { nodes } = drawTopology(chain, null, still);
  assert.equal(nodes.find(({ name }) => name === 'server3')?.level, 2);
  const circle = ['server1', 'server2'].map((name) =>
    replicaServer(name, {
      upstream: {
        ...replicaServer(name).upstream!,
        node: name === 'server1' ? 'server2' : 'server1',
      },
    }),
  );
  const view = steadyView({ master: null, servers: circle });
  assert.equal(drawTopology(view, null, still).nodes.length, 5);
});

test('a dead master hangs below the new one, its last word forgotten', () => {
  const dead = masterServer('server1', { state: 'down' });
  const promoted = masterServer('server2');
  const view = steadyView({ master: 'server2', servers: [dead, promoted] });
  const { nodes, links } = drawTopology(view, null, still);
  const drawn = nodes.find(({ name }) => name === 'server1');
  assert.equal(drawn?.role, 'replica');
  assert.equal(drawn?.level, 1);
  assert.deepEqual(drawn?.status, { tone: 'bad', word: 'down' });
  assert.equal(linkOf(links, 'server2', 'server1').tone, 'idle');
});

test('a second master that is up is shown as one', () => {
  const view = steadyView({ servers: [masterServer('server1'), masterServer('server2')] });
  const { nodes } = drawTopology(view, null, still);
  const masters = nodes.filter(({ role }) => role === 'master');
  assert.deepEqual(
    masters.map(({ level }) => level),
    [0, 0],
  );
});

test("one sentinel's view is what it believes, not what is", () => {
  const behind = sentinelView('sentinel3', {
    master: watchedNode('server1', { isSubjectivelyDown: true, isObjectivelyDown: true }),
    replicas: [watchedNode('server2', { flags: ['slave', 'disconnected'] })],
    sentinels: [watchedNode('sentinel1', { isSubjectivelyDown: true })],
  });
  const view = steadyView({
    master: 'server2',
    servers: [replicaServer('server1'), masterServer('server2'), replicaServer('server3')],
    sentinels: [sentinelView('sentinel1'), sentinelView('sentinel2'), behind],
  });
  const { nodes, links } = drawTopology(view, 'sentinel3', still);
  const seen = Object.fromEntries(
    nodes.map(({ name, role, status }) => [name, [role, status.word]]),
  );
  assert.deepEqual(seen, {
    sentinel1: ['sentinel', 's_down'],
    sentinel2: ['sentinel', 'unknown'],
    sentinel3: ['sentinel', 'up'],
    server1: ['master', 'o_down'],
    server2: ['replica', 'disconnected'],
    server3: ['stranger', 'unknown'],
  });
  assert.deepEqual(
    links.filter(({ kind }) => kind === 'watch').map(({ from, to }) => `${from} ${to}`),
    ['sentinel3 server1', 'sentinel3 server2'],
  );
});

test('disturbed links are marked where they are, or drawn where none was', () => {
  const view = steadyView({
    faults: [
      { between: ['server2', 'server1'], fault: { kind: 'cut' } },
      {
        between: ['server2', 'server3'],
        fault: { kind: 'slow', delayMs: 300, bytesPerSecond: null },
      },
    ],
  });
  const { links } = drawTopology(view, null, new Set(['server2']));
  const cut = linkOf(links, 'server1', 'server2');
  assert.deepEqual([cut.fault, cut.label, cut.isFlowing], ['cut', 'cut', false]);
  const slow = linkOf(links, 'server2', 'server3');
  assert.deepEqual([slow.kind, slow.label], ['fault', '+300\u202fms']);
});

test('verdicts: what a dead sentinel said last is none', () => {
  const dead = sentinelView('sentinel2', { state: 'down' });
  const doubting = sentinelView('sentinel1', {
    replicas: [watchedNode('server2', { isSubjectivelyDown: true })],
  });
  const view = steadyView({ sentinels: [doubting, dead, sentinelView('sentinel3')] });
  const { nodes } = drawTopology(view, null, still);
  const judgements = nodes
    .find(({ name }) => name === 'server2')
    ?.verdicts.map(({ judgement }) => judgement);
  assert.deepEqual(judgements, ['suspected', 'unknown', 'fine']);
});

test('a replica moves when its offset has grown since the sample before', () => {
  const sample = (...offsets: readonly (number | null)[]) => ({
    atMs: NOON_MS,
    values: offsets.map((offset) => ({ offset })),
  });
  const moving = movingReplicas([sample(1, 5, null), sample(2, 5, 9)], ['a', 'b', 'c']);
  assert.deepEqual([...moving], ['a']);
  assert.equal(movingReplicas([sample(1)], ['a']).size, 0);
});

test('lag as text', () => {
  assert.equal(lagText(null, null), '');
  assert.equal(lagText(0, 0), 'in step');
  assert.equal(lagText(1200, null), '1.20\u202fkB behind');
});

test('boxes lie inside, do not touch each other, and break into even rows', () => {
  const servers = [
    masterServer('server1'),
    ...['server2', 'server3', 'server4', 'server5', 'server6'].map((name) => replicaServer(name)),
  ];
  const drawing = drawTopology(steadyView({ servers }), null, still);
  for (const width of [330, 600, 900]) {
    const { boxes, height } = layOut(drawing, width);
    assert.equal(boxes.size, 9);
    const all = [...boxes.values()];
    for (const [index, a] of all.entries()) {
      assert.ok(a.x >= 0 && a.x + a.width <= width && a.y + a.height <= height, `${width}`);
      for (const b of all.slice(index + 1)) {
        const apart =
          a.x + a.width < b.x ||
          b.x + b.width < a.x ||
          a.y + a.height < b.y ||
          b.y + b.height < a.y;
        assert.ok(apart, `two cards overlap at ${width}`);
      }
    }
  }
});

test('links go from edge to edge, and bow between two of one row', () => {
  const upper = { x: 0, y: 0, width: 100, height: 50 };
  const lower = { x: 100, y: 150, width: 100, height: 50 };
  assert.equal(linkPath(upper, lower), 'M 50 50 C 50 100, 150 100, 150 150');
  assert.equal(linkPath(lower, upper), 'M 150 150 C 150 100, 50 100, 50 50');
  const beside = { ...upper, x: 200 };
  assert.match(linkPath(upper, beside), /^M 50 50 C 50 84, 250 84, 250 50$/);
});

test('labels stand where links of one master have parted, and between levels', () => {
  const upper = { x: 100, y: 0, width: 100, height: 50 };
  const near = { x: 200, y: 110, width: 100, height: 50 };
  const label = labelPoint(upper, near);
  assert.ok(label.x > 225 && label.x < 250, `${label.x}`);
  assert.ok(label.y > 80 && label.y < 100, `${label.y}`);
  assert.deepEqual(labelPoint(near, upper), label);
  const far = { ...near, y: 300 };
  assert.ok(labelPoint(upper, far).y > 250, 'below the level that it passes');
});

test('a cut link says so in both forms', () => {
  const faults = [{ between: ['server1', 'server2'], fault: { kind: 'cut' } }] as const;
  const { links } = drawTopology(steadyView({ faults }), null, still);
  assert.equal(linkOf(links, 'server1', 'server2').shortLabel, 'cut');
  assert.equal(linkOf(links, 'server1', 'server3').shortLabel, '100\u202fB behind');
});
