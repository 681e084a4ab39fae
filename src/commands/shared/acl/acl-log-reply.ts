// ACL LOG: the refusals, newest first.

import type { Acl } from '../../../dispatch/acl/acl.ts';
import type { Session } from '../../../dispatch/session.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';

export function replyLog(acl: Acl<Session>, count: number, reply: ReplyWriter): void {
  const entries = acl.log.entries.slice(0, Math.max(0, count));
  const nowMs = acl.environment.nowMs();
  reply.array(entries.length);
  for (const entry of entries) {
    reply.map(10);
    reply.text('count');
    reply.integer(entry.count);
    reply.text('reason');
    reply.text(entry.reason);
    reply.text('context');
    reply.text(entry.context);
    reply.text('object');
    reply.text(entry.object);
    reply.text('username');
    reply.text(entry.username);
    reply.text('age-seconds');
    reply.double((nowMs - entry.updatedMs) / 1000);
    reply.text('client-info');
    reply.text(entry.clientInfo);
    reply.text('entry-id');
    reply.integer(entry.id);
    reply.text('timestamp-created');
    reply.integer(entry.createdMs);
    reply.text('timestamp-last-updated');
    reply.integer(entry.updatedMs);
  }
}
