// The options that XADD and XTRIM share, and how a trimming is propagated: an approximate one is rewritten
// to the exact one that has the same result, since another node's nodes may be cut elsewhere.

import type { Argument } from '../../dispatch/session.ts';
import type { Stream } from '../../engine/stream.ts';
import { StreamId } from '../../engine/stream-id.ts';
import type { StreamTrimming } from '../../engine/stream-trim.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataSession } from '../context.ts';
import { FIRST_SEQUENCE, type IdForm, idArgument, isSign, parseId } from './stream-arguments.ts';

/** An approximate trimming without LIMIT takes this many nodes' worth of entries at most. */
const NODES_AT_ONCE = 100;
const LIMIT_WITHOUT_NODE_SIZE = 10_000;
const GREATEST_LIMIT = 1_000_000;

/** Made once and parsed into anew: an XADD costs no object. */
export class TrimArguments implements StreamTrimming {
  /** Argument of the threshold; 0: no trimming. */
  thresholdAt = 0;
  maxLength: number | undefined = undefined;
  readonly minId: StreamId = new StreamId();
  approximate = false;
  limit = 0;
  /** XADD's id: '*' is undefined. */
  idForm: IdForm | undefined = undefined;
  readonly id: StreamId = new StreamId();
  noMkstream = false;
  #limitGiven = false;

  /** Reads the options; the position of XADD's id or the end, or 0 after an error reply. */
  parse(session: DataSession, request: Request, forAdd: boolean, reply: ReplyWriter): number {
    this.thresholdAt = 0;
    this.maxLength = undefined;
    this.approximate = false;
    this.limit = 0;
    this.#limitGiven = false;
    this.idForm = undefined;
    this.noMkstream = false;
    const at = this.#parseOptions(request, forAdd, reply);
    return at > 0 && this.#settleLimit(session, forAdd, reply) ? at : 0;
  }

  #parseOptions(request: Request, forAdd: boolean, reply: ReplyWriter): number {
    let i = 2;
    for (; i < request.count; i++) {
      const more = request.count - 1 - i;
      if (forAdd && isSign(request, i, '*')) break;
      if (more > 0 && (request.is(i, 'MAXLEN') || request.is(i, 'MINID'))) {
        i = this.#parseThreshold(request, i, more, reply);
        if (i === 0) return 0;
      } else if (more > 0 && request.is(i, 'LIMIT')) {
        i++;
        this.limit = request.integer(i);
        this.#limitGiven = true;
        if (!(this.limit >= 0)) {
          reply.error(this.limit < 0 ? errors.trimLimitIsNegative : errors.notInteger);
          return 0;
        }
      } else if (!forAdd) {
        reply.error(errors.syntax);
        return 0;
      } else if (request.is(i, 'NOMKSTREAM')) {
        this.noMkstream = true;
      } else {
        return this.#parseId(request, i, reply) ? i : 0;
      }
    }
    return i;
  }

  /** MAXLEN or MINID at argument `i`; the last argument it takes, or 0 after an error reply. */
  #parseThreshold(request: Request, i: number, more: number, reply: ReplyWriter): number {
    if (this.thresholdAt > 0) {
      reply.error(errors.trimTwoStrategies);
      return 0;
    }
    this.approximate = more >= 2 && isSign(request, i + 1, '~');
    const at = this.approximate || (more >= 2 && isSign(request, i + 1, '=')) ? i + 2 : i + 1;
    if (request.is(i, 'MAXLEN')) {
      this.maxLength = request.integer(at);
      if (!(this.maxLength >= 0)) {
        reply.error(this.maxLength < 0 ? errors.trimMaxlenIsNegative : errors.notInteger);
        return 0;
      }
    } else if (!idArgument(request, at, this.minId, reply)) return 0;
    this.thresholdAt = at;
    return at;
  }

  #parseId(request: Request, i: number, reply: ReplyWriter): boolean {
    const { buffer, starts, ends } = request;
    this.idForm = parseId(buffer, starts[i], ends[i], FIRST_SEQUENCE, false, true, this.id);
    if (this.idForm === 'invalid') reply.error(errors.streamInvalidId);
    return this.idForm !== 'invalid';
  }

  #settleLimit(session: DataSession, forAdd: boolean, reply: ReplyWriter): boolean {
    const fail = (text: string): boolean => {
      reply.error(text);
      return false;
    };
    if (this.thresholdAt === 0) {
      if (this.limit > 0) return fail(errors.trimLimitWithoutStrategy);
      if (!forAdd) return fail(errors.trimWithoutStrategy);
    }
    // A master has said exactly what is to go.
    if (session.role === 'master') this.limit = 0;
    else if (this.#limitGiven) {
      if (!this.approximate) return fail(errors.trimLimitWhenExact);
    } else if (this.approximate) {
      const wanted = NODES_AT_ONCE * session.server.engine.settings.streamNodeMaxEntries;
      this.limit = wanted <= 0 ? LIMIT_WITHOUT_NODE_SIZE : Math.min(wanted, GREATEST_LIMIT);
    }
    return true;
  }

  /** Makes the trimming in a copy of the request the exact one that had the same result. */
  rewrite(args: Argument[], stream: Stream): void {
    if (!this.approximate) return;
    const at = this.thresholdAt;
    args[at - 1] = '=';
    if (this.maxLength !== undefined) {
      args[at] = stream.length;
      return;
    }
    const first = new StreamId();
    stream.firstStoredId(first);
    args[at] = first.toString();
  }
}

/** The request's arguments, to be changed and propagated. */
export function argumentsOf(request: Request): Argument[] {
  return Array.from({ length: request.count }, (_, i) => request.bytes(i));
}
