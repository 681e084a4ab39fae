import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatDouble,
  formatDouble17,
  LONGEST_DOUBLE,
  parseDouble,
  writeDouble,
} from './double.ts';

function parsed(text: string): number {
  const b = Buffer.from(`9${text}9`, 'latin1');
  return parseDouble(b, 1, b.length - 1);
}

test('reads what strtod reads', () => {
  const values: [string, number][] = [
    ['0', 0],
    ['-0', -0],
    ['+1', 1],
    ['3.0', 3],
    ['.5', 0.5],
    ['5.', 5],
    ['-1.25e2', -125],
    ['1E+3', 1000],
    ['00012', 12],
    ['0.1', 0.1],
    ['123456789012345678', 123456789012345680],
    ['4.9e-324', 5e-324],
    ['inf', Infinity],
    ['-Inf', -Infinity],
    ['+INFINITY', Infinity],
    ['0x10', 16],
    ['-0X1.8P1', -3],
    ['0x.8', 0.5],
    ['0x1p-1074', 5e-324],
    ['0x1.fffffffffffff7p0', 2 - 2 ** -52],
    ['0x1.fffffffffffff8p0', 2],
    ['0x0p99999', 0],
  ];
  for (const [text, value] of values) assert.equal(parsed(text), value, text);
});

test('refuses what Redis refuses', () => {
  const wrong = [
    ...[
      '',
      ' 1',
      '1 ',
      '.',
      '-',
      '+',
      '+-1',
      'e5',
      '1e',
      '1e+',
      '1.2.3',
      'nan',
      '-nan',
      'in',
      'infin',
    ],
    ...['0x', '0xg', '0x1p', '1_0', '1,5', '1\0', '0b1', 'Infinity1', '1e999', '-1e999', '1e-999'],
    ...['0x1p1024', '0x1p-1080', '1f', '1d'],
  ];
  for (const text of wrong) assert.equal(parsed(text), Number.NaN, JSON.stringify(text));
});

test('reads every double from its text', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      assert.equal(parsed(formatDouble(value)), value);
      assert.equal(parsed(formatDouble17(value)), value);
      if (Number.isFinite(value)) assert.equal(parsed(`${value}`), value + 0);
    }),
    { numRuns: 2000 },
  );
});

test('prints as Redis 7.2 does', () => {
  const values: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [-17, '-17'],
    [0.1, '0.1'],
    [-1.5, '-1.5'],
    [1e15, '1000000000000000'],
    [123456789012345680, '123456789012345680'],
    [2 ** 62, '4611686018427387904'],
    [2 ** 63, '9223372036854776000'],
    [1e20, '1e+20'],
    [1.5e21, '1.5e+21'],
    [1e21, '1e+21'],
    [1.234567e300, '1.234567e+300'],
    [0.0001, '0.0001'],
    [0.000001, '0.000001'],
    [1e-7, '1e-7'],
    [1.5e-7, '1.5e-7'],
    [0.00012345678, '1.2345678e-4'],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [0.30000000000000004, '0.30000000000000004'],
    // One digit fewer would do here; Grisu2, and so Redis, does not find it.
    [0.03328571428571429, '0.033285714285714287'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [Number.NaN, 'nan'],
  ];
  for (const [value, text] of values) assert.equal(formatDouble(value), text);
});

test('never needs more room than it says', () => {
  const b = Buffer.alloc(64);
  fc.assert(
    fc.property(fc.double(), (value) => {
      const end = writeDouble(b, 5, value);
      assert.ok(end - 5 <= LONGEST_DOUBLE);
      assert.equal(b.toString('latin1', 5, end), formatDouble(value));
    }),
  );
});

test('prints %.17g', () => {
  const values: [number, string][] = [
    [0, '0'],
    [0.1, '0.10000000000000001'],
    [3, '3'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [0.0001, '0.0001'],
    [0.00001, '1.0000000000000001e-05'],
    [-2.5, '-2.5'],
    [1e100, '1e+100'],
    [Infinity, 'inf'],
  ];
  for (const [value, text] of values) assert.equal(formatDouble17(value), text);
});
