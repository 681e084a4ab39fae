// One page's server-sent events, as a stream that is pulled: the next message is made when the
// connection has taken the one before, from what is true at that moment. So a slow reader holds one
// message and a cursor, never a queue. A reader that takes nothing for a long time is let go.

import type { Cursor, Feed } from './feed.ts';
import type { PageMessage } from './messages.ts';

/** A page that lies in a background tab reads on; one that does not for this long is gone. */
const STUCK_MS = 30_000;
/** Well below the time after which the page thinks that the connection is lost. */
const HEARTBEAT_MS = 5_000;

export interface PageStreamOptions {
  readonly stuckMs?: number;
  readonly onEnd: () => void;
}

export function pageStream(feed: Feed, options: PageStreamOptions): ReadableStream<Uint8Array> {
  const { stuckMs = STUCK_MS, onEnd } = options;
  const encoder = new TextEncoder();
  let cursor: Cursor | undefined;
  let stuck: NodeJS.Timeout | undefined;
  let isOver = false;
  const end = (): void => {
    clearTimeout(stuck);
    if (isOver) return;
    isOver = true;
    onEnd();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stuck);
        const isNews = cursor === undefined || (await feed.changedSince(cursor, HEARTBEAT_MS));
        if (isOver) return;
        if (feed.isClosed) {
          end();
          controller.close();
          return;
        }
        if (isNews) {
          const next = feed.message(cursor);
          cursor = next.cursor;
          controller.enqueue(encoder.encode(eventText(next.message)));
        } else {
          controller.enqueue(encoder.encode(': still here\n\n'));
        }
        stuck = setTimeout(() => {
          end();
          controller.error(new Error('the page reads no more'));
        }, stuckMs);
        stuck.unref();
      },
      cancel: end,
    },
    { highWaterMark: 1 },
  );
}

function eventText(message: PageMessage): string {
  return `event: ${message.kind}\ndata: ${JSON.stringify(message)}\n\n`;
}
