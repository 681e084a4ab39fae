// One command as COMMAND DOCS replies it. The argument trees are read from the notation once for each
// command that somebody asks about; redis-cli asks about all of them when it starts.

import type { Command } from '../../../dispatch/command.ts';
import type { CommandEntry } from '../../../dispatch/command-table.ts';
import { parseSyntax, type SyntaxArgument } from '../../../dispatch/syntax.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';
import { replyStatusSet } from './command-info.ts';

const trees: WeakMap<Command<never>, readonly SyntaxArgument[]> = new WeakMap();

function argumentsOf(command: Command<never>): readonly SyntaxArgument[] {
  let tree = trees.get(command);
  if (tree === undefined) {
    tree = parseSyntax(command.syntax ?? '');
    trees.set(command, tree);
  }
  return tree;
}

/** A map's pairs, written one after the other, for maps whose size depends on what there is. */
class Pairs {
  readonly #writes: (() => void)[] = [];
  readonly #reply: ReplyWriter;

  constructor(reply: ReplyWriter) {
    this.#reply = reply;
  }

  /** Nothing for an undefined value. */
  text(name: string, value: string | undefined): void {
    if (value !== undefined) this.add(name, () => this.#reply.text(value));
  }

  add(name: string, write: () => void): void {
    this.#writes.push(() => {
      this.#reply.text(name);
      write();
    });
  }

  end(): void {
    this.#reply.map(this.#writes.length);
    for (const write of this.#writes) write();
  }
}

export function replyDocs(entry: CommandEntry, reply: ReplyWriter): void {
  const { command, subcommands } = entry;
  const { deprecated, history, syntax } = command;
  const pairs = new Pairs(reply);
  pairs.text('summary', command.summary);
  pairs.text('since', command.since);
  pairs.text('group', command.group);
  pairs.text('complexity', command.complexity);
  const docFlags = [
    ...(deprecated === undefined ? [] : ['deprecated']),
    ...(command.system === true ? ['syscmd'] : []),
  ];
  if (docFlags.length > 0) pairs.add('doc_flags', () => replyStatusSet(docFlags, reply));
  pairs.text('deprecated_since', deprecated?.since);
  pairs.text('replaced_by', deprecated?.replacedBy);
  if (history !== undefined) pairs.add('history', () => replyHistory(history, reply));
  if (syntax !== undefined) {
    pairs.add('arguments', () => replyArguments(argumentsOf(command), reply));
  }
  if (subcommands !== undefined) {
    pairs.add('subcommands', () => {
      reply.map(subcommands.size);
      for (const sub of subcommands.values()) {
        reply.text(sub.fullName);
        replyDocs(sub, reply);
      }
    });
  }
  pairs.end();
}

function replyHistory(history: NonNullable<Command['history']>, reply: ReplyWriter): void {
  reply.set(history.length);
  for (const [version, change] of history) {
    reply.array(2);
    reply.text(version);
    reply.text(change);
  }
}

function replyArguments(args: readonly SyntaxArgument[], reply: ReplyWriter): void {
  reply.array(args.length);
  for (const arg of args) replyArgument(arg, reply);
}

function replyArgument(arg: SyntaxArgument, reply: ReplyWriter): void {
  const { keySpecIndex } = arg;
  const members = arg.arguments;
  const pairs = new Pairs(reply);
  pairs.text('name', arg.name);
  pairs.text('type', arg.type);
  if (members === undefined) pairs.text('display_text', arg.display ?? arg.name);
  if (keySpecIndex !== undefined) {
    pairs.add('key_spec_index', () => reply.integer(keySpecIndex));
  }
  pairs.text('token', arg.token);
  pairs.text('since', arg.since);
  pairs.text('deprecated_since', arg.deprecatedSince);
  const flags = [
    ...(arg.optional ? ['optional'] : []),
    ...(arg.multiple ? ['multiple'] : []),
    ...(arg.multipleToken ? ['multiple_token'] : []),
  ];
  if (flags.length > 0) pairs.add('flags', () => replyStatusSet(flags, reply));
  if (members !== undefined) pairs.add('arguments', () => replyArguments(members, reply));
  pairs.end();
}
