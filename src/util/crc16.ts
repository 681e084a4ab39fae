// CRC-16/XMODEM and the hash slot that Redis Cluster derives from it: CLUSTER KEYSLOT and sharded
// pub/sub name slots even where there is no cluster (redis.io/docs/reference/cluster-spec).

const POLYNOMIAL = 0x1021;
const SLOTS = 16384;
const LEFT_BRACE = 123;
const RIGHT_BRACE = 125;

const TABLE: Uint16Array = Uint16Array.from({ length: 256 }, (_, n) => {
  let crc = n << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? POLYNOMIAL : 0);
  return crc;
});

export function crc16(b: Uint8Array, start = 0, end: number = b.length): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >>> 8) ^ b[i]];
  return crc;
}

/** The slot of a key: only what stands in its first non-empty {…} counts, if there is one. */
export function keySlot(b: Uint8Array, start = 0, end: number = b.length): number {
  let open = start;
  while (open < end && b[open] !== LEFT_BRACE) open++;
  let close = open + 1;
  while (close < end && b[close] !== RIGHT_BRACE) close++;
  const tagged = close < end && close > open + 1;
  return (tagged ? crc16(b, open + 1, close) : crc16(b, start, end)) % SLOTS;
}
