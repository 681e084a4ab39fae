// Fills the record of streams from the servers, and tells what does not fit. It looks on by standing in
// front of two objects of each process, its history and its backlog; both do what they always do.

import type { Backlog } from '../../replication/backlog.ts';
import type { History, HistoryPoint } from '../../replication/history.ts';
import { ServerNode } from '../server-node.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { World } from '../world.ts';
import { perWorld } from './per-world.ts';
import { RecordedStream, StreamRecord } from './stream-record.ts';

export class StreamWatch {
  readonly record: StreamRecord = new StreamRecord();
  /** Told of what cannot be. */
  readonly onProblem: ((text: string) => void)[] = [];
  /** Told when a full synchronisation has replaced a node's data. */
  readonly onReplaced: ((node: string) => void)[] = [];
  readonly #world: World;

  static readonly of: (world: World) => StreamWatch = perWorld((world) => new StreamWatch(world));

  private constructor(world: World) {
    this.#world = world;
    for (const node of world.servers) this.#watch(node);
    world.onCreated.push((node) => this.#watch(node));
  }

  #watch(node: SimulatedNode): void {
    const replication = node instanceof ServerNode ? node.process?.parts.replication : undefined;
    if (replication === undefined) return;
    const { history, backlog } = replication;
    this.#stream(node.name, history);
    this.#watchHistory(node.name, history);
    const isMaster = (): boolean => replication.role === 'master';
    this.#watchBacklog(node.name, history, backlog, isMaster);
  }

  #stream(node: string, history: History, parent?: RecordedStream): RecordedStream {
    const { id, offset } = history;
    const { record } = this;
    const stream =
      record.get(id) ??
      record.begin(new RecordedStream(id, offset, parent, this.#world.nowMs, node));
    stream.noteReached(node, offset);
    return stream;
  }

  #watchHistory(node: string, history: History): void {
    const { shift, succeed, adopt, resume, changeId } = history;
    history.shift = (id: string): void => {
      const parent = this.#stream(node, history);
      shift.call(history, id);
      this.#stream(node, history, parent);
    };
    history.succeed = (point: HistoryPoint): void => {
      succeed.call(history, point);
      // Its own id was drawn before it knew where it goes on.
      this.#succeeded(node, history, point);
    };
    history.adopt = (point: HistoryPoint): void => {
      adopt.call(history, point);
      this.#stream(node, history);
      for (const hear of this.onReplaced) hear(node);
    };
    history.resume = (point: HistoryPoint): void => {
      resume.call(history, point);
      this.#stream(node, history);
    };
    history.changeId = (id: string): void => {
      changeId.call(history, id);
      this.#stream(node, history);
    };
  }

  #succeeded(node: string, history: History, point: HistoryPoint): void {
    const { id, offset } = history;
    const parent = this.record.get(point.id);
    this.record.replace(new RecordedStream(id, offset, parent, this.#world.nowMs, node));
    this.#stream(node, history);
  }

  #watchBacklog(node: string, history: History, backlog: Backlog, isMaster: () => boolean): void {
    const { append } = backlog;
    backlog.append = (bytes: Uint8Array, start: number, end: number): void => {
      append.call(backlog, bytes, start, end);
      const part = Buffer.from(bytes.subarray(start, end));
      this.#appended(node, history, isMaster(), backlog.endOffset - part.length, part);
      if (history.offset === backlog.endOffset) return;
      this.#problem(`${node} counts ${history.offset} bytes and has ${backlog.endOffset}`);
    };
  }

  #appended(node: string, history: History, isMaster: boolean, from: number, part: Buffer): void {
    const stream = this.#stream(node, history);
    const to = from + part.length;
    const known = Math.max(0, Math.min(part.length, stream.end - from));
    const at = stream.difference(from, part.subarray(0, known));
    const where = `history ${stream.id.slice(0, 8)}`;
    if (at >= 0) this.#problem(`${node} has another byte at ${at} of ${where} than others`);
    if (isMaster) {
      if (from < stream.end) this.#problem(`${node} writes ${from} of ${where} for a second time`);
      if (from > stream.end)
        this.#problem(`${node} skips from ${stream.end} to ${from} of ${where}`);
      else stream.append(part.subarray(known));
    } else if (to > stream.end) {
      this.#problem(`${node} is at ${to} of ${where}, its master wrote ${stream.end} only`);
    }
    stream.noteReached(node, to);
  }

  #problem(text: string): void {
    for (const hear of this.onProblem) hear(text);
  }
}
