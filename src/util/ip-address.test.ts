// What counts as an address, held against Node's own judgement.

import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIpAddress } from './ip-address.ts';

test('addresses, and what only looks like one', () => {
  const texts = [
    ...['127.0.0.1', '255.255.255.255', '256.0.0.1', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.-4'],
    ...['::', '::1', '1::', '1::2::3', ':1', '1:', ':::', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7'],
    ...['1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', '1::3:4:5:6:7:8:9'],
    ...['::ffff:1.2.3.4', '1.2.3.4::', '::1.2.3.4:5', 'fe80::1%eth0', 'fe80::1%', '::g', '::12345'],
    ...['localhost', '', ' ', '1 ', 'a.b.c.d', '0x7f.1', '127.1'],
  ];
  for (const text of texts) assert.equal(isIpAddress(text), isIP(text) !== 0, JSON.stringify(text));
});

test('any mixture of what addresses are made of', () => {
  const piece = fc.constantFrom('1', 'ab', 'ffff', '255', '256', ':', '::', '.', '%e', '0', '00');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 18 }), (pieces) => {
      const text = pieces.join('');
      assert.equal(isIpAddress(text), isIP(text) !== 0, text);
    }),
    { numRuns: 20_000 },
  );
});
