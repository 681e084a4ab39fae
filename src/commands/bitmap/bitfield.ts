// BITFIELD and BITFIELD_RO: a string as an array of small integers. All operations are parsed before
// the first is carried out, so a bad one leaves the string alone.

import { type KeySpecFlag, key } from '../../dispatch/command.ts';
import { NotifyClass } from '../../engine/notify-class.ts';
import { Kind } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { parseInteger } from '../../util/integer.ts';
import {
  changedKey,
  type DataCommand,
  type DataSession,
  isKind,
  type Ref,
  readKey,
  writeKey,
} from '../context.ts';
import { makeRoom } from '../string/string-room.ts';
import { bitOffset } from './bit-arguments.ts';
import {
  type FieldType,
  fitBigint,
  fitNumber,
  fitsNumbers,
  type Overflow,
  readBigint,
  readNumber,
  writeBigint,
  writeNumber,
} from './bit-field.ts';

const SIGNED = 0x69;
const UNSIGNED = 0x75;
const EMPTY: Buffer = Buffer.alloc(0);
const NO_EVENT = 0;

interface FieldOperation {
  readonly word: 'GET' | 'SET' | 'INCRBY';
  readonly type: FieldType;
  readonly offset: number;
  readonly overflow: Overflow;
  /** SET's value or INCRBY's increment; `exact` only when it is no safe integer. */
  readonly operand: number;
  readonly exact: bigint | undefined;
}

interface FieldOperations {
  readonly list: readonly FieldOperation[];
  /** Bytes that the string needs for all writes; 0 when there are none. */
  readonly writtenBytes: number;
}

function parseType(request: Request, i: number): FieldType | undefined {
  const start = request.starts[i];
  const mark = request.length(i) > 1 ? request.buffer[start] : 0;
  if (mark !== SIGNED && mark !== UNSIGNED) return undefined;
  const signed = mark === SIGNED;
  const bits = parseInteger(request.buffer, start + 1, request.ends[i]);
  return bits >= 1 && bits <= (signed ? 64 : 63) ? { signed, bits } : undefined;
}

function parseOverflow(request: Request, i: number): Overflow | undefined {
  if (request.is(i, 'WRAP')) return 'WRAP';
  if (request.is(i, 'SAT')) return 'SAT';
  return request.is(i, 'FAIL') ? 'FAIL' : undefined;
}

/** The word at argument `i` when its arguments are all there. */
function operationWord(request: Request, i: number): FieldOperation['word'] | undefined {
  const left = request.count - i - 1;
  if (left >= 2 && request.is(i, 'GET')) return 'GET';
  if (left < 3) return undefined;
  if (request.is(i, 'SET')) return 'SET';
  return request.is(i, 'INCRBY') ? 'INCRBY' : undefined;
}

/** All operations; undefined after an error reply. */
function parseOperations(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
): FieldOperations | undefined {
  const list: FieldOperation[] = [];
  let overflow: Overflow = 'WRAP';
  let writtenBytes = 0;
  const fail = (text: string): undefined => {
    reply.error(text);
    return undefined;
  };
  for (let i = 2; i < request.count; ) {
    if (i + 1 < request.count && request.is(i, 'OVERFLOW')) {
      const mode = parseOverflow(request, i + 1);
      if (mode === undefined) return fail(errors.bitfieldOverflow);
      overflow = mode;
      i += 2;
      continue;
    }
    const word = operationWord(request, i);
    if (word === undefined) return fail(errors.syntax);
    const type = parseType(request, i + 1);
    if (type === undefined) return fail(errors.bitfieldType);
    const offset = bitOffset(session, request, i + 2, type.bits, reply);
    if (offset < 0) return undefined;
    let operand = 0;
    if (word !== 'GET') {
      operand = request.integer(i + 3);
      if (Number.isNaN(operand)) return fail(errors.notInteger);
      writtenBytes = Math.max(writtenBytes, Math.floor((offset + type.bits - 1) / 8) + 1);
    }
    const exact = Number.isSafeInteger(operand) ? undefined : request.int64(i + 3);
    list.push({ word, type, offset, overflow, operand, exact });
    i += word === 'GET' ? 3 : 4;
  }
  return { list, writtenBytes };
}

/** The string that operations work on. */
interface FieldString {
  readonly page: Buffer;
  readonly start: number;
  readonly end: number;
  /** It had to grow for the writes: the first of them changes it whatever it writes. */
  readonly hasGrown: boolean;
}

/** The string at `ref`, made long enough for all writes. */
function fieldString(
  session: DataSession,
  request: Request,
  found: Ref,
  writtenBytes: number,
): FieldString {
  const db = session.db;
  const hasGrown = writtenBytes > (found === 0 ? 0 : db.valueLength(found));
  const ref = writtenBytes > 0 ? makeRoom(session, request, 1, found, writtenBytes) : found;
  if (ref === 0) return { page: EMPTY, start: 0, end: 0, hasGrown };
  const start = db.valueStart(ref);
  return { page: db.page(ref), start, end: start + db.valueLength(ref), hasGrown };
}

function replyField(string: FieldString, operation: FieldOperation, reply: ReplyWriter): void {
  const { type, offset } = operation;
  const { page, start, end } = string;
  if (fitsNumbers(type, 0)) reply.integer(readNumber(page, start, end, offset, type));
  else reply.integer(readBigint(page, start, end, offset, type));
}

/** SET replies with the old value, INCRBY with the new one, both with null when that does not fit. True: changed. */
function writeField(string: FieldString, operation: FieldOperation, reply: ReplyWriter): boolean {
  const { word, type, offset, overflow, operand } = operation;
  if (!fitsNumbers(type, operand)) return writeWideField(string, operation, reply);
  const old = readNumber(string.page, string.start, string.end, offset, type);
  // A negative value for an unsigned field is a very large one: it saturates at the top.
  const wanted = word === 'SET' ? operand : old + operand;
  const isHuge = word === 'SET' && !type.signed && operand < 0 && overflow === 'SAT';
  const value = fitNumber(isHuge ? 2 ** type.bits : wanted, type, overflow);
  if (value === undefined) {
    reply.null();
    return false;
  }
  reply.integer(word === 'SET' ? old : value);
  writeNumber(string.page, string.start, offset, type.bits, value);
  return string.hasGrown || value !== old;
}

function writeWideField(
  string: FieldString,
  operation: FieldOperation,
  reply: ReplyWriter,
): boolean {
  const { word, type, offset, overflow } = operation;
  const operand = operation.exact ?? BigInt(operation.operand);
  const old = readBigint(string.page, string.start, string.end, offset, type);
  const set = type.signed ? operand : BigInt.asUintN(64, operand);
  const value =
    word === 'SET' ? fitBigint(set, 0n, type, overflow) : fitBigint(old, operand, type, overflow);
  if (value === undefined) {
    reply.null();
    return false;
  }
  reply.integer(word === 'SET' ? old : value);
  writeBigint(string.page, string.start, offset, type.bits, value);
  return string.hasGrown || value !== old;
}

function runBitfield(
  session: DataSession,
  request: Request,
  reply: ReplyWriter,
  readOnly: boolean,
) {
  const operations = parseOperations(session, request, reply);
  if (operations === undefined) return;
  const { list, writtenBytes } = operations;
  if (readOnly && writtenBytes > 0) return reply.error(errors.bitfieldReadOnly);
  const ref = writtenBytes > 0 ? writeKey(session, request, 1) : readKey(session, request, 1);
  if (ref !== 0 && !isKind(session, ref, Kind.string, reply)) return;
  const string = fieldString(session, request, ref, writtenBytes);
  let changes = 0;
  reply.array(list.length);
  for (const operation of list) {
    if (operation.word === 'GET') replyField(string, operation, reply);
    else if (writeField(string, operation, reply)) changes++;
  }
  if (changes > 0) changedKey(session, request, 1, NotifyClass.string, 'setbit', changes);
  // All writes failed, but the string has grown for them. Redis tells nobody; its replicas differ then.
  else if (string.hasGrown) changedKey(session, request, 1, NO_EVENT, '');
}

const READS: readonly KeySpecFlag[] = ['RO', 'access'];
const READS_AND_WRITES: readonly KeySpecFlag[] = ['RW', 'access', 'update'];

export const bitfield: DataCommand = {
  name: 'bitfield',
  summary: 'Reads, sets and increments integers of any width inside a string.',
  since: '3.2.0',
  group: 'bitmap',
  complexity: 'O(1) for each operation',
  arity: -2,
  flags: ['write', 'denyoom'],
  categories: ['bitmap'],
  keys: [
    {
      ...key('RW', 'update', 'access', 'variable_flags')[0],
      notes: 'Read only when there is nothing but GET',
    },
  ],
  keyFlags(request) {
    for (let i = 2; i < request.count; ) {
      const left = request.count - i - 1;
      if (left >= 2 && request.is(i, 'GET')) i += 3;
      else if (left >= 1 && request.is(i, 'OVERFLOW')) i += 2;
      else return READS_AND_WRITES;
    }
    return READS;
  },
  syntax:
    'key operation=[GET get-block=(encoding offset:integer)|write=([OVERFLOW overflow-block=<WRAP|SAT|FAIL>] write-operation=<SET set-block=(encoding offset:integer value:integer)|INCRBY incrby-block=(encoding offset:integer increment:integer)>)]...',
  run(session, request, reply) {
    runBitfield(session, request, reply, false);
  },
};

export const bitfieldRo: DataCommand = {
  name: 'bitfield_ro',
  summary: 'Reads integers of any width inside a string.',
  since: '6.0.0',
  group: 'bitmap',
  complexity: 'O(1) for each operation',
  arity: -2,
  flags: ['readonly', 'fast'],
  categories: ['bitmap'],
  keys: key('RO', 'access'),
  syntax: 'key [GET get-block=(encoding offset:integer)]...',
  run(session, request, reply) {
    runBitfield(session, request, reply, true);
  },
};
