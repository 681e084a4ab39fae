import type { Database } from './database.ts';

/** Copies a key of `db` under another name or into another database; the target must not exist. */
export function copyKey(
  db: Database,
  b: Uint8Array,
  s: number,
  e: number,
  target: Database,
  tb: Uint8Array,
  ts: number,
  te: number,
): void {
  const ref = db.lookupRaw(b, s, e);
  const expiry = db.expiry(ref);
  const kind = db.kind(ref);
  const encoding = db.encoding(ref);
  if (db.isObject(ref)) {
    target.setObject(tb, ts, te, kind, encoding, db.object(ref).clone());
  } else {
    const start = db.valueStart(ref);
    const end = start + db.valueLength(ref);
    target.setPacked(tb, ts, te, kind, encoding, db.page(ref), start, end);
  }
  if (expiry >= 0) target.setExpiry(tb, ts, te, expiry);
}
