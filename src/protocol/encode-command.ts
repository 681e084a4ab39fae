// A command as bytes for the wire: what a link to another server sends.

import { Request } from './request.ts';

/** The arguments as one RESP multibulk; strings are latin1, numbers safe integers. */
export function encodeCommand(args: readonly (Uint8Array | string | number)[]): Buffer {
  return Request.of(args).buffer;
}
