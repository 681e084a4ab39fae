// The options that SET and GETEX share, and the expiry they ask for. A parsed form is one small
// integer: these run on hot paths, where an object a request would be garbage.

import type { Request } from '../../protocol/request.ts';

export const SetOption = {
  nx: 1,
  xx: 2,
  get: 4,
  keepTtl: 8,
  persist: 16,
  ex: 32,
  px: 64,
  exAt: 128,
  pxAt: 256,
} as const;

/** Any of the options that carry a time. */
export const TIMED: number = SetOption.ex | SetOption.px | SetOption.exAt | SetOption.pxAt;

/** The position of the time argument lies above the flags. */
const POSITION_SHIFT = 9;

/** What options other than itself each option with a time excludes; repeating one is allowed, the last wins. */
const UNTIMED_RIVALS = SetOption.keepTtl | SetOption.persist;

export const BAD_OPTIONS = -1;

/** Flags and time position of the options from argument `from`, or BAD_OPTIONS. */
export function parseSetOptions(request: Request, from: number, forGet: boolean): number {
  let flags = 0;
  let timeAt = 0;
  for (let i = from; i < request.count; i++) {
    if (!forGet && request.is(i, 'NX') && !(flags & SetOption.xx)) flags |= SetOption.nx;
    else if (!forGet && request.is(i, 'XX') && !(flags & SetOption.nx)) flags |= SetOption.xx;
    else if (!forGet && request.is(i, 'GET')) flags |= SetOption.get;
    else if (!forGet && request.is(i, 'KEEPTTL') && !(flags & TIMED)) flags |= SetOption.keepTtl;
    else if (forGet && request.is(i, 'PERSIST') && !(flags & TIMED)) flags |= SetOption.persist;
    else {
      const option = timedOption(request, i);
      const rivals = UNTIMED_RIVALS | (TIMED & ~option);
      if (option === 0 || flags & rivals || i + 1 >= request.count) return BAD_OPTIONS;
      flags |= option;
      timeAt = ++i;
    }
  }
  return flags | (timeAt << POSITION_SHIFT);
}

/** Argument position of the time in parsed options; 0 when there is none. */
export function timePosition(options: number): number {
  return options >> POSITION_SHIFT;
}

function timedOption(request: Request, i: number): number {
  if (request.is(i, 'EX')) return SetOption.ex;
  if (request.is(i, 'PX')) return SetOption.px;
  if (request.is(i, 'EXAT')) return SetOption.exAt;
  if (request.is(i, 'PXAT')) return SetOption.pxAt;
  return 0;
}
