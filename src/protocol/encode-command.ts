// A command as bytes for the wire: what a link to another server sends.

import { decimalLength, writeInteger } from '../util/integer.ts';

export type Argument = Uint8Array | string | number;

/** Up to this many letters are written one by one: a call out of JavaScript would take longer. */
const SHORT_TEXT = 24;

/** The arguments as one RESP multibulk; strings are latin1, numbers safe integers. */
export function encodeCommand(args: readonly Argument[]): Buffer {
  const bytes = Buffer.allocUnsafe(encodedLength(args));
  let at = writeHeader(bytes, 0, 42, args.length);
  for (const arg of args) {
    at = writeHeader(bytes, at, 36, argumentLength(arg));
    at = writeArgument(bytes, at, arg);
    bytes[at++] = 13;
    bytes[at++] = 10;
  }
  return bytes;
}

/** Bytes of the whole multibulk. */
export function encodedLength(args: readonly Argument[]): number {
  let size = 3 + decimalLength(args.length);
  for (const arg of args) {
    const length = argumentLength(arg);
    size += length + decimalLength(length) + 5;
  }
  return size;
}

export function argumentLength(arg: Argument): number {
  return typeof arg === 'number' ? decimalLength(arg) : arg.length;
}

/** `*3` or `$4` with its line end; returns where it ends. */
export function writeHeader(bytes: Buffer, at: number, mark: number, value: number): number {
  bytes[at] = mark;
  const end = writeInteger(bytes, at + 1, value);
  bytes[end] = 13;
  bytes[end + 1] = 10;
  return end + 2;
}

/** The argument itself; returns where it ends. */
export function writeArgument(bytes: Buffer, at: number, arg: Argument): number {
  if (typeof arg === 'number') return writeInteger(bytes, at, arg);
  const { length } = arg;
  if (typeof arg !== 'string') bytes.set(arg, at);
  else if (length > SHORT_TEXT) bytes.write(arg, at, 'latin1');
  else for (let i = 0; i < length; i++) bytes[at + i] = arg.charCodeAt(i);
  return at + length;
}
