// The message that sentinels publish about themselves and a master: exactly eight fields between
// commas (sentinel.c, sentinelSendHello). Anyone who may PUBLISH on a data node can forge one, so
// what cannot come from a sentinel is refused here, before any rule sees it.

import { isHost, isPort } from './address.ts';

export interface Hello {
  readonly host: string;
  readonly port: number;
  readonly runId: string;
  readonly currentEpoch: number;
  readonly master: string;
  readonly masterHost: string;
  readonly masterPort: number;
  readonly configEpoch: number;
}

/** Two hosts, a name, three numbers and a run id. */
const MAX_HELLO_LENGTH = 2048;

/** undefined when it is not a hello that a sentinel writes. */
export function parseHello(text: string): Hello | undefined {
  if (text.length > MAX_HELLO_LENGTH) return undefined;
  const fields = text.split(',', 9);
  if (fields.length !== 8) return undefined;
  const [host, port, runId, currentEpoch, master, masterHost, masterPort, configEpoch] = fields;
  const hello: Hello = {
    host,
    port: wholeNumber(port),
    runId,
    currentEpoch: wholeNumber(currentEpoch),
    master,
    masterHost,
    masterPort: wholeNumber(masterPort),
    configEpoch: wholeNumber(configEpoch),
  };
  if (!isHost(host) || !isPort(hello.port) || !isHost(masterHost) || !isPort(hello.masterPort)) {
    return undefined;
  }
  if (!isRunId(runId) || Number.isNaN(hello.currentEpoch) || Number.isNaN(hello.configEpoch)) {
    return undefined;
  }
  // An address cannot be newer than the last election that its sentinel heard of.
  return hello.configEpoch <= hello.currentEpoch ? hello : undefined;
}

export function formatHello(hello: Hello): string {
  const { host, port, runId, currentEpoch, master, masterHost, masterPort, configEpoch } = hello;
  const sender = `${host},${port},${runId},${currentEpoch}`;
  return `${sender},${master},${masterHost},${masterPort},${configEpoch}`;
}

/** 40 hex digits: sentinels draw nothing else. */
export function isRunId(text: string): boolean {
  return /^[0-9a-fA-F]{40}$/.test(text);
}

/** Digits only, exact as a double; NaN otherwise: 2^63 is no epoch that elections can reach. */
function wholeNumber(text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}
