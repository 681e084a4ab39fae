// A sorted set past its packed form (`skiplist` in Redis's words): a table from member to score and a
// tree over (score, member). The tree refers to the table's records, whose refs stay as they are for
// as long as the member lives, since a score always takes eight bytes.

import type { Ref } from './arena.ts';
import type { Dict } from './dict.ts';
import { NO_EXPIRY } from './record.ts';
import { ScoreTree } from './score-tree.ts';
import type { StoredObject } from './stored-object.ts';

const scoreBytes: Buffer = Buffer.alloc(8);
const scoreDouble = new Float64Array(scoreBytes.buffer, scoreBytes.byteOffset, 1);

export class SortedSet implements StoredObject {
  readonly members: Dict;
  readonly tree: ScoreTree;
  accountedBytes = 0;
  #treeFreed = false;
  /** What the search before found, 0 for nothing. */
  #found: Ref = 0;

  /** `members` must be empty and becomes this set's own. */
  constructor(members: Dict) {
    this.members = members;
    this.tree = new ScoreTree(members);
  }

  get memberTable(): Dict {
    return this.members;
  }

  get length(): number {
    return this.members.count;
  }

  /** Bytes outside the arena. */
  get memoryBytes(): number {
    return this.members.memoryBytes + 250;
  }

  /** The member's score; undefined when there is no such member. */
  score(b: Uint8Array, s: number, e: number): number | undefined {
    const ref = this.members.find(b, s, e);
    this.#found = ref;
    return ref === 0 ? undefined : this.scoreOf(ref);
  }

  /** The score in a record of `members`. */
  scoreOf(ref: Ref): number {
    const page = this.members.page(ref);
    const at = this.members.valueStart(ref);
    for (let i = 0; i < 8; i++) scoreBytes[i] = page[at + i];
    return scoreDouble[0];
  }

  /** Gives a member this score; true when the member is new. */
  set(b: Uint8Array, s: number, e: number, score: number): boolean {
    this.#found = this.members.find(b, s, e);
    return this.setFound(b, s, e, score);
  }

  /** The same right after `score` of this member: on a large set each search costs some cache misses. */
  setFound(b: Uint8Array, s: number, e: number, score: number): boolean {
    const { members, tree } = this;
    const found = this.#found;
    // A snapshot that is writing this set wants the segment as it is now.
    members.touchFound();
    if (found === 0) {
      scoreDouble[0] = score;
      const ref = members.records.create(0, 0, b, s, e, scoreBytes, 0, 8, NO_EXPIRY);
      members.insertFound(ref);
      tree.insert(score, ref, b, s, e);
      return true;
    }
    const old = this.scoreOf(found);
    if (old === score) return false;
    tree.remove(old, b, s, e);
    scoreDouble[0] = score;
    const page = members.page(found);
    const at = members.valueStart(found);
    for (let i = 0; i < 8; i++) page[at + i] = scoreBytes[i];
    tree.insert(score, found, b, s, e);
    return false;
  }

  delete(b: Uint8Array, s: number, e: number): boolean {
    const { members } = this;
    const found = members.find(b, s, e);
    if (found === 0) return false;
    members.touchFound();
    this.tree.remove(this.scoreOf(found), b, s, e);
    members.removeFound();
    members.records.free(found);
    return true;
  }

  /** Rank from 0 by ascending score; undefined when there is no such member. */
  rank(b: Uint8Array, s: number, e: number): number | undefined {
    const score = this.score(b, s, e);
    return score === undefined ? undefined : this.tree.rankOf(score, b, s, e);
  }

  free(budget: number): boolean {
    if (!this.#treeFreed) {
      this.#treeFreed = this.tree.free(budget);
      return false;
    }
    return this.members.free(budget);
  }

  clone(): SortedSet {
    const copy = new SortedSet(this.members.emptyLike());
    if (this.length === 0) return copy;
    this.tree.seek(0);
    for (let left = this.length; left > 0; left--) {
      const ref = this.tree.ref;
      const start = this.members.keyStart(ref);
      const end = start + this.members.keyLength(ref);
      copy.set(this.members.keyPage(ref), start, end, this.tree.score);
      this.tree.forward();
    }
    return copy;
  }
}
