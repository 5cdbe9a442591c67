/** The secrets of the `ServerStore` in SQLite. The current ones are in `server_secret`. */
import type Database from "better-sqlite3"
import {
  drawSecret,
  maxFormerSecrets,
  type SecretStore,
  secretBytes,
  TooManySecrets
} from "../../secrets/SecretStore.ts"

/** Secrets that were replaced, in the order of their versions. */
export const migration = `
  CREATE TABLE server_former_secret (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    secret BLOB NOT NULL CHECK (length(secret) = ${secretBytes}),
    replaced_at REAL NOT NULL,
    PRIMARY KEY (name, version)
  ) STRICT, WITHOUT ROWID;
`

interface Row {
  readonly secret: Uint8Array
  readonly replaced_at: number | null
}

export const make = (
  db: Database.Database,
  attempt: <A>(piece: () => A) => A
): { readonly secret: (name: string) => Promise<Uint8Array>; readonly secrets: SecretStore } => {
  const add = db.prepare<[string, Uint8Array]>(
    "INSERT INTO server_secret VALUES (?, ?) ON CONFLICT DO NOTHING"
  )
  const find = db.prepare<[string], Uint8Array>("SELECT secret FROM server_secret WHERE name = ?").pluck()
  const former = db.prepare<[string], Row>(
    "SELECT secret, replaced_at FROM server_former_secret WHERE name = ? ORDER BY version DESC"
  )
  const drop = db.prepare<[string, number]>(
    "DELETE FROM server_former_secret WHERE name = ? AND replaced_at < ?"
  )
  const keep = db.prepare<[string, Uint8Array, number, string]>(
    `INSERT INTO server_former_secret
     SELECT ?, coalesce(max(version), 0) + 1, ?, ? FROM server_former_secret WHERE name = ?`
  )
  const change = db.prepare<[Uint8Array, string]>("UPDATE server_secret SET secret = ? WHERE name = ?")

  const draw = db.transaction((name: string): Uint8Array => {
    add.run(name, drawSecret())
    return find.get(name) ?? new Uint8Array()
  })
  const current = (name: string): Uint8Array => find.get(name) ?? draw.immediate(name)
  const all = db.transaction(
    (name: string): ReadonlyArray<Row> => [{ secret: current(name), replaced_at: null }, ...former.all(name)]
  )
  const rotate = db.transaction((name: string, at: number, keepSince: number): void => {
    const replaced = current(name)
    drop.run(name, keepSince)
    if (at >= keepSince) {
      if (former.all(name).length >= maxFormerSecrets) throw new TooManySecrets()
      keep.run(name, replaced, at, name)
    }
    change.run(drawSecret(), name)
  })

  return {
    secret: async (name) => Uint8Array.from(attempt(() => current(name))),
    secrets: {
      all: async (name) =>
        attempt(() => all.immediate(name)).map(({ replaced_at, secret }) => ({
          secret: Uint8Array.from(secret),
          replacedAt: replaced_at
        })),
      rotate: async (name, { at, keepSince }) => attempt(() => rotate.immediate(name, at, keepSince))
    }
  }
}
