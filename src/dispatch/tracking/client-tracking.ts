// CLIENT TRACKING, CACHING, GETREDIR and TRACKINGINFO: what their arguments mean. The CLIENT family
// calls these; it owns the command objects.

import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { TrackedSession, Tracking, TrackingOptions } from './tracking.ts';
import type { TrackingState } from './tracking-state.ts';

type Options = { -readonly [Name in keyof TrackingOptions]: TrackingOptions[Name] };

/** CLIENT TRACKING ON|OFF [REDIRECT id] [BCAST] [PREFIX p …] [OPTIN] [OPTOUT] [NOLOOP]. */
export function clientTracking<S extends TrackedSession>(
  tracking: Tracking<S>,
  session: S,
  sessionExists: (id: number) => boolean,
  request: Request,
  reply: ReplyWriter,
): void {
  const problem = changeTracking(tracking, session, sessionExists, request);
  if (problem === undefined) reply.ok();
  else reply.error(problem);
}

function changeTracking<S extends TrackedSession>(
  tracking: Tracking<S>,
  session: S,
  sessionExists: (id: number) => boolean,
  request: Request,
): string | undefined {
  const options = readOptions(request, sessionExists);
  if (typeof options === 'string') return options;
  if (request.is(2, 'ON')) {
    const problem = conflict(options, tracking.stateOf(session));
    if (problem === undefined) tracking.enable(session, options);
    return problem;
  }
  if (!request.is(2, 'OFF')) return errors.syntax;
  tracking.disable(session);
  return undefined;
}

/** The options, or the error text. */
function readOptions(
  request: Request,
  sessionExists: (id: number) => boolean,
): TrackingOptions | string {
  const prefixes: string[] = [];
  const options: Options = {
    bcast: false,
    optin: false,
    optout: false,
    noloop: false,
    redirect: 0,
    prefixes,
  };
  for (let i = 3; i < request.count; i++) {
    const hasValue = i + 1 < request.count;
    if (request.is(i, 'REDIRECT') && hasValue) {
      if (options.redirect !== 0) return errors.trackingOneRedirect;
      options.redirect = request.integer(++i);
      if (Number.isNaN(options.redirect)) return errors.notInteger;
      if (!sessionExists(options.redirect)) return errors.trackingNoRedirect;
    } else if (request.is(i, 'BCAST')) options.bcast = true;
    else if (request.is(i, 'OPTIN')) options.optin = true;
    else if (request.is(i, 'OPTOUT')) options.optout = true;
    else if (request.is(i, 'NOLOOP')) options.noloop = true;
    else if (request.is(i, 'PREFIX') && hasValue) prefixes.push(request.text(++i));
    else return errors.syntax;
  }
  return options;
}

/** Why these options cannot be, among each other or after those in force; undefined when they can. */
function conflict(options: TrackingOptions, state: TrackingState | undefined): string | undefined {
  const { bcast, optin, optout, prefixes } = options;
  if (!bcast && prefixes.length > 0) return errors.trackingPrefixNeedsBcast;
  if (state !== undefined && state.bcast !== bcast) return errors.trackingBcastSwitch;
  if (bcast && (optin || optout)) return errors.trackingBcastWithOpt;
  if (optin && optout) return errors.trackingOptInAndOut;
  if (state !== undefined && ((optin && state.optout) || (optout && state.optin))) {
    return errors.trackingOptSwitch;
  }
  return bcast ? overlap(prefixes, state?.prefixes ?? []) : undefined;
}

/** Two prefixes of a session must not both match a key: it would be told twice. */
function overlap(prefixes: readonly string[], existing: readonly string[]): string | undefined {
  for (const [index, prefix] of prefixes.entries()) {
    const known = existing.find((other) => collide(prefix, other));
    if (known !== undefined) return errors.trackingPrefixOverlap(prefix, known);
    const twin = prefixes.slice(index + 1).find((other) => collide(prefix, other));
    if (twin !== undefined) return errors.trackingPrefixesOverlap(prefix, twin);
  }
  return undefined;
}

function collide(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

/** CLIENT CACHING YES|NO. */
export function clientCaching(
  state: TrackingState | undefined,
  request: Request,
  reply: ReplyWriter,
): void {
  const problem = cachingProblem(state, request);
  if (problem !== undefined) {
    reply.error(problem);
    return;
  }
  state!.caching = true;
  reply.ok();
}

function cachingProblem(state: TrackingState | undefined, request: Request): string | undefined {
  if (state === undefined) return errors.cachingNeedsOpt;
  if (request.is(2, 'YES')) return state.optin ? undefined : errors.cachingYesNeedsOptIn;
  if (request.is(2, 'NO')) return state.optout ? undefined : errors.cachingNoNeedsOptOut;
  return errors.syntax;
}

/** CLIENT GETREDIR's number: -1 without tracking, 0 without redirection. */
export function trackingRedirect(state: TrackingState | undefined): number {
  return state?.redirect ?? -1;
}

/** CLIENT TRACKINGINFO. */
export function clientTrackingInfo(state: TrackingState | undefined, reply: ReplyWriter): void {
  const flags = trackingFlags(state);
  const prefixes = state?.prefixes ?? [];
  reply.map(3);
  reply.text('flags');
  reply.set(flags.length);
  for (const flag of flags) reply.text(flag);
  reply.text('redirect');
  reply.integer(trackingRedirect(state));
  reply.text('prefixes');
  reply.array(prefixes.length);
  for (const prefix of prefixes) reply.text(prefix);
}

function trackingFlags(state: TrackingState | undefined): string[] {
  if (state === undefined) return ['off'];
  const flags = ['on'];
  if (state.bcast) flags.push('bcast');
  if (state.optin) flags.push('optin', ...(state.caching ? ['caching-yes'] : []));
  if (state.optout) flags.push('optout', ...(state.caching ? ['caching-no'] : []));
  if (state.noloop) flags.push('noloop');
  if (state.brokenRedirect) flags.push('broken_redirect');
  return flags;
}
