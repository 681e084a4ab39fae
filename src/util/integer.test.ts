import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countUp,
  decimalLength,
  isCanonicalInteger,
  parseInt64,
  parseInteger,
  writeInteger,
} from './integer.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const safe = fc.maxSafeInteger();

function parsed(text: string): [number, bigint | undefined] {
  const b = Buffer.from(`#${text}#`, 'latin1');
  return [parseInteger(b, 1, b.length - 1), parseInt64(b, 1, b.length - 1)];
}

test('reads every 64-bit integer, exactly or to the nearest double', () => {
  fc.assert(fc.property(int64, (n) => assert.deepEqual(parsed(`${n}`), [Number(n), n])));
  fc.assert(fc.property(safe, (n) => assert.deepEqual(parsed(`${n}`), [n, BigInt(n)])));
  assert.deepEqual(parsed('-9223372036854775808'), [-(2 ** 63), -(2n ** 63n)]);
});

test('refuses what Redis refuses', () => {
  const wrong = [
    ...['', '-', '+1', ' 1', '1 ', '01', '-0', '-01', '00', '1.0', '1e3', '0x1', '1a', '--1'],
    ...['9223372036854775808', '-9223372036854775809', '18446744073709551616'],
    ...['123456789012345678901', '1234567890123456x', '\0', '1\0'],
  ];
  for (const text of wrong) {
    assert.deepEqual(parsed(text), [Number.NaN, undefined], JSON.stringify(text));
    const b = Buffer.from(text, 'latin1');
    assert.equal(isCanonicalInteger(b, 0, b.length), false);
  }
});

test('writes what it reads', () => {
  const b = Buffer.alloc(32, 0x23);
  const check = (n: number): void => {
    const end = writeInteger(b, 3, n);
    assert.equal(b.toString('latin1', 3, end), `${n}`);
    assert.equal(decimalLength(n), end - 3);
  };
  fc.assert(fc.property(safe, check));
  fc.assert(fc.property(fc.integer(), check));
  for (let power = 1; power < Number.MAX_SAFE_INTEGER; power *= 10) {
    for (const n of [power - 1, power, power + 1]) {
      check(n);
      if (n > 0) check(-n);
    }
  }
  for (const n of [2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) check(n);
});

test('counts up where the digits lie, or changes nothing', () => {
  const check = (n: number): void => {
    const text = `${n}`;
    const b = Buffer.from(`#${text}#`, 'latin1');
    const next = `${n + 1}`;
    const fits = n >= 0 && next.length === text.length && text.length <= 15;
    assert.equal(countUp(b, 1, b.length - 1), fits, text);
    assert.equal(b.toString('latin1'), `#${fits ? next : text}#`);
  };
  for (let n = -1001; n <= 10_001; n++) check(n);
  fc.assert(fc.property(safe, check));
  for (const n of [999_999_999_999_998, 999_999_999_999_999, 1_000_000_000_000_000]) check(n);
});
