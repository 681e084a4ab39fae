// Loopback ports for servers that other processes start. A port that was merely found free can be lost
// before its server listens: to another test that found it too, or to a client, whose own port the
// system takes from the ephemeral range.

import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';
/** Below the ephemeral ranges of Linux (32768 on) and of everybody else (49152 on). */
const FIRST = 10_000;
const COUNT = 22_000;

/**
 * A TCP port that nobody listens on, given to no other caller on this machine while this process lives:
 * its UDP twin, which no server here uses, is held until then.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if ((await isReserved(port)) && (await isUnused(port))) return port;
  }
  throw new Error(`no free port from ${FIRST} to ${FIRST + COUNT - 1}`);
}

function isReserved(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createSocket('udp4').unref();
    socket.once('error', () => {
      socket.close();
      done(false);
    });
    socket.bind({ address: HOST, port, exclusive: true }, () => done(true));
  });
}

function isUnused(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen({ host: HOST, port, exclusive: true }, () => probe.close(() => done(true)));
  });
}
