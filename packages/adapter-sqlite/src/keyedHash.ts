/**
 * Hashes under the secret of the file, in base64: the same text has another hash in another file. A
 * guess can be tested with the file, but not with a hash alone.
 */
import { createHmac } from "node:crypto"
import type { Database } from "better-sqlite3"

export type KeyedHash = (text: string) => string

/** The secret is read when the first text is hashed. */
export const keyedHash = (db: Database): KeyedHash => {
  const secretOf = db.prepare<[], Buffer>("SELECT secret FROM erasure_secret").pluck()
  let secret: Buffer | undefined
  return (text) => {
    secret ??= secretOf.get()
    if (secret === undefined) throw new Error("a migration makes the secret")
    return createHmac("sha256", secret).update(text).digest("base64")
  }
}
