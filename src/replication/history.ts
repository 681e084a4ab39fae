// Whose stream this node's data come from, and how far: two replication ids and an offset. It belongs to
// neither role, since it outlives their changes: a promoted replica goes on counting where it was, and
// under its second id it can still continue those who followed the master that it was itself a replica of.
//
// Offsets are bytes of the command stream. `offset` is the number of bytes so far, so the next byte has
// the offset `offset + 1`: a replica that has them all asks for that one (PSYNC counts from 1).

/** What is remembered of a history: its id and how far it went. */
export interface HistoryPoint {
  /** 40 hexadecimal digits. */
  readonly id: string;
  readonly offset: number;
}

/** What `canContinue` asks of the backlog. */
export interface StreamWindow {
  readonly isOpen: boolean;
  /** The offset of its first byte, from 1. */
  readonly firstByte: number;
  /** Bytes in it. */
  readonly length: number;
}

export type Continuation =
  | { readonly kind: 'possible' }
  | { readonly kind: 'unknownId'; readonly reason: string }
  | { readonly kind: 'divergedLater'; readonly reason: string }
  | { readonly kind: 'outsideBacklog'; readonly isAhead: boolean };

/** The second id of a node that has none. */
export const NO_ID: string = '0'.repeat(40);

export class History {
  /** 40 hexadecimal digits. */
  id: string;
  /** Bytes of the stream so far: master_repl_offset. */
  offset = 0;
  /** The history before this one, which is the same up to `secondOffset`; NO_ID: none. */
  secondId: string = NO_ID;
  /** The first offset that the second id must not be asked beyond; -1 without a second id. */
  secondOffset = -1;

  constructor(id: string) {
    this.id = id;
  }

  /** That many further bytes of the stream. */
  feed(bytes: number): void {
    this.offset += bytes;
  }

  /** A history that has nothing to do with what was before. */
  changeId(id: string): void {
    this.id = id;
    this.forgetSecond();
  }

  forgetSecond(): void {
    this.secondId = NO_ID;
    this.secondOffset = -1;
  }

  /** A promotion, or a master that goes its own way under `id`: the past stays true up to here. */
  shift(id: string): void {
    this.secondId = this.id;
    this.secondOffset = this.offset + 1;
    this.id = id;
  }

  /** A full synchronisation: the data are the master's, and so is the history. */
  adopt(point: HistoryPoint): void {
    this.changeId(point.id);
    this.offset = point.offset;
  }

  /** The data are what they were at `point`, and this node was not its author (a restarted replica). */
  resume(point: HistoryPoint): void {
    this.id = point.id;
    this.offset = point.offset;
  }

  /** A restarted master: it writes a history of its own from where the saved one ends. */
  succeed(point: HistoryPoint): void {
    this.secondId = point.id;
    this.secondOffset = point.offset + 1;
    this.offset = point.offset;
  }

  /** Whether a replica that knows `id` up to `offset - 1` can go on from the backlog. */
  canContinue(id: string, offset: number, backlog: StreamWindow): Continuation {
    if (id !== this.id) {
      if (id !== this.secondId) {
        const reason = `Replication ID mismatch (Replica asked for '${id}', my replication IDs are '${this.id}' and '${this.secondId}')`;
        return { kind: 'unknownId', reason };
      }
      if (offset > this.secondOffset) {
        const reason = `Requested offset for second ID was ${offset}, but I can reply up to ${this.secondOffset}`;
        return { kind: 'divergedLater', reason };
      }
    }
    const { isOpen, firstByte, length } = backlog;
    if (isOpen && offset >= firstByte && offset <= firstByte + length) return { kind: 'possible' };
    return { kind: 'outsideBacklog', isAhead: offset > this.offset };
  }
}
