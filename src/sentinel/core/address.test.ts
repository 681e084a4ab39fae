import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressLabel, isHost, isIpAddress, sameAddress } from './address.ts';

test('addresses are what the system takes for addresses', () => {
  const parts = fc.stringMatching(/^[0-9a-f:.]{0,20}$/);
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), parts), (text) => {
      assert.equal(isIpAddress(text), isIP(text) !== 0, text);
    }),
    { numRuns: 2000 },
  );
  const odd = [
    '',
    '1.2.3',
    '1.2.3.256',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    '1::2::3',
    'a',
    '0.0.0.0::',
  ];
  for (const text of odd) {
    assert.equal(isIpAddress(text), isIP(text) !== 0, text);
  }
});

test('a host has no character that separates the fields of a hello or of a line', () => {
  assert.ok(isHost('redis-1.example_net'));
  for (const text of ['', 'a b', 'a,b', 'a\r\n', 'x'.repeat(254)]) assert.ok(!isHost(text), text);
});

test('names are compared without case, and by address where there is one', () => {
  const at = (host: string, ip: string, port = 1) => ({ host, ip, port });
  assert.ok(sameAddress(at('db', '10.0.0.1'), at('10.0.0.1', '10.0.0.1')));
  assert.ok(sameAddress(at('DB', ''), at('db', '10.0.0.1')));
  assert.ok(!sameAddress(at('a', ''), at('b', '')));
  assert.ok(!sameAddress(at('a', '', 1), at('a', '', 2)));
});

test('IPv6 addresses are written in brackets', () => {
  assert.equal(addressLabel('::1', 6379), '[::1]:6379');
  assert.equal(addressLabel('10.0.0.1', 6379), '10.0.0.1:6379');
});
