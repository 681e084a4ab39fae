// The one catalogue of error replies, in Redis's words, without the leading '-'. Commands reply with
// an entry of this object and never with a text of their own; docs/errors.md lists it and a test
// holds the two together.

export const errors = {
  syntax: 'ERR syntax error',
  wrongType: 'WRONGTYPE Operation against a key holding the wrong kind of value',
  notInteger: 'ERR value is not an integer or out of range',
  notFloat: 'ERR value is not a valid float',
  noSuchKey: 'ERR no such key',
  outOfRange: 'ERR index out of range',
  notPositive: 'ERR value is out of range, must be positive',
  timeoutNotFloat: 'ERR timeout is not a float or out of range',
  timeoutNegative: 'ERR timeout is negative',
  noAuth: 'NOAUTH Authentication required.',
  loading: 'LOADING Redis is loading the dataset in memory',
  outOfMemory: "OOM command not allowed when used memory > 'maxmemory'.",
  execAborted: 'EXECABORT Transaction discarded because of previous errors.',
  nestedMulti: 'ERR MULTI calls can not be nested',
  incrementOverflow: 'ERR increment or decrement would overflow',
  incrementNotFinite: 'ERR increment would produce NaN or Infinity',
  stringTooLong: 'ERR string exceeds maximum allowed size (proto-max-bulk-len)',
  dbOutOfRange: 'ERR DB index is out of range',
  invalidDb: 'ERR invalid DB index',
  offsetOutOfRange: 'ERR offset is out of range',
  decrementOverflow: 'ERR decrement would overflow',
  lcsNotStrings: 'ERR The specified keys must contain string values',
  lcsLengthAndIndexes: 'ERR If you want both the length and indexes, please just use IDX.',
  lcsTooLarge: 'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
  lcsNoMemory: 'ERR Insufficient memory, failed allocating transient memory for LCS',
  invalidCursor: 'ERR invalid cursor',
  expireNxConflict: 'ERR NX and XX, GT or LT options at the same time are not compatible',
  expireGtConflict: 'ERR GT and LT options at the same time are not compatible',
  sameObject: 'ERR source and destination objects are the same',
  invalidFirstDb: 'ERR invalid first DB index',
  invalidSecondDb: 'ERR invalid second DB index',
  execWithoutMulti: 'ERR EXEC without MULTI',
  discardWithoutMulti: 'ERR DISCARD without MULTI',
  watchInsideMulti: 'ERR WATCH inside MULTI is not allowed',
  idleTimeNotTracked:
    'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
  frequencyNotTracked:
    'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
  timeoutNotInteger: 'ERR timeout is not an integer or out of range',
  timeoutOutOfRange: 'ERR timeout is out of range',
  waitaofWithoutAof: 'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
  notBetween: (low: number, high: number): string =>
    `ERR value is out of range, value must between ${low} and ${high}`,
  unsupportedOption: (word: string): string => `ERR Unsupported option ${word}`,
  wrongArity: (name: string): string => `ERR wrong number of arguments for '${name}' command`,
  unknownSubcommand: (word: string, container: string): string =>
    `ERR unknown subcommand '${word}'. Try ${container.toUpperCase()} HELP.`,
  invalidExpire: (name: string): string => `ERR invalid expire time in '${name}' command`,
} as const;
