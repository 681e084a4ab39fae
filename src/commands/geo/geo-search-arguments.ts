// The arguments of a search around a position: where, how far, and what to say of what is found.

import type { Ref } from '../../engine/record.ts';
import { errors } from '../../protocol/errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';
import type { Request } from '../../protocol/request.ts';
import type { DataSession } from '../context.ts';
import { memberPosition, positionArgument, unitArgument } from './geo-arguments.ts';
import type { Position, Shape } from './geo-cell.ts';

export interface SearchForm {
  readonly kind: 'search' | 'radius' | 'radiusByMember';
  readonly keyAt: number;
  /** Argument of the target; 0: none, or only by an option. */
  readonly storeAt: number;
  readonly mayStore: boolean;
}

export interface Search {
  readonly shape: Shape;
  readonly metresPerUnit: number;
  /** 0: all. */
  readonly count: number;
  /** Any `count` will do: the search ends with them. */
  readonly any: boolean;
  readonly order: 'none' | 'asc' | 'desc';
  readonly withDist: boolean;
  readonly withHash: boolean;
  readonly withCoord: boolean;
  /** Argument of the key to store under; 0: reply instead. */
  readonly storeAt: number;
  readonly storeDist: boolean;
}

/** Instead of the next argument, after an error reply. */
const FAILED = -1;
const NOWHERE: Position = { longitude: 0, latitude: 0 };

/** Reads the arguments behind the key in turn. */
class SearchParser {
  private readonly session: DataSession;
  private readonly request: Request;
  private readonly reply: ReplyWriter;
  private readonly ref: Ref;
  private readonly form: SearchForm;
  private center: Position | undefined;
  private origin: 'none' | 'member' | 'position' = 'none';
  private shapeKind: Shape['kind'] | undefined;
  private width = 0;
  private height = 0;
  private metresPerUnit = 1;
  private count = 0;
  private any = false;
  private order: Search['order'] = 'none';
  private withDist = false;
  private withHash = false;
  private withCoord = false;
  private storeAt: number;
  private storeDist = false;

  constructor(
    session: DataSession,
    request: Request,
    ref: Ref,
    form: SearchForm,
    reply: ReplyWriter,
  ) {
    this.session = session;
    this.request = request;
    this.ref = ref;
    this.form = form;
    this.reply = reply;
    this.storeAt = form.storeAt;
  }

  parse(): Search | undefined {
    let i = this.fixedArguments();
    while (i !== FAILED && i < this.request.count) i = this.option(i);
    if (i === FAILED || !this.isConsistent()) return undefined;
    const { count, any } = this;
    // The nearest are meant unless any will do.
    const order = count > 0 && this.order === 'none' && !any ? 'asc' : this.order;
    return {
      shape: {
        kind: this.shapeKind ?? 'circle',
        center: this.center ?? NOWHERE,
        width: this.width * this.metresPerUnit,
        height: this.height * this.metresPerUnit,
      },
      metresPerUnit: this.metresPerUnit,
      count,
      any,
      order,
      withDist: this.withDist,
      withHash: this.withHash,
      withCoord: this.withCoord,
      storeAt: this.storeAt,
      storeDist: this.storeDist,
    };
  }

  private fail(text: string): typeof FAILED {
    this.reply.error(text);
    return FAILED;
  }

  /** The arguments that have their place; where the options begin. */
  private fixedArguments(): number {
    const { request, form } = this;
    if (form.kind === 'search') return form.keyAt + 1;
    if (form.kind === 'radius') {
      this.center = positionArgument(request, 2, this.reply);
      return this.center === undefined ? FAILED : this.radius(4);
    }
    // Without the key there is no member to look for, but the options still decide on the reply.
    if (this.ref === 0) return 5;
    return this.fromMember(2) === FAILED ? FAILED : this.radius(3);
  }

  private fromMember(i: number): number {
    if (this.ref !== 0) {
      this.center = memberPosition(this.session, this.ref, this.request, i);
      if (this.center === undefined) return this.fail(errors.memberNotDecoded);
    }
    this.origin = 'member';
    return i + 1;
  }

  private radius(i: number): number {
    this.width = this.request.double(i);
    if (Number.isNaN(this.width)) return this.fail(errors.radiusNotNumeric);
    if (this.width < 0) return this.fail(errors.radiusIsNegative);
    this.shapeKind = 'circle';
    return this.unit(i + 1);
  }

  private box(i: number): number {
    this.width = this.request.double(i);
    this.height = this.request.double(i + 1);
    if (Number.isNaN(this.width)) return this.fail(errors.widthNotNumeric);
    if (Number.isNaN(this.height)) return this.fail(errors.heightNotNumeric);
    if (this.width < 0 || this.height < 0) return this.fail(errors.boxIsNegative);
    this.shapeKind = 'box';
    return this.unit(i + 2);
  }

  private unit(i: number): number {
    const metres = unitArgument(this.request, i, this.reply);
    if (metres === undefined) return FAILED;
    this.metresPerUnit = metres;
    return i + 1;
  }

  private option(i: number): number {
    const { request } = this;
    const left = request.count - i - 1;
    if (request.is(i, 'WITHDIST')) this.withDist = true;
    else if (request.is(i, 'WITHHASH')) this.withHash = true;
    else if (request.is(i, 'WITHCOORD')) this.withCoord = true;
    else if (request.is(i, 'ANY')) this.any = true;
    else if (request.is(i, 'ASC')) this.order = 'asc';
    else if (request.is(i, 'DESC')) this.order = 'desc';
    else if (left >= 1 && request.is(i, 'COUNT')) {
      this.count = request.integer(i + 1);
      if (Number.isNaN(this.count)) return this.fail(errors.notInteger);
      return this.count <= 0 ? this.fail(errors.geoCountNotPositive) : i + 2;
    } else if (this.form.kind === 'search') return this.searchOption(i, left);
    else if (left >= 1 && this.form.mayStore && this.isStore(i)) {
      this.storeDist = request.is(i, 'STOREDIST');
      this.storeAt = i + 1;
      return i + 2;
    } else return this.fail(errors.syntax);
    return i + 1;
  }

  private isStore(i: number): boolean {
    return this.request.is(i, 'STORE') || this.request.is(i, 'STOREDIST');
  }

  private searchOption(i: number, left: number): number {
    const { request, origin, shapeKind } = this;
    if (this.form.mayStore && request.is(i, 'STOREDIST')) {
      this.storeDist = true;
      return i + 1;
    }
    if (left >= 1 && origin !== 'position' && request.is(i, 'FROMMEMBER')) {
      return this.fromMember(i + 1);
    }
    if (left >= 2 && origin !== 'member' && request.is(i, 'FROMLONLAT')) {
      this.center = positionArgument(request, i + 1, this.reply);
      this.origin = 'position';
      return this.center === undefined ? FAILED : i + 3;
    }
    if (left >= 2 && shapeKind !== 'box' && request.is(i, 'BYRADIUS')) return this.radius(i + 1);
    if (left >= 3 && shapeKind !== 'circle' && request.is(i, 'BYBOX')) return this.box(i + 1);
    return this.fail(errors.syntax);
  }

  private isConsistent(): boolean {
    const { form, request } = this;
    const isSearch = form.kind === 'search';
    const name = request.text(0);
    let text: string | undefined;
    if (this.storeAt !== 0 && (this.withDist || this.withHash || this.withCoord)) {
      text = errors.storeExcludesWith(isSearch ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS');
    } else if (isSearch && this.origin === 'none') text = errors.oneOrigin(name);
    else if (isSearch && this.shapeKind === undefined) text = errors.oneShape(name);
    else if (this.any && this.count === 0) text = errors.anyNeedsCount;
    if (text !== undefined) this.reply.error(text);
    return text === undefined;
  }
}

/** Reads the arguments of a search; undefined after an error reply. */
export function parseSearch(
  session: DataSession,
  request: Request,
  ref: Ref,
  form: SearchForm,
  reply: ReplyWriter,
): Search | undefined {
  return new SearchParser(session, request, ref, form, reply).parse();
}
