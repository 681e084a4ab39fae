// The text of an `aclfile`: one `user …` line each, no comments, since ACL SAVE writes it anew.
// Every wrong line is reported, and one is enough for nothing to be loaded.

import type { AclCommandSet } from './acl-commands.ts';
import { problemText } from './acl-problem.ts';
import { mergeSelectorWords } from './acl-rule-words.ts';
import { hasSpaces } from './acl-selector.ts';
import type { AclSettings } from './acl-user.ts';
import { AclUser } from './acl-user.ts';

/** The file that `aclfile` names, as the node sees it. Texts are latin1. */
export interface AclFile {
  /** As configured: it stands in error texts. */
  readonly path: string;
  /** The contents, or the system's word for why not ("No such file or directory"). */
  read(): { readonly text: string } | { readonly error: string };
  /** Replaces the contents durably; the sentence for the log when it failed. */
  replace(text: string): string | undefined;
}

export function aclFileText(descriptions: readonly string[]): string {
  return descriptions.map((text) => `user ${text}\n`).join('');
}

/** The users of the file, or one text with all that is wrong. */
export function parseAclFile(
  text: string,
  path: string,
  commands: AclCommandSet,
  settings: AclSettings,
): Map<string, AclUser> | string {
  const users = new Map<string, AclUser>();
  let problems = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    if (line === '') continue;
    const number = index + 1;
    const [keyword, name, ...args] = line.split(' ');
    if (keyword !== 'user' || name === undefined) {
      problems += `${path}:${number} should start with user keyword followed by the username. `;
    } else if (hasSpaces(name)) {
      problems += `'${path}:${number}: username '${name}' contains invalid characters. `;
    } else if (users.has(name)) {
      problems += `WARNING: Duplicate user '${name}' found on line ${number}. `;
    } else {
      const user = new AclUser(name, settings);
      users.set(name, user);
      problems += applyLine(user, args, `${path}:${number}`, commands, settings);
    }
  }
  if (problems === '') return users;
  return `${problems}WARNING: ACL errors detected, no change to the previously active ACL rules was performed`;
}

/** What is wrong with one user's rules; '' when nothing. */
function applyLine(
  user: AclUser,
  args: readonly string[],
  place: string,
  commands: AclCommandSet,
  settings: AclSettings,
): string {
  const merged = mergeSelectorWords(args);
  if (merged.unmatched !== undefined) {
    return `${place}: Unmatched parenthesis in selector definition.`;
  }
  let problems = '';
  let told = false;
  for (const word of merged.words) {
    const op = word.replace(/^[\t\r\n]+|[\t\r\n]+$/g, '');
    const problem = user.apply(op, commands, settings);
    if (problem === undefined) continue;
    if (problem === 'unknown') {
      // Only a command's name is repeated: any other word might hold a password.
      problems += `${place}: Error in applying operation '${op}': ${problemText(problem)}. `;
    } else if (!told) {
      problems += `${place}: ${problemText(problem)}. `;
      told = true;
    }
  }
  return problems;
}
