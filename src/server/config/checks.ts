// Rules of single directives beyond kind and range; each answers the error text or undefined.

/** A name within its folder; `required`: not empty either. */
export function baseName(
  directive: string,
  noun: string,
  required = false,
): (value: string) => string | undefined {
  return (value) => {
    if (required && value === '') return `${directive} can't be empty`;
    return /[/\\]/.test(value) ? `${directive} can't be a path, just a ${noun}` : undefined;
  };
}

export function hostname(value: string): string | undefined {
  if (value.length >= 256) return 'Hostnames must be less than 256 characters';
  if (/^[A-Za-z0-9.-]*$/.test(value)) return undefined;
  return 'Hostnames may only contain alphanumeric characters, hyphens or dots';
}

/** Printable and free of what separates fields in a cluster's node table. */
export function nodeName(value: string): string | undefined {
  if (/^[!-~]*$/.test(value) && !/[,=\s"'\\#;:@]/.test(value)) return undefined;
  return 'Announced human node name contained invalid character';
}

const TITLE_VARIABLES = new Set([
  'title',
  'listen-addr',
  'server-mode',
  'port',
  'tls-port',
  'unixsocket',
  'config-file',
]);

/** Words in braces must be known ones, and something must be left to show. */
export function procTitleTemplate(value: string): string | undefined {
  const rest = value.replace(/\{([^{}]*)\}/g, (whole, word) =>
    TITLE_VARIABLES.has(word) ? 'x' : whole,
  );
  if (!/[{}]/.test(rest) && rest.trim() !== '') return undefined;
  return 'template format is invalid or contains unknown variables';
}

export function noDefrag(value: boolean): string | undefined {
  if (!value) return undefined;
  return (
    'Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified ' +
    'Jemalloc like the one shipped by default with the Redis source distribution'
  );
}

export function offWithoutTls(value: boolean): string | undefined {
  return value ? 'this server has no TLS' : undefined;
}

export function zeroWithoutTls(value: bigint): string | undefined {
  return offWithoutTls(value !== 0n);
}

export function noClusterMode(value: boolean): string | undefined {
  return value ? 'this server has no cluster mode' : undefined;
}
