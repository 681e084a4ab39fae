// For tests of what reads and writes RDB: keys of every kind, and the state of a database as text.

import type { Database } from '../engine/database.ts';
import { forEachField, setFields } from '../engine/hash-value.ts';
import { ListCursor } from '../engine/list-cursor.ts';
import { openList, pushElements } from '../engine/list-value.ts';
import { Encoding, encodingName, Kind } from '../engine/record.ts';
import { SetBuilder } from '../engine/set-builder.ts';
import { forEachMember } from '../engine/set-value.ts';
import { Stream } from '../engine/stream.ts';
import { StreamCursor } from '../engine/stream-cursor.ts';
import { StreamId } from '../engine/stream-id.ts';
import { ValueKey } from '../engine/value-key.ts';
import { zsetForEach, zsetLength, zsetSet } from '../engine/zset-value.ts';

export interface Content {
  readonly kind: string;
  readonly texts: readonly string[];
  readonly scores: readonly number[];
}

/** Stores the content under a key, through the same functions as commands. */
export function fill(db: Database, name: Buffer, { kind, texts, scores }: Content): void {
  const key = new ValueKey().set(db, name, 0, name.length);
  const words = texts.map((text) => Buffer.from(text, 'utf8'));
  const b = Buffer.concat(words);
  const ends = new Int32Array(words.length);
  let at = 0;
  words.forEach((word, i) => {
    at += word.length;
    ends[i] = at;
  });
  const starts = ends.map((end, i) => end - words[i].length);
  switch (kind) {
    case 'string':
      db.setString(name, 0, name.length, b, 0, b.length, Encoding.raw, -1);
      break;
    case 'list':
      pushElements(key, 0, b, starts, ends, 0, words.length, false);
      break;
    case 'set': {
      const builder = new SetBuilder();
      builder.startEmpty(db, Encoding.intset);
      for (let i = 0; i < words.length; i++) builder.add(b, starts[i], ends[i]);
      builder.store(key, 0);
      break;
    }
    case 'hash':
      if (words.length % 2 === 0) setFields(key, 0, b, starts, ends, 0, words.length);
      else setFields(key, 0, b, Int32Array.of(0, 0), Int32Array.of(ends[0], ends[0]), 0, 2);
      break;
    default:
      words.forEach((_, i) => {
        zsetSet(key, key.ref(), b, starts[i], ends[i], scores[i % scores.length]);
      });
  }
  db.engine.settle();
}

/** A stream with a deleted entry, two groups and entries pending for a consumer. */
export function fillStream(db: Database, name: Buffer): void {
  const stream = new Stream();
  const fields = Buffer.from('fieldvalueotherthing');
  const source = { buffer: fields, starts: [0, 5, 10, 15], ends: [5, 10, 15, 20] };
  for (let i = 1; i <= 300; i++) {
    stream.append(StreamId.from(1_700_000_000_000 + (i >> 2), i), source, 0, 1 + (i & 1), {
      streamNodeMaxBytes: 4096,
      streamNodeMaxEntries: 100,
    });
  }
  stream.delete(StreamId.from(1_700_000_000_002, 10));
  const group = stream.addGroup('group', StreamId.from(1_700_000_000_003, 12), 12);
  stream.addGroup('fresh', StreamId.from(0, 0), -1);
  const consumer = group.addConsumer('consumer', 1_700_000_000_123);
  consumer.activeMs = 1_700_000_000_100;
  group.addConsumer('idle', 1_700_000_000_001);
  for (let i = 8; i < 11; i++) {
    const id = StreamId.from(1_700_000_000_002, i);
    group.assign(group.addPending(id, 1_700_000_000_050, i), consumer);
  }
  db.setObject(name, 0, name.length, Kind.stream, Encoding.stream, stream);
  db.engine.settle();
}

/** Everything in a database, by key; the same text for equal values. `version` 9: fewer facts are kept. */
export function stateOf(db: Database, version = 11): Record<string, string> {
  const state: Record<string, string> = {};
  db.table.forEach((ref) => {
    const name = db.copyKey(ref).toString('latin1');
    // How a string was made shows in its form, and is not saved.
    const form = db.kind(ref) === Kind.string ? 'string' : encodingName(db.encoding(ref));
    state[name] = `${form} ${db.expiry(ref)} ${contentOf(db, ref, version)}`;
  });
  return state;
}

function contentOf(db: Database, ref: number, version: number): string {
  const parts: string[] = [];
  const add = (one: { bytes: Buffer; start: number; end: number }): void => {
    parts.push(one.bytes.toString('hex', one.start, one.end));
  };
  switch (db.kind(ref)) {
    case Kind.string: {
      const start = db.valueStart(ref);
      return db.page(ref).toString('hex', start, start + db.valueLength(ref));
    }
    case Kind.list: {
      const cursor = new ListCursor();
      openList(cursor, db, ref, 0, true);
      while (cursor.next()) add(cursor.load());
      return parts.join();
    }
    case Kind.set:
      forEachMember(db, ref, add);
      return parts.sort().join();
    case Kind.hash:
      forEachField(db, ref, (field, value) => {
        add(field);
        add(value);
        parts.push(`${parts.splice(-2).join('=')}`);
      });
      return parts.sort().join();
    case Kind.zset:
      zsetForEach(db, ref, 0, zsetLength(db, ref), false, (member, score) => {
        add(member);
        parts.push(String(Object.is(score, -0) ? 0 : score));
      });
      return parts.join();
    default:
      return streamText(db.object(ref) as Stream, version);
  }
}

function idText(id: StreamId): string {
  return [id.msHigh, id.msLow, id.seqHigh, id.seqLow].join('.');
}

function streamText(stream: Stream, version: number): string {
  const cursor = new StreamCursor();
  const parts: string[] = [String(stream.length), idText(stream.lastId)];
  cursor.open(stream, undefined, undefined);
  while (cursor.next()) {
    parts.push(idText(cursor.id));
    for (let i = 0; i < cursor.pairs; i++) {
      cursor.readPair();
      const { field, value } = cursor;
      parts.push(field.bytes.toString('latin1', field.start, field.end));
      parts.push(value.bytes.toString('latin1', value.start, value.end));
    }
  }
  if (version > 9) parts.push(idText(stream.maxDeletedId), String(stream.entriesAdded));
  for (const group of stream.groups.sorted()) {
    parts.push(group.name, idText(group.lastId));
    if (version > 9) parts.push(String(group.entriesRead));
    group.pending.visit((one) => {
      parts.push(idText(one), `${one.deliveredMs} ${one.deliveries} ${one.consumer?.name}`);
    });
    for (const one of group.consumers.sorted()) {
      parts.push(`${one.name} ${one.seenMs} ${version > 10 ? one.activeMs : ''}`);
    }
  }
  return parts.join();
}
