// What can be wrong with a rule, and Redis's sentence for it. The sentence stands inside other texts
// (ACL SETUSER's reply, the log of a failing start, ACL LOAD's list), so it carries no error code.

export type AclProblem =
  | 'unknown'
  | 'syntax'
  | 'keyAfterAll'
  | 'channelAfterAll'
  | 'noSuchPassword'
  | 'badHash'
  | 'duplicateUser'
  | 'firstArgOfSubcommand';

const AFTER_ALL =
  'Adding a pattern after the * pattern (or the %s flag) is not valid and does not have any effect. ';

const sentences: Readonly<Record<AclProblem, string>> = {
  unknown: 'Unknown command or category name in ACL',
  syntax: 'Syntax error',
  keyAfterAll: `${AFTER_ALL.replace('%s', "'allkeys'")}Try 'resetkeys' to start with an empty list of patterns`,
  channelAfterAll: `${AFTER_ALL.replace('%s', "'allchannels'")}Try 'resetchannels' to start with an empty list of channels`,
  noSuchPassword: 'The password you are trying to remove from the user does not exist',
  badHash:
    'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
  duplicateUser: 'Duplicate user found. A user can only be defined once in config files',
  firstArgOfSubcommand: 'Allowing first-arg of a subcommand is not supported',
};

export function problemText(problem: AclProblem): string {
  return sentences[problem];
}
