// The numbers of the RDB format: what Redis 1 to 7.4 and Valkey have written (rdb.h). The format has no
// specification but Redis's own reader and writer; a number once given never changes its meaning.

/** How a value is laid out. */
export const RdbType = {
  string: 0,
  list: 1,
  set: 2,
  /** Scores as text. */
  zset: 3,
  hash: 4,
  /** Scores as doubles. */
  zset2: 5,
  modulePreRelease: 6,
  module: 7,
  hashZipmap: 9,
  listZiplist: 10,
  setIntset: 11,
  zsetZiplist: 12,
  hashZiplist: 13,
  listQuicklist: 14,
  streamListpacks: 15,
  hashListpack: 16,
  zsetListpack: 17,
  listQuicklist2: 18,
  streamListpacks2: 19,
  setListpack: 20,
  streamListpacks3: 21,
} as const;

/** What may stand where a type may. */
export const Opcode = {
  slotInfo: 244,
  function: 245,
  functionPreRelease: 246,
  moduleAux: 247,
  idle: 248,
  frequency: 249,
  aux: 250,
  resizeDb: 251,
  expiryMs: 252,
  expirySeconds: 253,
  selectDb: 254,
  end: 255,
} as const;

/** Strings that are not bytes: the two upper bits of their length are set. */
export const StringForm = { int8: 0, int16: 1, int32: 2, lzf: 3 } as const;

/** How a node of a quicklist is kept (`listQuicklist2`). */
export const NodeForm = { plain: 1, packed: 2 } as const;

/** Why a type that Redis or Valkey may write cannot be loaded; undefined: it is no type at all. */
export function refusedTypeName(type: number): string | undefined {
  switch (type) {
    case RdbType.modulePreRelease:
      return 'a module value of a pre-release format';
    case RdbType.module:
      return 'a value of a module';
    case 22:
    case 23:
    case 24:
    case 25:
      return 'a hash with expiring fields';
    default:
      return undefined;
  }
}

/** The versions that can be read; Valkey counts its own from 80. */
export const OLDEST_VERSION = 1;
export const NEWEST_VERSION = 12;
export const VALKEY_VERSION = 80;

/** A string longer than this is not a value but damage. */
export const MAX_STRING_BYTES: number = 2 ** 31 - 1;

/** Version (2 bytes) and CRC-64 (8) behind a DUMP payload. */
export const FOOTER_BYTES = 10;
