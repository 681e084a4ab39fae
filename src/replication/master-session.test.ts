import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MasterSession, masterTable } from './master-session.ts';
import type {
  ReplicaEffect,
  ReplicaInput,
  ReplicaState,
  ReplicaStateKind,
} from './master-session-state.ts';

const ID = 'a'.repeat(40);
const POINT = { id: ID, offset: 1000 };

const states: { readonly [S in ReplicaStateKind]: ReplicaState } = {
  handshaking: { kind: 'handshaking' },
  waiting: { kind: 'waiting', sinceMs: 0 },
  saving: { kind: 'saving' },
  receiving: { kind: 'receiving', framing: 'mark' },
  confirming: { kind: 'confirming' },
  online: { kind: 'online', progressMs: 0 },
  gone: { kind: 'gone' },
};

const inputs: readonly ReplicaInput[] = [
  { kind: 'sync' },
  { kind: 'continue', id: ID, offset: 900 },
  { kind: 'snapshot', framing: 'mark', point: POINT },
  { kind: 'file' },
  { kind: 'sent' },
  { kind: 'ack', offset: 950, durable: 0 },
  { kind: 'tick', stalledMs: 0, sentOffset: 1000 },
  { kind: 'failed' },
  { kind: 'closed' },
];

function session(offset = 1000): MasterSession {
  return new MasterSession({
    timeoutMs: 60_000,
    name: () => '10.0.0.1:6380',
    offset: () => offset,
  });
}

/** What can be seen of the effects, one line each. */
function shown(effects: readonly ReplicaEffect[]): string[] {
  return effects.map((effect) => {
    if (effect.kind === 'log') return `${effect.level}: ${effect.text}`;
    if (effect.kind === 'send') return JSON.stringify(effect.text);
    if (effect.kind === 'hold') return `hold ${effect.offset}`;
    if (effect.kind === 'close') return effect.afterReplies ? 'close after replies' : 'close';
    return effect.kind;
  });
}

test('every cell leads where the table says, and only there', () => {
  for (const kind of Object.keys(states) as ReplicaStateKind[]) {
    for (const input of inputs) {
      const one = session();
      one.state = states[kind];
      one.step(70_000, input);
      const cell = masterTable[kind][input.kind];
      const allowed: readonly string[] = [...cell.to, kind];
      assert.ok(allowed.includes(one.state.kind), `${kind} ${input.kind} -> ${one.state.kind}`);
    }
  }
});

test('nothing is done any more for one that is gone', () => {
  for (const input of inputs) {
    const one = session();
    one.state = states.gone;
    assert.deepEqual(one.step(1, input), []);
  }
});

test('a diskless synchronisation: the stream begins with the first acknowledgement', () => {
  const one = session();
  one.step(0, { kind: 'sync' });
  assert.equal(one.shownState, 'wait_bgsave');
  assert.deepEqual(shown(one.step(10, { kind: 'tick', stalledMs: 0, sentOffset: 0 })), ['"\\n"']);
  assert.deepEqual(shown(one.step(20, { kind: 'snapshot', framing: 'mark', point: POINT })), [
    `"+FULLRESYNC ${ID} 1000\\r\\n"`,
    'hold 1000',
  ]);
  assert.deepEqual(shown(one.step(25, { kind: 'tick', stalledMs: 0, sentOffset: 0 })), []);
  assert.equal(one.shownState, 'wait_bgsave');
  assert.deepEqual(shown(one.step(30, { kind: 'sent' })), [
    'notice: Streamed RDB transfer with replica 10.0.0.1:6380 succeeded (socket). Waiting for REPLCONF ACK from replica to enable streaming',
    'notice: Synchronization with replica 10.0.0.1:6380 succeeded',
  ]);
  assert.equal(one.shownState, 'online');
  assert.deepEqual(shown(one.step(40, { kind: 'ack', offset: 1000, durable: 0 })), ['stream']);
  assert.equal(one.ackOffset, 1000);
});

test('by way of a file: newlines while it is written, the stream right behind it', () => {
  const one = session();
  one.step(0, { kind: 'sync' });
  one.step(20, { kind: 'snapshot', framing: 'length', point: POINT });
  assert.deepEqual(shown(one.step(25, { kind: 'tick', stalledMs: 0, sentOffset: 0 })), ['"\\n"']);
  assert.deepEqual(shown(one.step(30, { kind: 'file' })), ['sendFile']);
  assert.equal(one.shownState, 'send_bulk');
  assert.deepEqual(shown(one.step(40, { kind: 'sent' })), [
    'notice: Synchronization with replica 10.0.0.1:6380 succeeded',
    'stream',
  ]);
});

test('one that only wants the snapshot gets no stream and is closed behind it', () => {
  const one = session();
  one.facts.rdbOnly = true;
  one.facts.isOld = true;
  one.step(0, { kind: 'sync' });
  const begun = one.step(1, { kind: 'snapshot', framing: 'mark', point: POINT });
  assert.deepEqual(shown(begun), []);
  const sent = shown(one.step(2, { kind: 'sent' }));
  assert.equal(sent.at(-1), 'close after replies');
  assert.equal(one.state.kind, 'gone');
});

test('+CONTINUE names the id only to those who can take it', () => {
  for (const takesNewId of [false, true]) {
    const one = session();
    one.facts.takesNewId = takesNewId;
    assert.deepEqual(shown(one.step(0, { kind: 'continue', id: ID, offset: 901 })), [
      takesNewId ? `"+CONTINUE ${ID}\\r\\n"` : '"+CONTINUE\\r\\n"',
      'hold 900',
      'notice: Partial resynchronization request from 10.0.0.1:6380 accepted. Sending 100 bytes of backlog starting from offset 901.',
      'stream',
    ]);
    assert.equal(one.state.kind, 'online');
  }
});

test('silence ends the link, but not of one that used SYNC', () => {
  const one = session();
  one.step(0, { kind: 'continue', id: ID, offset: 1001 });
  assert.deepEqual(one.step(60_000, { kind: 'tick', stalledMs: 0, sentOffset: 1000 }), []);
  assert.deepEqual(shown(one.step(60_001, { kind: 'tick', stalledMs: 0, sentOffset: 1000 })), [
    'warning: Disconnecting timedout replica (streaming sync): 10.0.0.1:6380',
    'close',
  ]);
  const old = session();
  old.facts.isOld = true;
  old.state = states.confirming;
  assert.deepEqual(old.step(99_000, { kind: 'tick', stalledMs: 0, sentOffset: 1000 }), []);
});

test('one that does not read holds others up in a shared snapshot only', () => {
  const tick: ReplicaInput = { kind: 'tick', stalledMs: 60_001, sentOffset: 0 };
  const shared = session();
  shared.state = { kind: 'receiving', framing: 'mark' };
  assert.deepEqual(shown(shared.step(0, tick)), [
    'warning: Disconnecting timedout replica (full sync): 10.0.0.1:6380',
    'close',
  ]);
  const own = session();
  own.state = { kind: 'receiving', framing: 'length' };
  assert.deepEqual(own.step(0, tick), []);
});

test('an acknowledgement of what never was counts for nothing, and none goes back', () => {
  const one = session(1000);
  one.step(0, { kind: 'continue', id: ID, offset: 901 });
  one.step(1, { kind: 'ack', offset: 1001, durable: 5000 });
  assert.deepEqual([one.ackOffset, one.durableOffset], [0, 0]);
  one.step(2, { kind: 'ack', offset: 950, durable: 940 });
  one.step(3, { kind: 'ack', offset: 910, durable: 0 });
  assert.deepEqual([one.ackOffset, one.durableOffset, one.ackMs], [950, 940, 3]);
});

test('commands that were lost on the way show in acknowledgements that stand still', () => {
  const one = session();
  one.step(0, { kind: 'continue', id: ID, offset: 901 });
  let effects: readonly ReplicaEffect[] = [];
  let seconds = 0;
  while (effects.length === 0 && seconds++ < 100) {
    one.step(seconds * 1000, { kind: 'ack', offset: 950, durable: 0 });
    effects = one.step(seconds * 1000, { kind: 'tick', stalledMs: 0, sentOffset: 1000 });
  }
  assert.equal(seconds, 62);
  assert.deepEqual(shown(effects), [
    'warning: Replica 10.0.0.1:6380 acknowledges offset 950 and was sent everything up to 1000: closing the link, so that it resumes from the backlog',
    'close',
  ]);
});

test('a snapshot that cannot be made is an error before it began and a lost link after that', () => {
  const one = session();
  one.step(0, { kind: 'sync' });
  assert.deepEqual(shown(one.step(1, { kind: 'failed' })), [
    `"-ERR BGSAVE failed, replication can't continue\\r\\n"`,
    'close after replies',
  ]);
  const begun = session();
  begun.state = states.receiving;
  assert.deepEqual(shown(begun.step(1, { kind: 'failed' })), [
    'warning: SYNC failed. BGSAVE child returned an error',
    'close',
  ]);
});
