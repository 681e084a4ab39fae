// A HyperLogLog on its way between the keyspace and the commands: looked up and checked, raised
// register by register, stored again. Dense ones are changed where they lie; sparse ones in a copy.

import { Encoding, KEEP_EXPIRY, Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { type DataSession, isKind, type Ref } from '../context.ts';
import {
  DENSE,
  DENSE_BYTES,
  encodingAt,
  HEADER_BYTES,
  isHyperLogLog,
  markStale,
  REGISTERS,
  raiseDense,
  SPARSE,
  setDenseRegister,
  writeHeader,
} from './hll-format.ts';
import { mergeSparse, SparseReader, SparseRuns } from './sparse-runs.ts';

/** All registers at 0, in one XZERO. */
export function emptyBytes(): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + 2);
  writeHeader(bytes, SPARSE);
  bytes[HEADER_BYTES] = 0x7f;
  bytes[HEADER_BYTES + 1] = 0xff;
  return bytes;
}

/** False after an error reply: `ref` holds no HyperLogLog. */
export function isHllAt(session: DataSession, ref: Ref, reply: ReplyWriter): boolean {
  if (!isKind(session, ref, Kind.string, reply)) return false;
  const db = session.db;
  const start = db.valueStart(ref);
  if (isHyperLogLog(db.page(ref), start, start + db.valueLength(ref))) return true;
  reply.error(errors.hllWrongType);
  return false;
}

/** The dense form of the sparse one at b[start..end), header kept; undefined when it is corrupt. */
function denseFromSparse(b: Buffer, start: number, end: number): Buffer | undefined {
  const dense = Buffer.alloc(DENSE_BYTES);
  b.copy(dense, 0, start, start + HEADER_BYTES);
  dense[4] = DENSE;
  const reader = new SparseReader(b, start, end);
  let index = 0;
  while (reader.next()) {
    if (reader.value > 0) {
      if (index + reader.run > REGISTERS) return undefined;
      for (let i = 0; i < reader.run; i++) {
        setDenseRegister(dense, HEADER_BYTES, index + i, reader.value);
      }
    }
    index += reader.run;
  }
  return index === REGISTERS ? dense : undefined;
}

/** Raises `registers` to those of the HyperLogLog at `ref`; false when it is corrupt. */
export function mergeInto(session: DataSession, ref: Ref, registers: Uint8Array): boolean {
  const db = session.db;
  const b = db.page(ref);
  const start = db.valueStart(ref);
  if (encodingAt(b, start) === SPARSE) {
    return mergeSparse(b, start, start + db.valueLength(ref), registers);
  }
  // Four registers in three bytes.
  let at = start + HEADER_BYTES;
  for (let i = 0; i < REGISTERS; i += 4, at += 3) {
    const r0 = b[at] & 63;
    const r1 = (b[at] >>> 6) | ((b[at + 1] & 15) << 2);
    const r2 = (b[at + 1] >>> 4) | ((b[at + 2] & 3) << 4);
    const r3 = b[at + 2] >>> 2;
    if (r0 > registers[i]) registers[i] = r0;
    if (r1 > registers[i + 1]) registers[i + 1] = r1;
    if (r2 > registers[i + 2]) registers[i + 2] = r2;
    if (r3 > registers[i + 3]) registers[i + 3] = r3;
  }
  return true;
}

/** One HyperLogLog under change; the keyspace sees it at `store`, or at once while it is dense there. */
export class HllEditor {
  /** The form could not be read: nothing may be stored. */
  isCorrupt = false;
  #sparse: SparseRuns | undefined;
  #bytes: Buffer;
  #start: number;
  /** The bytes are the keyspace's own. */
  #inPlace = false;
  readonly #maxSparseBytes: number;

  /** Of the value at `ref`, which `writeKey` gave; 0: of an empty one. */
  constructor(session: DataSession, ref: Ref) {
    const db = session.db;
    this.#maxSparseBytes = session.server.engine.settings.hllSparseMaxBytes;
    this.#bytes = ref === 0 ? emptyBytes() : db.page(ref);
    this.#start = ref === 0 ? 0 : db.valueStart(ref);
    const end = this.#start + (ref === 0 ? this.#bytes.length : db.valueLength(ref));
    if (encodingAt(this.#bytes, this.#start) === DENSE) this.#inPlace = true;
    else this.#sparse = new SparseRuns(this.#bytes, this.#start, end, this.#maxSparseBytes);
  }

  /** Raises one register; true when it was lower. */
  raise(index: number, value: number): boolean {
    if (this.#sparse !== undefined) {
      const outcome = this.#sparse.raise(index, value);
      if (outcome === 'changed' || outcome === 'unchanged') return outcome === 'changed';
      if (outcome === 'corrupt') this.isCorrupt = true;
      else this.makeDense();
      if (this.isCorrupt) return false;
    }
    return raiseDense(this.#bytes, this.#start + HEADER_BYTES, index, value);
  }

  makeDense(): void {
    const sparse = this.#sparse;
    if (sparse === undefined) return;
    const dense = denseFromSparse(sparse.bytes, 0, sparse.length);
    if (dense === undefined) {
      this.isCorrupt = true;
      return;
    }
    this.#sparse = undefined;
    this.#bytes = dense;
    this.#start = 0;
  }

  markStale(): void {
    if (this.#sparse !== undefined) markStale(this.#sparse.bytes, 0);
    else markStale(this.#bytes, this.#start);
  }

  /** Stores the result under the key at argument `i`. */
  store(session: DataSession, request: Request, i: number): void {
    if (this.#inPlace) return;
    const bytes = this.#sparse?.bytes ?? this.#bytes;
    const length = this.#sparse?.length ?? bytes.length;
    const { buffer, starts, ends } = request;
    const { raw } = Encoding;
    session.db.setString(buffer, starts[i], ends[i], bytes, 0, length, raw, KEEP_EXPIRY);
  }
}
