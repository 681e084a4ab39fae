import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addLongDouble, formatLongDouble, longDoubleOf, parseLongDouble } from './long-double.ts';

function parsed(text: string): ReturnType<typeof parseLongDouble> {
  const b = Buffer.from(text, 'latin1');
  return parseLongDouble(b, 0, b.length);
}

function sum(a: string, b: string): string {
  const x = parsed(a);
  const y = parsed(b);
  assert.ok(x !== undefined && y !== undefined);
  const result = addLongDouble(x, y);
  return result === undefined ? 'not finite' : formatLongDouble(result);
}

// The sums are what a C program on x86-64 prints for them with "%.17Lf", trailing zeros removed.
test('adds and prints as an x87 does', () => {
  const cases: [string, string, string][] = [
    ['0.1', '0.2', '0.3'],
    ['10.5', '0.1', '10.6'],
    ['5.0e3', '2.0e2', '5200'],
    ['3', '1.1', '4.1'],
    ['-1', '1e-20', '-1'],
    ['0x1.8p3', '0.5', '12.5'],
    ['9007199254740993', '0.1', '9007199254740993.099609375'],
    ['1e20', '-0.3', '100000000000000000000'],
    ['123456789012345678901234567890', '1', '123456789012345678899921813504'],
    ['1e-18', '0', '0'],
    ['-0.000000000000000005', '0', '0'],
    ['1.5e-17', '0', '0.00000000000000002'],
    ['2.5e-17', '0', '0.00000000000000002'],
    ['-3.5', '3.5', '0'],
    ['inf', '1', 'not finite'],
    ['1.18973149535723176502e+4932', '1.18973149535723176502e+4932', 'not finite'],
  ];
  for (const [a, b, expected] of cases) assert.equal(sum(a, b), expected, `${a} + ${b}`);
});

test('knows the range of an 80-bit number', () => {
  assert.equal(parsed('1e5000'), undefined);
  assert.equal(parsed('1e-5000'), undefined);
  assert.equal(parsed('1e-4951'), undefined);
  assert.notEqual(parsed('1e-4950'), undefined);
  assert.equal(formatLongDouble(parsed('1e4932') ?? { mantissa: 0n, exponent: 0 }).length, 4933);
});

test('refuses what is no number, however long', () => {
  const wrong = ['', '.', '-', 'nan', ' 1', '1 ', '1e', '1e+', '0x', '--1', '1_0', '1\0', '0x1p'];
  for (const text of wrong) assert.equal(parsed(text), undefined, JSON.stringify(text));
  assert.equal(parsed('1'.repeat(6000)), undefined);
  assert.equal(parsed(`1e${'9'.repeat(5000)}`), undefined);
  assert.equal(parsed(`1e-${'9'.repeat(5000)}`), undefined);
});

test('prints what it reads, for decimals below 100', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.integer({ min: 7, max: 8 }),
      (n, places) => {
        const text = (n / 10 ** places).toFixed(places);
        const expected = text.replace(/\.?0+$/, '').replace(/^-0$/, '0');
        assert.equal(sum(text, '0'), expected);
      },
    ),
  );
});

test('takes doubles as they are', () => {
  assert.equal(formatLongDouble(longDoubleOf(0.1)), '0.10000000000000001');
  assert.equal(formatLongDouble(longDoubleOf(-2.5)), '-2.5');
  assert.equal(formatLongDouble(longDoubleOf(5e-324)), '0');
  assert.equal(formatLongDouble(longDoubleOf(-Infinity)), '-inf');
});
