// One command as COMMAND and COMMAND INFO reply it: ten elements, subcommands inside.

import { aclCategories, categoryBit } from '../../../dispatch/acl/acl-commands.ts';
import type { KeySpec, KeySpecFlag } from '../../../dispatch/command.ts';
import { shownFlags } from '../../../dispatch/command-flags.ts';
import { type CommandEntry, legacyKeyRange } from '../../../dispatch/command-table.ts';
import type { ReplyWriter } from '../../../protocol/reply-writer.ts';

/** Null for a command that does not exist. */
export function replyInfo(entry: CommandEntry | undefined, reply: ReplyWriter): void {
  if (entry === undefined) {
    reply.null();
    return;
  }
  const { command } = entry;
  const [first, last, step] = legacyKeyRange(command);
  reply.array(10);
  reply.text(entry.fullName);
  reply.integer(entry.arity);
  replyStatusSet(shownFlags(entry.flags), reply);
  reply.integer(first);
  reply.integer(last);
  reply.integer(step);
  const categories = aclCategories.filter((name) => (entry.categories & categoryBit(name)) !== 0);
  replyStatusSet(
    categories.map((name) => `@${name}`),
    reply,
  );
  const tips = command.tips ?? [];
  reply.set(tips.length);
  for (const tip of tips) reply.text(tip);
  const specs = command.keys ?? [];
  reply.set(specs.length);
  for (const spec of specs) replyKeySpec(spec, reply);
  if (entry.subcommands === undefined) {
    reply.set(0);
    return;
  }
  reply.array(entry.subcommands.size);
  for (const sub of entry.subcommands.values()) replyInfo(sub, reply);
}

export function replyStatusSet(words: readonly string[], reply: ReplyWriter): void {
  reply.set(words.length);
  for (const word of words) reply.simple(word);
}

const KEY_FLAGS: readonly KeySpecFlag[] = [
  'RO',
  'RW',
  'OW',
  'RM',
  'access',
  'update',
  'insert',
  'delete',
  'not_key',
  'incomplete',
  'variable_flags',
];

/** In the order in which Redis prints them. */
export function sortedKeyFlags(flags: readonly KeySpecFlag[]): readonly KeySpecFlag[] {
  return KEY_FLAGS.filter((flag) => flags.includes(flag));
}

function replyKeySpec(spec: KeySpec, reply: ReplyWriter): void {
  reply.map(spec.notes === undefined ? 3 : 4);
  if (spec.notes !== undefined) {
    reply.text('notes');
    reply.text(spec.notes);
  }
  reply.text('flags');
  replyStatusSet(sortedKeyFlags(spec.flags), reply);
  reply.text('begin_search');
  replyBegin(spec.begin, reply);
  reply.text('find_keys');
  replyFind(spec.find, reply);
}

function replyBegin(begin: KeySpec['begin'], reply: ReplyWriter): void {
  if (begin === 'unknown') replyStep(reply, 'unknown', []);
  else if ('index' in begin) replyStep(reply, 'index', [['index', begin.index]]);
  else {
    replyStep(reply, 'keyword', [
      ['keyword', begin.keyword],
      ['startfrom', begin.from],
    ]);
  }
}

function replyFind(find: KeySpec['find'], reply: ReplyWriter): void {
  if (find === 'unknown') replyStep(reply, 'unknown', []);
  else if ('keynum' in find) {
    replyStep(reply, 'keynum', [
      ['keynumidx', find.keynum],
      ['firstkey', find.first],
      ['keystep', find.step],
    ]);
  } else {
    replyStep(reply, 'range', [
      ['lastkey', find.last],
      ['keystep', find.step],
      ['limit', find.limit],
    ]);
  }
}

function replyStep(
  reply: ReplyWriter,
  type: string,
  spec: readonly (readonly [string, string | number])[],
): void {
  reply.map(2);
  reply.text('type');
  reply.text(type);
  reply.text('spec');
  reply.map(spec.length);
  for (const [name, value] of spec) {
    reply.text(name);
    if (typeof value === 'number') reply.integer(value);
    else reply.text(value);
  }
}
