// The dashboard: a page and an interface for machines over one fleet, on loopback. It only reads the
// fleet and passes on what is asked of it; closing it leaves the fleet as it is.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Fleet } from '../fleet/fleet.ts';
import { dashboardApp } from './app.ts';
import { Feed } from './feed.ts';
import { ownHosts } from './guard.ts';
import { Metrics } from './metrics.ts';
import { type PageFiles, readPageFiles } from './page-files.ts';

const ADDRESS = '127.0.0.1';
const MAX_CONNECTIONS = 256;
const MAX_HEADER_BYTES = 8192;

export interface DashboardOptions {
  readonly fleet: Fleet;
  /** 0, and the default: any free port. */
  readonly port?: number;
  /** What acts must be asked with; a new one by default. */
  readonly token?: string;
  /** How long a page may read nothing before it is let go; for tests. */
  readonly stuckMs?: number;
  /** For tests that need no built page. */
  readonly files?: PageFiles;
}

export interface Dashboard extends AsyncDisposable {
  readonly port: number;
  readonly token: string;
  /** 'http://127.0.0.1:PORT', for machines. */
  readonly origin: string;
  /** For people: with the token in the fragment, which browsers keep to themselves. */
  readonly url: string;
  /** May be called again. */
  close(): Promise<void>;
}

/** Rejects when the port is taken, with the system's code in the error. */
export async function createDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { fleet, token = randomBytes(24).toString('base64url'), stuckMs } = options;
  const files = options.files ?? readPageFiles();
  const feed = new Feed(fleet);
  const metrics = new Metrics();
  const unsubscribe = fleet.on('view', (view) => metrics.observe(view));
  let hosts: ReadonlySet<string> = new Set();
  const app = dashboardApp({ fleet, feed, metrics, files, token, hosts: () => hosts, stuckMs });
  const server = createAdaptorServer({
    fetch: app.fetch,
    hostname: ADDRESS,
    serverOptions: { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: 10_000 },
  }) as Server;
  server.maxConnections = MAX_CONNECTIONS;
  try {
    server.listen(options.port ?? 0, ADDRESS);
    await once(server, 'listening');
  } catch (error) {
    feed.close();
    unsubscribe();
    throw error;
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  hosts = ownHosts(port);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      feed.close();
      unsubscribe();
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  const origin = `http://${ADDRESS}:${port}`;
  const url = `${origin}/#token=${token}`;
  return { port, token, origin, url, close, [Symbol.asyncDispose]: close };
}
