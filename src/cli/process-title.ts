// The process title from `proc-title-template`. Node writes a title over the memory of the original
// arguments, so a long one is cut off there; ps shows what fits.

import type { Settings } from '../server/config/settings.ts';

/** The template with its variables; an unknown one, which the directive's check keeps out, is left empty. */
export function expandTitle(
  settings: Settings,
  title: string,
  configFile: string | undefined,
  mode: string,
): string {
  const listenAddress =
    settings.port === 0
      ? `unixsocket:${settings.unixsocket}`
      : `${settings.bind[0] ?? '*'}:${settings.port}`;
  const values: ReadonlyMap<string, string> = new Map([
    ['title', title],
    ['listen-addr', listenAddress],
    ['server-mode', mode],
    ['config-file', configFile ?? '-'],
    ['port', String(settings.port)],
    ['tls-port', String(settings.tlsPort)],
    ['unixsocket', settings.unixsocket],
  ]);
  const filled = settings.procTitleTemplate.replace(
    /\{([^}]*)\}/g,
    (_, name: string) => values.get(name) ?? '',
  );
  return filled.trimEnd();
}
