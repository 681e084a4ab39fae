// Reads INFO's text for the few fields that Sentinel needs (reference: redis.io/commands/info). The
// text comes from whatever listens on that port: its size, the number of replicas and every number in
// it are bounded, unknown lines are skipped, and a wrong field counts as missing.

export interface InfoReport {
  /** Empty when missing. */
  readonly runId: string;
  /** undefined: neither `role:master` nor `role:slave` was found. */
  readonly role: 'master' | 'slave' | undefined;
  /** A master's `slaveN` lines. */
  readonly replicas: readonly { readonly host: string; readonly port: number }[];
  /** ms; 0 when the link is up, -1000 when it never was. */
  readonly masterLinkDownMs: number;
  /** A replica's fields; undefined when missing. */
  readonly masterHost: string | undefined;
  readonly masterPort: number | undefined;
  readonly isMasterLinkUp: boolean | undefined;
  readonly priority: number | undefined;
  readonly offset: bigint | undefined;
  readonly isAnnounced: boolean | undefined;
}

/** A master's list of replicas is read up to here; docs/limits.md. */
export const MAX_REPLICAS = 1000;
/** Of INFO's text. A thousand replicas take 100 KiB. */
const MAX_INFO_BYTES = 1024 * 1024;
const INT32_MAX = 0x7fffffff;
const MAX_OFFSET = 2n ** 64n - 1n;

type Fields = { -readonly [Field in keyof InfoReport]: InfoReport[Field] };

export function parseInfo(bytes: Buffer): InfoReport {
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, MAX_INFO_BYTES));
  const replicas: { host: string; port: number }[] = [];
  const fields: Fields = {
    runId: '',
    role: undefined,
    replicas,
    masterLinkDownMs: 0,
    masterHost: undefined,
    masterPort: undefined,
    isMasterLinkUp: undefined,
    priority: undefined,
    offset: undefined,
    isAnnounced: undefined,
  };
  for (let start = 0; start < text.length; ) {
    const lineFeed = text.indexOf('\n', start);
    const next = lineFeed === -1 ? text.length : lineFeed;
    const end = text.charCodeAt(next - 1) === 13 ? next - 1 : next;
    // 'm', 'r' and 's': nothing else begins a field of interest, and most lines do not.
    const first = text.charCodeAt(start);
    if (first === 109 || first === 114 || first === 115) readLine(text.slice(start, end), fields);
    start = next + 1;
  }
  return fields;

  function readLine(line: string, into: Fields): void {
    const colon = line.indexOf(':');
    if (colon === -1) return;
    const field = line.slice(0, colon);
    const value = line.slice(colon + 1);
    if (/^slave\d/.test(field)) {
      const replica = replicas.length < MAX_REPLICAS ? parseReplica(value) : undefined;
      if (replica !== undefined) replicas.push(replica);
      return;
    }
    readField(field, value, into);
  }
}

function readField(field: string, value: string, into: Fields): void {
  switch (field) {
    case 'run_id':
      if (/^[0-9A-Za-z]{40}/.test(value)) into.runId = value.slice(0, 40);
      return;
    case 'role':
      if (value.startsWith('master')) into.role = 'master';
      else if (value.startsWith('slave')) into.role = 'slave';
      return;
    case 'master_host':
      into.masterHost = value.slice(0, 256);
      return;
    case 'master_port':
      into.masterPort = boundedInteger(value, 0, 65_535);
      return;
    case 'master_link_status':
      into.isMasterLinkUp = value.toLowerCase() === 'up';
      return;
    case 'master_link_down_since_seconds':
      into.masterLinkDownMs = (boundedInteger(value, -1, INT32_MAX) ?? 0) * 1000;
      return;
    case 'slave_priority':
      into.priority = boundedInteger(value, -INT32_MAX, INT32_MAX);
      return;
    case 'slave_repl_offset':
      into.offset = /^\d{1,20}$/.test(value) ? minimum(BigInt(value), MAX_OFFSET) : 0n;
      return;
    case 'replica_announced':
      into.isAnnounced = boundedInteger(value, 0, INT32_MAX) !== 0;
      return;
  }
}

/** `ip=…,port=…,…`, or the `ip,port,state` of Redis before 2.8. */
function parseReplica(value: string): { host: string; port: number } | undefined {
  const parts = value.split(',', 8);
  const named = value.includes('ip=');
  const host = named ? find(parts, 'ip=') : parts[0];
  const port = Number((named ? find(parts, 'port=') : parts[1]) ?? '');
  if (host === undefined || host === '' || host.length > 256) return undefined;
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? { host, port } : undefined;
}

function find(parts: readonly string[], prefix: string): string | undefined {
  return parts.find((part) => part.startsWith(prefix))?.slice(prefix.length);
}

/** Leading digits as atoi reads them, held to a range; undefined without any. */
function boundedInteger(text: string, low: number, high: number): number | undefined {
  const digits = /^\s*[+-]?\d+/.exec(text.slice(0, 32))?.[0];
  if (digits === undefined) return undefined;
  return Math.min(high, Math.max(low, Number(digits)));
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
