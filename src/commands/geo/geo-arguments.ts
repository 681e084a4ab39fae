// Arguments and replies that the geo commands share: positions, units, distances.

import type { Ref } from '../../engine/record.ts';
import { zsetScore } from '../../engine/zset-value.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import { formatLongDouble, longDoubleOf } from '../../util/long-double.ts';
import type { DataSession } from '../context.ts';
import { isPosition, type Position, positionOfScore } from './geo-cell.ts';

/** The position at arguments `i` and `i + 1`; undefined after an error reply. */
export function positionArgument(
  request: Request,
  i: number,
  reply: ReplyWriter,
): Position | undefined {
  const position = { longitude: request.double(i), latitude: request.double(i + 1) };
  const { longitude, latitude } = position;
  if (Number.isNaN(longitude) || Number.isNaN(latitude)) reply.error(errors.notFloat);
  else if (isPosition(position)) return position;
  else reply.error(errors.invalidPosition(fixed(longitude), fixed(latitude)));
  return undefined;
}

/** As C's %f. */
function fixed(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0.000000';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

const units: readonly (readonly [word: string, metres: number])[] = [
  ['M', 1],
  ['KM', 1000],
  ['FT', 0.3048],
  ['MI', 1609.34],
];

/** Metres of the unit at argument `i`; undefined after an error reply. */
export function unitArgument(request: Request, i: number, reply: ReplyWriter): number | undefined {
  const unit = units.find(([word]) => request.is(i, word));
  if (unit === undefined) reply.error(errors.unsupportedUnit);
  return unit?.[1];
}

/** Where the member at argument `i` lies; undefined when there is no such member. */
export function memberPosition(
  session: DataSession,
  ref: Ref,
  request: Request,
  i: number,
): Position | undefined {
  const { buffer, starts, ends } = request;
  const score = ref === 0 ? undefined : zsetScore(session.db, ref, buffer, starts[i], ends[i]);
  return score === undefined ? undefined : positionOfScore(score);
}

/** Four decimals, rounded to even: finer than the scores are. */
export function replyDistance(reply: ReplyWriter, value: number): void {
  const scaled = value * 10_000;
  let rounded = Math.round(scaled);
  if (rounded - scaled === 0.5 && rounded % 2 !== 0) rounded--;
  const digits = String(rounded).padStart(5, '0');
  reply.text(`${digits.slice(0, -4)}.${digits.slice(-4)}`);
}

export function replyPosition(reply: ReplyWriter, { longitude, latitude }: Position): void {
  reply.array(2);
  reply.doubleText(formatLongDouble(longDoubleOf(longitude)));
  reply.doubleText(formatLongDouble(longDoubleOf(latitude)));
}
