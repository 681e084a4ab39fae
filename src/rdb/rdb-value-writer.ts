// Writes values as RDB knows them: packed ones as they lie in the arena, objects element by element. A
// collection can be written in slices: `openObject` gives a cursor that writes a part with every step.
//
// Which form a value takes depends on who shall load it: version 10 (the default) is read by Redis from
// 7.0, version 9 with plain encodings by Redis 5 and 6, version 11 is what Redis 7.2 writes.

import type { Dict } from '../engine/dict.ts';
import { LISTPACK_END, LISTPACK_HEADER, ListpackEntry, listpackCount } from '../engine/listpack.ts';
import type { Quicklist } from '../engine/quicklist.ts';
import { NodePlace } from '../engine/quicklist-chunks.ts';
import type { QuicklistNode } from '../engine/quicklist-node.ts';
import { Encoding, Kind, type Records, type Ref } from '../engine/record.ts';
import type { SortedSet } from '../engine/sorted-set.ts';
import type { StoredObject } from '../engine/stored-object.ts';
import type { Stream } from '../engine/stream.ts';
import { parseDouble } from '../util/double.ts';
import { NodeForm, RdbType } from './rdb-format.ts';
import type { RdbOutput } from './rdb-output.ts';
import { StreamCursor } from './rdb-stream-writer.ts';

/** The last version without listpacks. */
const PLAIN_VERSION = 9;
const SET_LISTPACK_VERSION = 11;

/** The type that a value is written as. */
export function rdbTypeOf(kind: number, encoding: number, version: number): number {
  const plain = version <= PLAIN_VERSION;
  switch (kind) {
    case Kind.string:
      return RdbType.string;
    case Kind.list:
      return plain ? RdbType.list : RdbType.listQuicklist2;
    case Kind.set:
      if (encoding === Encoding.intset) return RdbType.setIntset;
      return encoding === Encoding.listpack && version >= SET_LISTPACK_VERSION
        ? RdbType.setListpack
        : RdbType.set;
    case Kind.zset:
      return encoding === Encoding.listpack && !plain ? RdbType.zsetListpack : RdbType.zset2;
    case Kind.hash:
      return encoding === Encoding.listpack && !plain ? RdbType.hashListpack : RdbType.hash;
    default:
      if (plain) return RdbType.streamListpacks;
      return version >= SET_LISTPACK_VERSION ? RdbType.streamListpacks3 : RdbType.streamListpacks2;
  }
}

const entry = new ListpackEntry();
const second = new ListpackEntry();

/** Writes the whole value of a record without an object, without its type. */
export function writeValue(out: RdbOutput, records: Records, ref: Ref, version: number): void {
  const start = records.valueStart(ref);
  const page = records.page(ref);
  const encoding = records.encoding(ref);
  if (encoding !== Encoding.listpack) {
    out.string(page, start, start + records.valueLength(ref));
    return;
  }
  const type = rdbTypeOf(records.kind(ref), encoding, version);
  switch (type) {
    case RdbType.listQuicklist2:
      out.length(1);
      out.length(NodeForm.packed);
      out.string(page, start, start + records.valueLength(ref));
      return;
    case RdbType.hashListpack:
    case RdbType.zsetListpack:
    case RdbType.setListpack:
      out.string(page, start, start + records.valueLength(ref));
      return;
    default:
      writeElements(out, page, start, type);
  }
}

/** The elements of the listpack at page[start] one by one, for readers that know no listpacks. */
function writeElements(out: RdbOutput, page: Buffer, start: number, type: number): void {
  const count = listpackCount(page, start);
  const isPairs = type === RdbType.hash || type === RdbType.zset2;
  out.length(isPairs ? count / 2 : count);
  let p = start + LISTPACK_HEADER;
  while (page[p] !== LISTPACK_END) {
    p = entry.load(page, p);
    out.string(entry.bytes, entry.start, entry.end);
    if (!isPairs) continue;
    p = second.load(page, p);
    if (type === RdbType.hash) out.string(second.bytes, second.start, second.end);
    else out.double(parseDouble(second.bytes, second.start, second.end));
  }
}

/** A collection on its way into a stream. */
export interface ObjectCursor {
  /** Writes about `budget` elements more; true when all are written. */
  step(out: RdbOutput, budget: number): boolean;
}

/** Begins to write an object: its length now, its elements with the steps of the cursor. */
export function openObject(
  out: RdbOutput,
  kind: number,
  object: StoredObject,
  version: number,
): ObjectCursor {
  switch (kind) {
    case Kind.list:
      return new ListCursor(out, object as Quicklist, version);
    case Kind.zset:
      out.length(object.length);
      return new SortedSetCursor(object as SortedSet);
    case Kind.stream:
      return new StreamCursor(out, object as Stream, version);
    default:
      out.length(object.length);
      return new DictCursor(object as Dict, kind);
  }
}

/** Writes one member of a set's, a hash's or a sorted set's table. */
export function writeMember(out: RdbOutput, dict: Dict, ref: Ref, kind: number): void {
  const ks = dict.keyStart(ref);
  out.string(dict.keyPage(ref), ks, ks + dict.keyLength(ref));
  if (kind === Kind.set) return;
  const vs = dict.valueStart(ref);
  // The table of a sorted set holds the score as RDB does: a double in eight bytes.
  if (kind === Kind.zset) out.raw(dict.page(ref), vs, vs + 8);
  else out.string(dict.page(ref), vs, vs + dict.valueLength(ref));
}

class DictCursor implements ObjectCursor {
  readonly #dict: Dict;
  readonly #kind: number;
  #position = 0;

  constructor(dict: Dict, kind: number) {
    this.#dict = dict;
    this.#kind = kind;
  }

  step(out: RdbOutput, budget: number): boolean {
    const dict = this.#dict;
    const kind = this.#kind;
    let left = budget;
    while (left > 0 && this.#position < 0x100000000) {
      const { segment, next } = dict.segmentAt(this.#position);
      dict.forEachIn(segment, (ref) => {
        writeMember(out, dict, ref, kind);
        left--;
      });
      this.#position = next;
    }
    return this.#position >= 0x100000000;
  }
}

/** From the highest score down, as Redis does: its reader then inserts at the head each time. */
class SortedSetCursor implements ObjectCursor {
  readonly #set: SortedSet;
  #rank: number;

  constructor(set: SortedSet) {
    this.#set = set;
    this.#rank = set.length;
  }

  step(out: RdbOutput, budget: number): boolean {
    const { tree, members } = this.#set;
    if (this.#rank === 0) return true;
    tree.seek(this.#rank - 1);
    for (let left = budget; left > 0; left--) {
      writeMember(out, members, tree.ref, Kind.zset);
      if (--this.#rank === 0) return true;
      tree.backward();
    }
    return false;
  }
}

class ListCursor implements ObjectCursor {
  readonly #list: Quicklist;
  readonly #place: NodePlace = new NodePlace();
  readonly #isPlain: boolean;
  #isOver: boolean;
  /** The nodes that were left when the list was about to change. */
  #kept: QuicklistNode[] | undefined;
  #next = 0;

  constructor(out: RdbOutput, list: Quicklist, version: number) {
    this.#list = list;
    this.#isPlain = version <= PLAIN_VERSION;
    this.#isOver = list.nodes.nodeCount === 0;
    out.length(this.#isPlain ? list.length : list.nodes.nodeCount);
    list.nodes.toFirst(this.#place);
  }

  step(out: RdbOutput, budget: number): boolean {
    for (let left = budget; left > 0; ) {
      const node = this.#node();
      if (node === undefined) return true;
      left -= node.count;
      if (this.#isPlain) writeNodeElements(out, node);
      else writeNode(out, node);
      if (this.#kept !== undefined) this.#next++;
      else this.#isOver = !this.#list.nodes.forward(this.#place);
    }
    return this.#node() === undefined;
  }

  #node(): QuicklistNode | undefined {
    if (this.#kept !== undefined) return this.#kept[this.#next];
    return this.#isOver ? undefined : this.#list.nodes.at(this.#place);
  }

  /** The list is about to change: what is left of it is kept as it is now. */
  detach(): void {
    if (this.#kept !== undefined) return;
    const kept: QuicklistNode[] = [];
    for (let node = this.#node(); node !== undefined; node = this.#node()) {
      node.isShared = true;
      kept.push(node);
      this.#isOver = !this.#list.nodes.forward(this.#place);
    }
    this.#kept = kept;
  }
}

/** Prepares a cursor for a change of its object. Tables need no preparation: they tell of segments. */
export function detachCursor(cursor: ObjectCursor): void {
  if (cursor instanceof ListCursor || cursor instanceof StreamCursor) cursor.detach();
}

function writeNode(out: RdbOutput, node: QuicklistNode): void {
  out.length(node.plain ? NodeForm.plain : NodeForm.packed);
  if (node.compressed) out.compressed(node.buffer, 0, node.buffer.length, node.bytes);
  else out.string(node.buffer, node.start, node.start + node.bytes);
}

function writeNodeElements(out: RdbOutput, node: QuicklistNode): void {
  let { buffer, start } = node;
  if (node.compressed) {
    buffer = Buffer.allocUnsafeSlow(node.bytes);
    node.expand(buffer);
    start = 0;
  }
  if (node.plain) {
    out.string(buffer, start, start + node.bytes);
    return;
  }
  for (let p = start + LISTPACK_HEADER; buffer[p] !== LISTPACK_END; ) {
    p = entry.load(buffer, p);
    out.string(entry.bytes, entry.start, entry.end);
  }
}
