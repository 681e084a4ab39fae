// The link's machine: every cell of its table with every kind of line, and the ways that links go.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handshakeSteps } from './replica-handshake.ts';
import { ReplicaLink, table } from './replica-link.ts';
import type {
  LinkEffect,
  LinkFacts,
  LinkInput,
  LinkState,
  StateKind,
} from './replica-link-state.ts';

const master = { host: '10.0.0.1', port: 6379 };
const ID = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);

interface Facts extends LinkFacts {
  masterPassword: string;
  masterUser: string;
  announcedHost: string;
  isFailover: boolean;
  isDirect: boolean;
  point: { id: string; offset: number } | undefined;
}

function facts(overrides: Partial<Facts> = {}): Facts {
  return {
    masterUser: '',
    masterPassword: '',
    announcedPort: 7000,
    announcedHost: '',
    isFailover: false,
    timeoutMs: 60_000,
    isDirect: false,
    point: undefined,
    resumePoint() {
      return this.point;
    },
    loadsFromLink() {
      return this.isDirect;
    },
    ...overrides,
  };
}

function shown(effect: LinkEffect): string {
  switch (effect.kind) {
    case 'log':
      return `log: ${effect.remark.text}`;
    case 'send':
      return `send: ${effect.args.join(' ')}`;
    case 'receive':
      return `receive to ${effect.to}`;
    case 'continue':
      return `continue ${effect.id ?? 'the same'}`;
    case 'begin':
      return `begin ${effect.history?.offset ?? 'a history of our own'}`;
    default:
      return effect.kind;
  }
}

/** A link that is driven, and all that it wants done. */
class Drive {
  readonly link: ReplicaLink;
  now = 10_000;
  seen: string[] = [];

  constructor(over: Partial<Facts> = {}) {
    this.link = new ReplicaLink(facts(over));
  }

  step(input: LinkInput, laterMs = 10): this {
    this.now += laterMs;
    this.seen = this.link.step(this.now, input).map(shown);
    return this;
  }

  line(text: string): this {
    return this.step({ kind: 'line', text });
  }

  /** Up to the answer to PSYNC. */
  handshaken(): this {
    return this.step({ kind: 'follow', master }).answered();
  }

  /** The same, of a link that is being made. */
  answered(): this {
    this.step({ kind: 'connected' }).line('+PONG');
    while (this.link.state.kind === 'handshaking' && this.link.state.steps[0].name !== 'psync') {
      this.line('+OK');
    }
    return this;
  }

  get kind(): StateKind {
    return this.link.state.kind;
  }
}

test('every cell of the table leads where it says, whatever the master sends', () => {
  const [ping] = handshakeSteps;
  const last = handshakeSteps[handshakeSteps.length - 1];
  const history = { id: ID, offset: 5 };
  const states: readonly LinkState[] = [
    { kind: 'idle' },
    { kind: 'waiting', master },
    { kind: 'connecting', master },
    { kind: 'handshaking', master, steps: [ping, ...handshakeSteps.slice(1)], asksForRest: false },
    { kind: 'handshaking', master, steps: [last], asksForRest: true },
    { kind: 'handshaking', master, steps: [last], asksForRest: false },
    { kind: 'promised', master, history },
    { kind: 'promised', master, history: undefined },
    { kind: 'receiving', master, history },
    { kind: 'loading', master, history, from: 'file', isCut: false },
    { kind: 'loading', master, history, from: 'file', isCut: true },
    { kind: 'loading', master, history: undefined, from: 'link', isCut: false },
    { kind: 'streaming', master, acknowledges: true },
    { kind: 'streaming', master, acknowledges: false },
  ];
  const lines = [
    ...['', '+PONG', '+OK', '-ERR no', '-NOAUTH', '-LOADING x', '-NOMASTERLINK x', 'rubbish', '$'],
    ...[`+FULLRESYNC ${ID} 17`, '+FULLRESYNC x 17', '+CONTINUE', `+CONTINUE ${OTHER}`],
    ...['+CONTINUE and more', '$100', '$-1', '$9999999999999999999', `$EOF:${ID}`, '$EOF:short'],
  ];
  const inputs: readonly LinkInput[] = [
    { kind: 'follow', master: { host: 'other', port: 1 } },
    { kind: 'remember', master },
    { kind: 'leave' },
    { kind: 'tick' },
    { kind: 'connected' },
    ...lines.map((text): LinkInput => ({ kind: 'line', text })),
    { kind: 'closed', reason: 'reset' },
    { kind: 'received' },
    { kind: 'loaded' },
    { kind: 'failed' },
  ];
  for (const state of states) {
    for (const input of inputs) {
      for (const [isDirect, isFailover, now] of [
        [false, false, 100],
        [true, true, 1_000_000],
      ] as const) {
        const link = new ReplicaLink(facts({ isDirect, isFailover }));
        link.state = state;
        link.step(now, input);
        const { to } = table[state.kind][input.kind];
        assert.ok(
          to.includes(link.state.kind),
          `${state.kind} + ${JSON.stringify(input)} led to ${link.state.kind}`,
        );
      }
    }
  }
});

test('the steps are sent in three flights, and a password first', () => {
  const drive = new Drive({ masterUser: 'me', masterPassword: 'secret', announcedHost: 'here' });
  drive.step({ kind: 'follow', master });
  assert.deepEqual(drive.seen, [
    'log: Connecting to MASTER 10.0.0.1:6379',
    'connect',
    'log: MASTER <-> REPLICA sync started',
  ]);
  drive.step({ kind: 'connected' });
  assert.deepEqual(drive.seen, [
    'log: Non blocking connect for SYNC fired the event.',
    'send: PING',
  ]);
  drive.line('-NOAUTH Authentication required.');
  assert.deepEqual(drive.seen, [
    'log: Master replied to PING, replication can continue...',
    'send: AUTH me secret',
    'send: REPLCONF listening-port 7000',
    'send: REPLCONF ip-address here',
    'send: REPLCONF capa eof capa psync2',
  ]);
  drive.line('+OK').line('-ERR what').line('+OK');
  assert.deepEqual(drive.seen, []);
  drive.line('-ERR what');
  assert.deepEqual(drive.seen, [
    'log: (Non critical) Master does not understand REPLCONF capa: -ERR what',
    'log: Partial resynchronization not possible (no cached master)',
    'send: PSYNC ? -1',
  ]);
});

test('a wrong password ends the attempt, and the next tick tries again', () => {
  const drive = new Drive({ masterPassword: 'wrong' });
  drive.step({ kind: 'follow', master }).step({ kind: 'connected' }).line('-NOAUTH x');
  drive.line('-WRONGPASS no');
  assert.deepEqual(drive.seen, ['log: Unable to AUTH to MASTER: -WRONGPASS no', 'close']);
  assert.equal(drive.kind, 'waiting');
  assert.equal(drive.step({ kind: 'tick' }).kind, 'connecting');
});

test('the rest of a history is asked for from the next byte, and may come under another id', () => {
  const drive = new Drive({ point: { id: ID, offset: 41 } }).handshaken();
  assert.ok(drive.seen.includes(`send: PSYNC ${ID} 42`));
  drive.line('').line(`+CONTINUE ${OTHER}`);
  assert.ok(drive.seen.includes(`continue ${OTHER}`));
  assert.equal(drive.kind, 'streaming');
  assert.deepEqual(drive.step({ kind: 'tick' }).seen, ['acknowledge']);
});

test('who offers the rest although nobody asked is no master', () => {
  const drive = new Drive().handshaken().line('+CONTINUE');
  assert.equal(drive.kind, 'waiting');
  assert.ok(drive.seen.includes('close'));
});

test('a snapshot to a file outlives its link', () => {
  const drive = new Drive().handshaken().line(`+FULLRESYNC ${ID} 17`).line('').line('$100');
  assert.ok(drive.seen.includes('receive to file'));
  drive.step({ kind: 'received' });
  assert.deepEqual(drive.seen, ['load']);
  drive.step({ kind: 'closed', reason: 'gone' });
  assert.equal(drive.kind, 'loading');
  drive.step({ kind: 'loaded' }, 5000);
  assert.ok(drive.seen.includes('begin 17') && drive.seen.includes('connect'));
  assert.equal(drive.kind, 'connecting');
});

test('a snapshot into the databases does not', () => {
  const drive = new Drive({ isDirect: true }).handshaken().line(`+FULLRESYNC ${ID} 17`);
  drive.line(`$EOF:${OTHER}`);
  assert.ok(drive.seen.includes('receive to databases'));
  drive.step({ kind: 'closed', reason: 'gone' }, 5000);
  assert.deepEqual(drive.seen.slice(0, 2), [
    'log: I/O error trying to sync with MASTER: gone',
    'close',
  ]);
  assert.equal(drive.kind, 'connecting');
});

test('a master that does not know PSYNC is asked with SYNC, and gets no acknowledgements', () => {
  const drive = new Drive().handshaken().line("-ERR unknown command 'PSYNC'");
  assert.ok(drive.seen.includes('send: SYNC'));
  drive.line('$3').step({ kind: 'received' }).step({ kind: 'loaded' });
  assert.ok(drive.seen.includes('begin a history of our own'));
  assert.deepEqual(drive.step({ kind: 'tick' }).seen, []);
});

test('a master that cannot serve now is asked again', () => {
  for (const answer of ['-LOADING x', "-NOMASTERLINK Can't SYNC"]) {
    const drive = new Drive().handshaken().line(answer);
    assert.equal(drive.kind, 'waiting');
    assert.equal(drive.step({ kind: 'tick' }).kind, 'connecting');
  }
});

test('silence ends every state that waits for the master', () => {
  const states: readonly ((drive: Drive) => unknown)[] = [
    (drive) => drive.step({ kind: 'follow', master }),
    (drive) => drive.step({ kind: 'follow', master }).step({ kind: 'connected' }),
    (drive) => drive.handshaken(),
    (drive) => drive.handshaken().line(`+FULLRESYNC ${ID} 1`),
    (drive) => drive.handshaken().line(`+FULLRESYNC ${ID} 1`).line('$10'),
    (drive) =>
      drive
        .handshaken()
        .line(`+FULLRESYNC ${ID} 1`)
        .line('$0')
        .step({ kind: 'received' })
        .step({ kind: 'loaded' }),
  ];
  for (const reach of states) {
    const drive = new Drive();
    reach(drive);
    const { kind } = drive;
    assert.equal(drive.step({ kind: 'tick' }, 59_000).kind, kind);
    drive.step({ kind: 'tick' }, 2000);
    assert.equal(drive.kind, 'connecting', kind);
    assert.ok(drive.seen.includes('close'), kind);
  }
});

test('a working link that is lost is made again at once, but not in a busy loop', () => {
  const drive = new Drive({ point: { id: ID, offset: 1 } }).handshaken().line('+CONTINUE');
  drive.step({ kind: 'closed', reason: 'reset' }, 5000);
  assert.equal(drive.kind, 'connecting');
  let made = 0;
  for (; drive.kind === 'connecting'; made++) {
    drive.answered().line('+CONTINUE').step({ kind: 'closed', reason: 'reset' });
  }
  assert.equal(drive.kind, 'waiting');
  assert.equal(made, 20);
  drive.step({ kind: 'tick' }).answered().line('+CONTINUE');
  assert.equal(drive.step({ kind: 'closed', reason: 'reset' }).kind, 'connecting');
});

test('a snapshot that is cut short is asked for again at once, one that is wrong with the next tick', () => {
  for (const isDirect of [true, false]) {
    const cut = new Drive({ isDirect }).handshaken().line(`+FULLRESYNC ${ID} 1`).line('$10');
    assert.equal(cut.step({ kind: 'closed', reason: 'reset' }).kind, 'connecting');
    const wrong = new Drive({ isDirect }).handshaken().line(`+FULLRESYNC ${ID} 1`).line('$10');
    assert.equal(wrong.step({ kind: 'failed' }).kind, 'waiting');
    assert.deepEqual(wrong.seen, ['close']);
    assert.equal(wrong.step({ kind: 'tick' }).kind, 'connecting');
  }
});

test('a failover says so, and tells how it was answered', () => {
  const asked = { point: { id: ID, offset: 1 }, isFailover: true };
  const drive = new Drive(asked).handshaken();
  assert.ok(drive.seen.includes(`send: PSYNC ${ID} 2 FAILOVER`));
  drive.line('-NOMASTERLINK no');
  assert.deepEqual(drive.seen, ['failover', 'close']);
  assert.equal(new Drive(asked).handshaken().line(`+CONTINUE ${OTHER}`).kind, 'streaming');
});

test('REPLICAOF NO ONE closes whatever there is', () => {
  const drive = new Drive().handshaken().step({ kind: 'leave' });
  assert.deepEqual(drive.seen, ['close']);
  assert.equal(drive.kind, 'idle');
});
