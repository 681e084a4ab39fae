// What a replica says to its master before any data comes, as a list of steps, and what the answers
// mean. Steps of one flight leave together, their answers are read in order: a round trip less for
// each of them. Wordings of the log are redis-server's, since people and scripts look for them.

/** What the handshake needs of the node; read when a link is made. */
export interface HandshakeFacts {
  /** '': none. */
  readonly masterUser: string;
  readonly masterPassword: string;
  /** What the master shall tell others about this node. */
  readonly announcedPort: number;
  /** '': the address that the master sees. */
  readonly announcedHost: string;
  /** How far this node's data follow a history; undefined: a snapshot is needed. */
  resumePoint(): { readonly id: string; readonly offset: number } | undefined;
  /** The master that is asked was a replica of this node, and is to be promoted by asking. */
  readonly isFailover: boolean;
}

export interface Remark {
  readonly level: 'notice' | 'warning';
  readonly text: string;
}

/** What an answer means: go on, perhaps with a remark, or give this link up. */
export interface Verdict {
  readonly isFatal: boolean;
  readonly remark?: Remark;
}

export interface HandshakeStep {
  readonly name: 'ping' | 'auth' | 'port' | 'address' | 'capabilities' | 'psync';
  readonly flight: number;
  /** Undefined: the step is left out. */
  command(facts: HandshakeFacts): readonly string[] | undefined;
  judge(answer: string): Verdict;
}

const FINE: Verdict = { isFatal: false };

/** An old master does not know every option; it works without. */
function optional(name: 'port' | 'address' | 'capabilities', option: string): HandshakeStep {
  return {
    name,
    flight: 1,
    command(facts) {
      if (name === 'port') return ['REPLCONF', option, String(facts.announcedPort)];
      if (name === 'capabilities') return ['REPLCONF', 'capa', 'eof', 'capa', 'psync2'];
      return facts.announcedHost === '' ? undefined : ['REPLCONF', option, facts.announcedHost];
    },
    judge(answer) {
      if (!answer.startsWith('-')) return FINE;
      const text = `(Non critical) Master does not understand REPLCONF ${option}: ${answer}`;
      return { isFatal: false, remark: { level: 'notice', text } };
    },
  };
}

export const handshakeSteps: readonly HandshakeStep[] = [
  {
    name: 'ping',
    flight: 0,
    command: () => ['PING'],
    judge(answer) {
      // A master that wants a password answers this with an error, and lives.
      if (/^(\+|-NOAUTH|-NOPERM|-ERR operation not permitted)/.test(answer)) {
        const text = 'Master replied to PING, replication can continue...';
        return { isFatal: false, remark: { level: 'notice', text } };
      }
      const text = `Error reply to PING from master: '${answer}'`;
      return { isFatal: true, remark: { level: 'warning', text } };
    },
  },
  {
    name: 'auth',
    flight: 1,
    command({ masterUser, masterPassword }) {
      if (masterPassword === '') return undefined;
      return masterUser === '' ? ['AUTH', masterPassword] : ['AUTH', masterUser, masterPassword];
    },
    judge(answer) {
      if (!answer.startsWith('-')) return FINE;
      const text = `Unable to AUTH to MASTER: ${answer}`;
      return { isFatal: true, remark: { level: 'warning', text } };
    },
  },
  optional('port', 'listening-port'),
  optional('address', 'ip-address'),
  optional('capabilities', 'capa'),
  {
    name: 'psync',
    flight: 2,
    command(facts) {
      const point = facts.resumePoint();
      const asked = point === undefined ? ['?', '-1'] : [point.id, String(point.offset + 1)];
      return ['PSYNC', ...asked, ...(facts.isFailover ? ['FAILOVER'] : [])];
    },
    // What it means is more than fine or not: `readPsyncAnswer`.
    judge: () => FINE,
  },
];

/** What a master says to PSYNC. */
export type PsyncAnswer =
  | { readonly kind: 'alive' }
  | { readonly kind: 'continue'; readonly id: string | undefined }
  | { readonly kind: 'full'; readonly id: string; readonly offset: number }
  | { readonly kind: 'later' }
  | { readonly kind: 'unsupported' }
  /** It can be no master that means it. */
  | { readonly kind: 'nonsense' };

const FULL = /^\+FULLRESYNC ([0-9a-zA-Z]{40}) (\d{1,15})$/;
const CONTINUE = /^\+CONTINUE(?: ([0-9a-zA-Z]{40}))?$/;

export function readPsyncAnswer(line: string): PsyncAnswer {
  if (line === '') return { kind: 'alive' };
  const full = FULL.exec(line);
  if (full !== null) return { kind: 'full', id: full[1], offset: Number(full[2]) };
  const goOn = CONTINUE.exec(line);
  if (goOn !== null) return { kind: 'continue', id: goOn[1] };
  if (line.startsWith('+FULLRESYNC') || line.startsWith('+CONTINUE')) return { kind: 'nonsense' };
  if (line.startsWith('-NOMASTERLINK') || line.startsWith('-LOADING')) return { kind: 'later' };
  return { kind: 'unsupported' };
}

/** How a snapshot is framed: a length in front, or a mark of 40 bytes behind. */
export type SnapshotFraming =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'mark'; readonly mark: string };

const MARK_DIGITS = 40;

/** The line before a snapshot; undefined when it is none. */
export function readSnapshotHeader(line: string): SnapshotFraming | undefined {
  if (line.startsWith('$EOF:')) {
    const mark = line.slice(5);
    return mark.length === MARK_DIGITS ? { kind: 'mark', mark } : undefined;
  }
  const length = /^\$(\d{1,15})$/.exec(line);
  return length === null ? undefined : { kind: 'length', bytes: Number(length[1]) };
}
