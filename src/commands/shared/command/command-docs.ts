// One command as COMMAND DOCS replies it, with the argument trees that its notation stands for.

import type { Command } from '../../../dispatch/command.ts';
import type { CommandEntry } from '../../../dispatch/command-table.ts';
import { parseSyntax, type SyntaxArgument } from '../../../dispatch/syntax.ts';
import { OutputBuffer } from '../../../protocol/output-buffer.ts';
import { type ReplyWriter, Resp2Writer, Resp3Writer } from '../../../protocol/reply-writer.ts';
import { replyStatusSet } from './command-info.ts';

/** What was replied about a command before, by protocol. The facts never change. */
const written: Readonly<Record<2 | 3, WeakMap<CommandEntry, Buffer>>> = {
  2: new WeakMap(),
  3: new WeakMap(),
};

/**
 * Thousands of small strings are some ms of work for all commands together: too long for an event
 * loop to do each time that somebody starts redis-cli. The bytes are kept from the first time on.
 */
export function replyDocs(entry: CommandEntry, reply: ReplyWriter): void {
  const known = written[reply.protocol];
  let bytes = known.get(entry);
  if (bytes === undefined) {
    const out = new OutputBuffer();
    writeDocs(entry, reply.protocol === 3 ? new Resp3Writer(out) : new Resp2Writer(out));
    bytes = bytesOf(out);
    known.set(entry, bytes);
  }
  reply.raw(bytes);
}

function bytesOf(out: OutputBuffer): Buffer {
  const pieces: Buffer[] = [];
  // Copied: the pieces go back to their pool.
  out.take((piece) => pieces.push(Buffer.from(piece)) > 0);
  return Buffer.concat(pieces);
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

function writeDocs(entry: CommandEntry, reply: ReplyWriter): void {
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
    pairs.add('arguments', () => replyArguments(parseSyntax(syntax), reply));
  }
  if (subcommands !== undefined) {
    pairs.add('subcommands', () => {
      reply.map(subcommands.size);
      for (const sub of subcommands.values()) {
        reply.text(sub.fullName);
        writeDocs(sub, reply);
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
