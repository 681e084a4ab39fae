// The routes. What machines read (figures, health) needs no token, so that Prometheus and load
// balancers need no secret; it can neither act nor tell a key's name. The page's own interface, below
// /api, needs one. Every answer forbids the browser to load anything from elsewhere.

import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Fleet } from '../fleet/fleet.ts';
import { perform, readAction } from './actions.ts';
import type { Feed } from './feed.ts';
import { type Caller, type Refusal, refuseCaller, refuseHost } from './guard.ts';
import { fleetHealth, isPrimary, isReadableReplica, type Verdict } from './machine-routes.ts';
import type { Metrics } from './metrics.ts';
import type { PageFiles } from './page-files.ts';
import { pageStream } from './page-stream.ts';

const BODY_LIMIT_BYTES = 4096;
/** Each is a connection that stays; a browser opens one a tab. */
const MAX_STREAMS = 32;
const MAX_ACTIONS_AT_ONCE = 16;

const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cache-Control': 'no-store',
};

export interface AppParts {
  readonly fleet: Fleet;
  readonly feed: Feed;
  readonly metrics: Metrics;
  readonly files: PageFiles;
  readonly token: string;
  /** The hosts that are ours; known only once the port is. */
  readonly hosts: () => ReadonlySet<string>;
  readonly stuckMs?: number;
}

export function dashboardApp(parts: AppParts): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) context.header(name, value);
  });
  app.use(async (context, next) => {
    const needsHost = context.req.path === '/' || context.req.path.startsWith('/api/');
    const refusal = refuseHost(callerOf(context), parts.hosts(), needsHost);
    return refusal === undefined ? next() : refused(context, refusal);
  });
  app.use('/api/*', async (context, next) => {
    const refusal = refuseCaller(callerOf(context), parts.hosts(), parts.token);
    return refusal === undefined ? next() : refused(context, refusal);
  });
  addPage(app, parts);
  addMachineRoutes(app, parts);
  addStream(app, parts);
  addActions(app, parts);
  app.notFound((context) => context.text('there is nothing at this address\n', 404));
  app.onError((error, context) => {
    const message = error instanceof Error ? error.message : String(error);
    return context.json({ error: message }, 500);
  });
  return app;
}

function addPage(app: Hono, { files }: AppParts): void {
  for (const [path, { type, body }] of files) {
    only(app, 'GET', path, (context) => context.body(body, 200, { 'Content-Type': type }));
  }
}

function addMachineRoutes(app: Hono, { fleet, metrics }: AppParts): void {
  only(app, 'GET', '/metrics', async (context) =>
    context.body(await metrics.text(fleet.view), 200, { 'Content-Type': metrics.contentType }),
  );
  only(app, 'GET', '/health', (context) => answered(context, fleetHealth(fleet.view)));
  only(app, 'GET', '/nodes/:name/primary', (context) =>
    answered(context, isPrimary(fleet.view, context.req.param('name') ?? '')),
  );
  only(app, 'GET', '/nodes/:name/replica', (context) => {
    const { name = '' } = context.req.param();
    return answered(context, isReadableReplica(fleet.view, name, context.req.query('lag')));
  });
}

function addStream(app: Hono, { feed, stuckMs }: AppParts): void {
  let open = 0;
  only(app, 'GET', '/api/stream', (context) => {
    if (open >= MAX_STREAMS) {
      return context.json({ error: `${MAX_STREAMS} pages are open already` }, 503);
    }
    open++;
    const onEnd = (): void => {
      open--;
    };
    const headers = { 'Content-Type': 'text/event-stream' };
    return context.body(pageStream(feed, { stuckMs, onEnd }), 200, headers);
  });
}

function addActions(app: Hono, { fleet }: AppParts): void {
  let running = 0;
  const tooLarge = (context: Context): Response =>
    context.json({ error: `a request has at most ${BODY_LIMIT_BYTES} bytes` }, 413);
  app.use('/api/actions', bodyLimit({ maxSize: BODY_LIMIT_BYTES, onError: tooLarge }));
  only(app, 'POST', '/api/actions', async (context) => {
    if (!/^application\/json\b/i.test(context.req.header('content-type') ?? '')) {
      return context.json({ error: 'the body must be application/json' }, 415);
    }
    const action = readAction(await context.req.json().catch(() => undefined));
    if ('problem' in action) return context.json({ error: action.problem }, 400);
    if (running >= MAX_ACTIONS_AT_ONCE) {
      return context.json({ error: 'too many actions at once' }, 429);
    }
    running++;
    try {
      await perform(fleet, action);
      // Who asked wants to see it now, not with the next regular look at the nodes.
      fleet.refresh().catch(() => {});
      return context.json({ ok: true });
    } catch (error) {
      return context.json({ error: error instanceof Error ? error.message : String(error) }, 409);
    } finally {
      running--;
    }
  });
}

/** A route with one method; others are told which, instead of "not found". */
function only(
  app: Hono,
  method: 'GET' | 'POST',
  path: string,
  handler: (context: Context) => Response | Promise<Response>,
): void {
  app.on(method, path, handler);
  const allow = method === 'GET' ? 'GET, HEAD' : method;
  app.all(path, (context) =>
    context.text(`only ${allow} is allowed here\n`, 405, { Allow: allow }),
  );
}

function callerOf(context: Context): Caller {
  return {
    host: context.req.header('host'),
    origin: context.req.header('origin'),
    site: context.req.header('sec-fetch-site'),
    authorization: context.req.header('authorization'),
  };
}

function refused(context: Context, { status, message }: Refusal): Response {
  return context.json({ error: message }, status);
}

function answered(context: Context, { status, text }: Verdict): Response {
  return context.text(`${text}\n`, status);
}
