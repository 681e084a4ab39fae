import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dumpPayload } from '../../rdb/dump-payload.ts';
import { CommandFixture } from '../command-fixture.ts';
import { listCommands } from '../list/list-commands.ts';
import { stringCommands } from '../string/string-commands.ts';
import { keysCommands } from './keys-commands.ts';

const BAD = '-ERR DUMP payload version or checksum are wrong';

function fixture(): { keys: CommandFixture; payload: Buffer } {
  const keys = new CommandFixture([...keysCommands, ...stringCommands, ...listCommands]);
  keys.line('SET k value');
  const [db] = keys.engine.databases;
  const ref = db.lookupRaw(Buffer.from('k'), 0, 1);
  return { keys, payload: dumpPayload(db, ref, { version: 10, compress: true }) };
}

test('RESTORE: refusals in their order', () => {
  const { keys, payload } = fixture();
  assert.equal(keys.line('DUMP none'), null);
  assert.equal(keys.run('RESTORE', 'k', 'x', payload), '-BUSYKEY Target key name already exists.');
  assert.equal(keys.run('RESTORE', 'k', 0, payload, 'WHAT'), '-ERR syntax error');
  assert.equal(keys.run('RESTORE', 'n', 0, payload, 'FREQ', 1, 'IDLETIME', 1), '-ERR syntax error');
  const idle = '-ERR Invalid IDLETIME value, must be >= 0';
  assert.equal(keys.run('RESTORE', 'n', 0, payload, 'IDLETIME', -1), idle);
  const frequency = '-ERR Invalid FREQ value, must be >= 0 and <= 255';
  assert.equal(keys.run('RESTORE', 'n', 0, payload, 'FREQ', 256), frequency);
  assert.equal(keys.run('RESTORE', 'n', -1, payload), '-ERR Invalid TTL value, must be >= 0');
  assert.equal(keys.run('RESTORE', 'n', 0, 'short'), BAD);
  const flipped = Buffer.from(payload);
  flipped[1] ^= 1;
  assert.equal(keys.run('RESTORE', 'n', 0, flipped), BAD);
});

test('RESTORE: expiry, idle time, replacement, events and what is propagated', () => {
  const { keys, payload } = fixture();
  assert.equal(keys.run('RESTORE', 'n', 5000, payload, 'IDLETIME', 77), '+OK');
  assert.deepEqual(keys.events, ['restore n']);
  const at = String(keys.engine.wallMs + 5000);
  const args = ['RESTORE', 'n', at, payload.toString('latin1'), 'IDLETIME', '77', 'ABSTTL'];
  assert.deepEqual(keys.propagated, [args]);
  assert.equal(keys.line('PTTL n'), 5000);
  assert.equal(keys.line('OBJECT IDLETIME n'), 77);
  keys.line('RPUSH list a b');
  assert.equal(keys.run('RESTORE', 'list', 0, payload, 'REPLACE'), '+OK');
  assert.equal(keys.line('GET list'), 'value');
});

test('RESTORE: a damaged value leaves what was there, one whose time is over deletes it', () => {
  const { keys, payload } = fixture();
  const damaged = Buffer.from(payload);
  damaged[0] = 99;
  damaged.fill(0, damaged.length - 8);
  assert.equal(keys.run('RESTORE', 'k', 0, damaged, 'REPLACE'), '-ERR Bad data format');
  assert.equal(keys.line('GET k'), 'value');
  assert.equal(keys.run('RESTORE', 'k', 1, payload, 'REPLACE', 'ABSTTL'), '+OK');
  assert.deepEqual(keys.propagated, [['DEL', 'k']]);
  assert.equal(keys.line('EXISTS k'), 0);
});
