// SHA-1 (RFC 3174): DEBUG DIGEST and the names of scripts. Written here because this folder imports
// nothing, and because DEBUG DIGEST needs it over many short inputs. Not for anything secret.

import { padded, rotateLeft } from './sha-block.ts';

/** The 20 bytes of the digest. */
export function sha1(message: Uint8Array): Uint8Array {
  const input = padded(message);
  const words = new Int32Array(80);
  let h0 = 0x67452301;
  let h1 = 0xefcdab89 | 0;
  let h2 = 0x98badcfe | 0;
  let h3 = 0x10325476;
  let h4 = 0xc3d2e1f0 | 0;
  for (let block = 0; block < input.byteLength; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = input.getInt32(block + 4 * i);
    for (let i = 16; i < 80; i++) {
      words[i] = rotateLeft(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    let a = h0;
    let b = h1;
    let c = h2;
    let d = h3;
    let e = h4;
    for (let i = 0; i < 80; i++) {
      let mixed: number;
      if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999;
      else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
      else if (i < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
      else mixed = (b ^ c ^ d) + 0xca62c1d6;
      const next = (rotateLeft(a, 5) + mixed + e + words[i]) | 0;
      e = d;
      d = c;
      c = rotateLeft(b, 30);
      b = a;
      a = next;
    }
    h0 = (h0 + a) | 0;
    h1 = (h1 + b) | 0;
    h2 = (h2 + c) | 0;
    h3 = (h3 + d) | 0;
    h4 = (h4 + e) | 0;
  }
  const digest = new Uint8Array(20);
  const view = new DataView(digest.buffer);
  [h0, h1, h2, h3, h4].forEach((h, i) => {
    view.setInt32(4 * i, h);
  });
  return digest;
}
