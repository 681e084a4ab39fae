// What a value is: its type and its encoding, and both as the four bits that a record has for them.

/** Types by the numbers that RDB and TYPE know. */
export const Kind = { string: 0, list: 1, set: 2, zset: 3, hash: 4, stream: 6 } as const;

/** Encodings by the numbers of Redis's object header. */
export const Encoding = {
  raw: 0,
  int: 1,
  hashtable: 2,
  intset: 6,
  skiplist: 7,
  embstr: 8,
  quicklist: 9,
  stream: 10,
  listpack: 11,
} as const;

const kindNames = ['string', 'list', 'set', 'zset', 'hash', '', 'stream'];
const encodingNames: Readonly<Record<number, string>> = {
  0: 'raw',
  1: 'int',
  2: 'hashtable',
  6: 'intset',
  7: 'skiplist',
  8: 'embstr',
  9: 'quicklist',
  10: 'stream',
  11: 'listpack',
};

/** The word that TYPE replies. */
export function kindName(kind: number): string {
  return kindNames[kind];
}

/** The word that OBJECT ENCODING replies. */
export function encodingName(encoding: number): string {
  return encodingNames[encoding];
}

// Every kind with an encoding it can have, so that both fit in four bits.
const forms: readonly (readonly [kind: number, encoding: number])[] = [
  [Kind.string, Encoding.raw],
  [Kind.string, Encoding.int],
  [Kind.string, Encoding.embstr],
  [Kind.list, Encoding.listpack],
  [Kind.list, Encoding.quicklist],
  [Kind.set, Encoding.intset],
  [Kind.set, Encoding.listpack],
  [Kind.set, Encoding.hashtable],
  [Kind.zset, Encoding.listpack],
  [Kind.zset, Encoding.skiplist],
  [Kind.hash, Encoding.listpack],
  [Kind.hash, Encoding.hashtable],
  [Kind.stream, Encoding.stream],
];
/** The kind of a form. */
export const kindOfForm: Uint8Array = Uint8Array.from(forms, ([kind]) => kind);
/** The encoding of a form. */
export const encodingOfForm: Uint8Array = Uint8Array.from(forms, ([, encoding]) => encoding);
/** The form at [(kind << 4) | encoding]. */
export const formOf: Uint8Array = new Uint8Array(8 * 16);
forms.forEach(([kind, encoding], form) => {
  formOf[(kind << 4) | encoding] = form;
});
