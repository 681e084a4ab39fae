// Addresses as a sentinel keeps them: the host that was configured or reported, and the IP address
// that it had last. A name that cannot be resolved keeps its last address; nothing here ever waits.

/** `ip` is empty while a name has never been resolved. */
export interface Address {
  readonly host: string;
  readonly ip: string;
  readonly port: number;
}

/** Longest name that DNS knows. */
const MAX_HOST_LENGTH = 253;

/** Dotted decimal, or IPv6 in any of its written forms. */
export function isIpAddress(text: string): boolean {
  return text.includes(':') ? isIpv6(text) : isIpv4(text);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.', 5);
  return (
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part < 256)
  );
}

function isIpv6(text: string): boolean {
  if (text.length > 64) return false;
  const [address, zone, ...more] = text.split('%');
  if (more.length > 0 || zone === '' || (zone !== undefined && !/^[\w.-]+$/.test(zone)))
    return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups[groups.length - 1] ?? '';
  const hasIpv4 = last.includes('.');
  if (hasIpv4 && !(isIpv4(last) && address.endsWith(last))) return false;
  const hex = hasIpv4 ? groups.slice(0, -1) : groups;
  if (!hex.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const count = hex.length + (hasIpv4 ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}

/** What can be a host at all: it travels in hellos and configuration files, so no separators. */
export function isHost(text: string): boolean {
  return isIpAddress(text) || (text.length <= MAX_HOST_LENGTH && /^[A-Za-z0-9_.-]+$/.test(text));
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}

/** Equal by address, or by name where a name has no address. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.port === b.port && sameHost(a, b);
}

/** The same without ports. */
function sameHost(a: Address, b: Address): boolean {
  return (a.ip !== '' && a.ip === b.ip) || a.host.toLowerCase() === b.host.toLowerCase();
}

/** `host:port` with brackets around IPv6: the name of a replica. */
export function addressLabel(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
