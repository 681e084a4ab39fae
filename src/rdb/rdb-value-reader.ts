// Reads one value in any encoding that RDB has had, from a source that may hold only a part of it yet.
// Every packed form is checked as a whole before anybody walks it: what the readers of the engine trust
// is established here.

import { intsetCount, isIntset } from '../engine/intset.ts';
import {
  LISTPACK_END,
  LISTPACK_HEADER,
  ListpackEntry,
  listpackCount,
  nextEntry,
} from '../engine/listpack.ts';
import { hasDistinctTuples, isListpack } from '../engine/listpack-check.ts';
import { Encoding, Kind } from '../engine/record.ts';
import { parseDouble } from '../util/double.ts';
import { NodeForm, RdbType, refusedTypeName } from './rdb-format.ts';
import type { RdbValueHandler } from './rdb-handler.ts';
import { ListpackBuilder, unpackZiplist, unpackZipmap } from './rdb-packed.ts';
import { NONE, type RdbSource, RdbString } from './rdb-source.ts';
import { RdbStreamReader } from './rdb-stream-reader.ts';

const NOT_BEGUN = -1;

export class RdbValueReader {
  readonly #source: RdbSource;
  readonly #handler: RdbValueHandler;
  readonly #deep: boolean;
  readonly #first: RdbString = new RdbString();
  readonly #second: RdbString = new RdbString();
  readonly #number = { value: 0 };
  readonly #entry: ListpackEntry = new ListpackEntry();
  readonly #listpack: ListpackBuilder = new ListpackBuilder();
  readonly #stream: RdbStreamReader;
  #type = 0;
  /** Elements that are yet to come. */
  #left = NOT_BEGUN;
  #count = 0;
  /** Whether an element of a list has come: nodes may be empty. */
  #hasElement = false;

  /** `deep` (sanitize-dump-payload): packed values are searched for duplicates too. */
  constructor(source: RdbSource, handler: RdbValueHandler, deep: boolean) {
    this.#source = source;
    this.#handler = handler;
    this.#deep = deep;
    this.#stream = new RdbStreamReader(source, handler);
  }

  /** Begins with a value of this type; false when there is none such, or none that can be loaded. */
  begin(type: number): boolean {
    this.#type = type;
    this.#left = NOT_BEGUN;
    this.#hasElement = false;
    const refused = refusedTypeName(type);
    if (refused !== undefined) this.#source.fail(`${refused} (type ${type}) cannot be loaded`);
    else if (type > RdbType.streamListpacks3 || type === 8) {
      this.#source.fail(`unknown value type ${type}`);
    } else if (isStream(type)) this.#stream.begin(type);
    return this.#source.failure === undefined;
  }

  /** Reads on; true when the value is complete. */
  step(): boolean {
    switch (this.#type) {
      case RdbType.string:
        if (!this.#source.string(this.#first)) return false;
        this.#handler.string(this.#first);
        return true;
      case RdbType.list:
      case RdbType.set:
      case RdbType.zset:
      case RdbType.zset2:
      case RdbType.hash:
      case RdbType.listQuicklist:
      case RdbType.listQuicklist2:
        return this.#counted();
      case RdbType.streamListpacks:
      case RdbType.streamListpacks2:
      case RdbType.streamListpacks3:
        return this.#stream.step();
      default:
        return this.#source.string(this.#first) && this.#whole();
    }
  }

  #counted(): boolean {
    const source = this.#source;
    if (this.#left === NOT_BEGUN) {
      const count = source.count();
      if (count === NONE) return false;
      source.commit();
      if (count === 0) {
        this.#handler.empty();
        return true;
      }
      this.#left = count;
      this.#count = count;
      if (!this.#isSinglyPacked()) this.#handler.begin(kindOf(this.#type), count);
    }
    while (this.#left > 0) {
      if (!this.#element() || source.failure !== undefined) return false;
      source.commit();
      this.#left--;
    }
    const isList = kindOf(this.#type) === Kind.list;
    if (isList && !this.#hasElement) this.#handler.empty();
    else if (!this.#isSinglyPacked()) this.#handler.end();
    return true;
  }

  /** A list of one node is told as a packed value: most lists are small. */
  #isSinglyPacked(): boolean {
    const type = this.#type;
    return (type === RdbType.listQuicklist || type === RdbType.listQuicklist2) && this.#count === 1;
  }

  #element(): boolean {
    const source = this.#source;
    switch (this.#type) {
      case RdbType.list:
      case RdbType.set:
        if (!source.string(this.#first)) return false;
        this.#hasElement = true;
        return this.#handler.element(this.#first) || this.#duplicate('member');
      case RdbType.hash:
        if (!source.string(this.#first) || !source.string(this.#second)) return false;
        return this.#handler.field(this.#first, this.#second) || this.#duplicate('field');
      case RdbType.zset:
        if (!source.string(this.#first) || !this.#textScore()) return false;
        return this.#scored();
      case RdbType.zset2:
        if (!source.string(this.#first) || !source.double(this.#number)) return false;
        return this.#scored();
      case RdbType.listQuicklist:
        return source.string(this.#first) && this.#ziplistNode();
      default:
        return this.#node();
    }
  }

  #duplicate(what: string): boolean {
    this.#source.fail(`the ${what} '${this.#first.text().slice(0, 64)}' comes twice`);
    return false;
  }

  #scored(): boolean {
    const score = this.#number.value;
    if (Number.isNaN(score)) {
      this.#source.fail('a score is not a number');
      return false;
    }
    return this.#handler.member(this.#first, score) || this.#duplicate('member');
  }

  /** A score as a byte of length and text; three lengths stand for what has no digits. */
  #textScore(): boolean {
    const source = this.#source;
    const length = source.byte();
    if (length === NONE) return false;
    if (length >= 253) {
      this.#number.value =
        length === 253
          ? Number.NaN
          : length === 254
            ? Number.POSITIVE_INFINITY
            : Number.NEGATIVE_INFINITY;
      return true;
    }
    if (!source.has(length)) return false;
    this.#number.value = parseDouble(source.buffer, source.at, source.at + length);
    source.at += length;
    return true;
  }

  #ziplistNode(): boolean {
    const lp = this.#listpack;
    const { bytes, start, end } = this.#first;
    lp.start();
    if (!unpackZiplist(bytes, start, end, lp)) return this.#damaged('Quicklist ziplist');
    lp.finish();
    this.#listNode(lp.bytes, 0, lp.length, lp.count);
    return true;
  }

  #node(): boolean {
    const source = this.#source;
    const form = source.count();
    if (form === NONE) return false;
    if (form !== NodeForm.packed && form !== NodeForm.plain) return this.#damaged('Quicklist');
    if (!source.string(this.#first)) return false;
    const { bytes, start, end } = this.#first;
    if (start === end) return this.#damaged('Quicklist');
    if (form === NodeForm.plain) {
      this.#hasElement = true;
      if (this.#isSinglyPacked()) {
        this.#handler.begin(Kind.list, 1);
        this.#handler.plainNode(this.#first);
        this.#handler.end();
      } else this.#handler.plainNode(this.#first);
      return true;
    }
    if (!isListpack(bytes, start, end)) return this.#damaged('Quicklist listpack');
    this.#listNode(bytes, start, end, listpackCount(bytes, start));
    return true;
  }

  #listNode(bytes: Buffer, start: number, end: number, count: number): void {
    if (count === 0) return;
    this.#hasElement = true;
    if (!this.#isSinglyPacked()) this.#handler.node(bytes, start, end);
    else this.#handler.packed(Kind.list, Encoding.listpack, bytes, start, end);
  }

  /** In the words of redis-server, whose log lines tools look for. */
  #damaged(what: string): boolean {
    this.#source.fail(`${what} integrity check failed.`);
    return false;
  }

  /** The value is one packed blob, in `#first`. */
  #whole(): boolean {
    const { bytes, start, end } = this.#first;
    switch (this.#type) {
      case RdbType.setIntset:
        // An empty one is no intset to the engine, but was saved by old versions.
        if (end - start === 8 && intsetCount(bytes, start) === 0) this.#handler.empty();
        else if (!isIntset(bytes, start, end)) return this.#damaged('Intset');
        else this.#handler.packed(Kind.set, Encoding.intset, bytes, start, end);
        return true;
      case RdbType.setListpack:
        return this.#packed(Kind.set, 1);
      case RdbType.hashListpack:
        return this.#packed(Kind.hash, 2);
      case RdbType.zsetListpack:
        return this.#packed(Kind.zset, 2);
      case RdbType.listZiplist:
        return this.#unpacked(Kind.list, 0);
      case RdbType.hashZiplist:
        return this.#unpacked(Kind.hash, 2);
      case RdbType.zsetZiplist:
        return this.#unpacked(Kind.zset, 2);
      default:
        return this.#unpacked(Kind.hash, 2);
    }
  }

  #packed(kind: number, width: number): boolean {
    const { bytes, start, end } = this.#first;
    if (!isListpack(bytes, start, end)) return this.#damaged(`${kindWord(kind)} listpack`);
    return this.#tuples(kind, width, bytes, start, end, this.#deep);
  }

  /** A ziplist or zipmap, as a listpack. */
  #unpacked(kind: number, width: number): boolean {
    const lp = this.#listpack;
    const { bytes, start, end } = this.#first;
    const isZipmap = this.#type === RdbType.hashZipmap;
    const unpack = isZipmap ? unpackZipmap : unpackZiplist;
    lp.start();
    if (!unpack(bytes, start, end, lp)) {
      return this.#damaged(isZipmap ? 'Zipmap' : `${kindWord(kind)} ziplist`);
    }
    lp.finish();
    return this.#tuples(kind, width, lp.bytes, 0, lp.length, width > 0);
  }

  #tuples(
    kind: number,
    width: number,
    bytes: Buffer,
    start: number,
    end: number,
    searches: boolean,
  ): boolean {
    const count = listpackCount(bytes, start);
    if (width === 2 && count % 2 !== 0) return this.#damaged(`${kindWord(kind)} listpack`);
    if (searches && width > 0 && !hasDistinctTuples(bytes, start, width)) {
      return this.#damaged(`${kindWord(kind)} listpack with duplicate elements:`);
    }
    if (kind === Kind.zset && !this.#hasScores(bytes, start)) {
      this.#source.fail('a score is not a number');
      return false;
    }
    if (count === 0) this.#handler.empty();
    else if (this.#type === RdbType.hashZipmap) this.#replayFields(bytes, start, count / 2);
    else this.#handler.packed(kind, Encoding.listpack, bytes, start, end);
    return true;
  }

  /** A zipmap's values may be longer than a listpack's are to be: field by field, that is found. */
  #replayFields(bytes: Buffer, start: number, count: number): void {
    this.#handler.begin(Kind.hash, count);
    const value = new ListpackEntry();
    for (let p = start + LISTPACK_HEADER; bytes[p] !== LISTPACK_END; ) {
      p = value.load(bytes, this.#entry.load(bytes, p));
      this.#first.set(this.#entry.bytes, this.#entry.start, this.#entry.end);
      this.#second.set(value.bytes, value.start, value.end);
      this.#handler.field(this.#first, this.#second);
    }
    this.#handler.end();
  }

  #hasScores(bytes: Buffer, start: number): boolean {
    const entry = this.#entry;
    let p = start + LISTPACK_HEADER;
    while (bytes[p] !== LISTPACK_END) {
      p = entry.load(bytes, nextEntry(bytes, p));
      if (entry.isInteger) continue;
      if (Number.isNaN(parseDouble(entry.bytes, entry.start, entry.end))) return false;
    }
    return true;
  }
}

function kindWord(kind: number): string {
  switch (kind) {
    case Kind.set:
      return 'Set';
    case Kind.zset:
      return 'Zset';
    case Kind.hash:
      return 'Hash';
    default:
      return 'List';
  }
}

function isStream(type: number): boolean {
  return (
    type === RdbType.streamListpacks ||
    type === RdbType.streamListpacks2 ||
    type === RdbType.streamListpacks3
  );
}

function kindOf(type: number): number {
  switch (type) {
    case RdbType.set:
      return Kind.set;
    case RdbType.zset:
    case RdbType.zset2:
      return Kind.zset;
    case RdbType.hash:
      return Kind.hash;
    default:
      return Kind.list;
  }
}
