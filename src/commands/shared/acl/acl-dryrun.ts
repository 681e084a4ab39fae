// ACL DRYRUN: the check that a command would get, on arguments that stand inside another command.

import { type Acl, verboseDenialText } from '../../../dispatch/acl/acl.ts';
import { AclVerdict } from '../../../dispatch/acl/acl-selector.ts';
import type { CommandTable } from '../../../dispatch/command-table.ts';
import type { Session } from '../../../dispatch/session.ts';
import { errors } from '../../../protocol/errors.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';
import { Request } from '../../../protocol/request.ts';

/** Where the simulated command begins: ACL DRYRUN user command … */
const COMMAND = 3;

export function replyDryRun(
  acl: Acl<Session>,
  commands: CommandTable,
  request: Request,
  reply: ReplyWriter,
): void {
  const user = acl.user(request.text(2));
  if (user === undefined) {
    reply.error(errors.aclNoUser(request.text(2)));
    return;
  }
  const args: Buffer[] = [];
  for (let i = COMMAND; i < request.count; i++) args.push(request.bytes(i));
  const simulated = Request.of(args);
  const command = commands.lookup(simulated);
  if (command === undefined) {
    reply.error(errors.aclNoCommand(request.text(COMMAND)));
    return;
  }
  const { arity } = command;
  if (arity > 0 ? simulated.count !== arity : simulated.count < -arity) {
    reply.error(errors.wrongArity(command.fullName));
    return;
  }
  const decision = user.check(command, simulated);
  if (decision.verdict === AclVerdict.allowed) reply.ok();
  else reply.text(verboseDenialText(decision, user, command, simulated.text(decision.position)));
}
