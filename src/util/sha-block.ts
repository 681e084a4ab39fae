// A message in padded blocks of 64 bytes, for SHA-256, and the rotation that SHA-1 has too.

/** The message, a one bit, zeros, and its length in bits as 64 bits: a multiple of 64 bytes. */
export function padded(message: Uint8Array): DataView {
  const length = message.length;
  const bytes = new Uint8Array(Math.ceil((length + 9) / 64) * 64);
  bytes.set(message);
  bytes[length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 8, Math.floor(length / 2 ** 29));
  view.setUint32(bytes.length - 4, (length << 3) >>> 0);
  return view;
}

export function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
