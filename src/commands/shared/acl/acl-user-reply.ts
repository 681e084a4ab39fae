// ACL GETUSER: a user as a map, its selectors as maps inside it.

import type { AclSelector } from '../../../dispatch/acl/acl-selector.ts';
import type { AclUser } from '../../../dispatch/acl/acl-user.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';

export function replyUser(user: AclUser, reply: ReplyWriter): void {
  const [root, ...others] = user.selectors;
  const flags = user.flags();
  reply.map(6);
  reply.text('flags');
  reply.set(flags.length);
  for (const flag of flags) reply.text(flag);
  reply.text('passwords');
  reply.array(user.passwords.length);
  for (const hash of user.passwords) reply.text(hash);
  replySelector(root, reply);
  reply.text('selectors');
  reply.array(others.length);
  for (const selector of others) {
    reply.map(3);
    replySelector(selector, reply);
  }
}

/** Three fields of whatever map is open. */
function replySelector(selector: AclSelector, reply: ReplyWriter): void {
  reply.text('commands');
  reply.text(selector.describeCommands());
  reply.text('keys');
  reply.text(selector.describeKeys());
  reply.text('channels');
  reply.text(selector.describeChannels());
}
