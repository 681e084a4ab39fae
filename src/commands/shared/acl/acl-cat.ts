// ACL CAT: the categories, and the commands and subcommands of one.

import {
  type AclCommandSet,
  aclCategories,
  categoryBit,
} from '../../../dispatch/acl/acl-commands.ts';
import { errors } from '../../../protocol/errors.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';

export function replyCategories(reply: ReplyWriter): void {
  reply.array(aclCategories.length);
  for (const name of aclCategories) reply.text(name);
}

export function replyCategory(commands: AclCommandSet, name: string, reply: ReplyWriter): void {
  const bit = categoryBit(name);
  if (bit === 0) {
    reply.error(errors.aclUnknownCategory(name));
    return;
  }
  const names: string[] = [];
  for (const command of commands.aclCommands()) {
    if (command.categories & bit) names.push(command.fullName);
    for (const sub of command.subcommands?.values() ?? []) {
      if (sub.categories & bit) names.push(sub.fullName);
    }
  }
  reply.array(names.length);
  for (const fullName of names) reply.text(fullName);
}
