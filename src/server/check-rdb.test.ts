import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedWorld } from '../env/simulated/simulated-environment.ts';
import { checkRdbFile } from './check-rdb.ts';

test('a good file is described, a damaged one with the place of its damage', () => {
  const { files, clock } = new SimulatedWorld(1).start();
  const write = (name: string, bytes: Buffer): void => {
    const handle = files.open(name, 'write');
    handle.writeNow(bytes);
    handle.close();
  };
  const key = Buffer.from([0, 1, 0x6b, 1, 0x76]);
  const start = Buffer.concat([Buffer.from('REDIS0010'), Buffer.of(254, 0), key]);
  write('/good.rdb', Buffer.concat([start, Buffer.of(255), Buffer.alloc(8)]));
  write('/bad.rdb', Buffer.concat([start, Buffer.of(99)]));
  write('/short.rdb', start);
  const good = checkRdbFile(files, clock, '/good.rdb');
  assert.ok(good.isGood);
  assert.match(
    good.lines.join('\n'),
    /Selecting DB ID 0\n.*Checksum OK\n.*looks OK.*\n\[info\] 1 keys/,
  );
  const bad = checkRdbFile(files, clock, '/bad.rdb');
  assert.ok(!bad.isGood);
  const short = checkRdbFile(files, clock, '/short.rdb');
  assert.ok(!short.isGood);
  assert.match(short.lines.join('\n'), /\[offset 16\] Unexpected EOF/);
  assert.throws(() => checkRdbFile(files, clock, '/none.rdb'), { code: 'ENOENT' });
});
