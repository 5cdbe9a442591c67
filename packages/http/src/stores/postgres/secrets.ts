/** The secrets of the `ServerStore` in PostgreSQL. The current ones are in `server_secret`. */
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
    name text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    secret text NOT NULL CHECK (length(secret) = ${2 * secretBytes}),
    replaced_at double precision NOT NULL,
    PRIMARY KEY (name, version)
  );
`

type Row = Readonly<Record<string, string | null>>

/** Runs a statement, and returns its rows as text. */
type Query = (text: string, values: Array<unknown>) => Promise<ReadonlyArray<Row>>

export interface SecretsConnection {
  readonly query: Query
  readonly inTransaction: (work: (query: Query) => Promise<void>) => Promise<void>
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const bytesOf = (hex: string | null | undefined): Uint8Array => Uint8Array.from(Buffer.from(hex ?? "", "hex"))

/** The current secret and the former ones, as one statement sees them. */
const allSql = `SELECT secret, NULL AS replaced_at, NULL AS version FROM server_secret WHERE name = $1
  UNION ALL SELECT secret, replaced_at::text, version FROM server_former_secret WHERE name = $1
  ORDER BY version DESC NULLS FIRST`

export const make = ({
  inTransaction,
  query
}: SecretsConnection): {
  readonly secret: (name: string) => Promise<Uint8Array>
  readonly secrets: SecretStore
} => {
  const find = async (name: string): Promise<string | null | undefined> =>
    (await query("SELECT secret FROM server_secret WHERE name = $1", [name]))[0]?.["secret"]

  const draw = async (run: Query, name: string): Promise<void> => {
    await run("INSERT INTO server_secret VALUES ($1, $2) ON CONFLICT DO NOTHING", [name, hexOf(drawSecret())])
  }

  const rotate = async (run: Query, name: string, at: number, keepSince: number): Promise<void> => {
    await draw(run, name)
    // A rotation by another process is waited for.
    const [row] = await run("SELECT secret FROM server_secret WHERE name = $1 FOR UPDATE", [name])
    await run("DELETE FROM server_former_secret WHERE name = $1 AND replaced_at < $2", [name, keepSince])
    if (at >= keepSince) {
      const kept = await run("SELECT version FROM server_former_secret WHERE name = $1", [name])
      if (kept.length >= maxFormerSecrets) throw new TooManySecrets()
      const version = Math.max(0, ...kept.map((each) => Number(each["version"]))) + 1
      const values = [name, version, row?.["secret"], at]
      await run("INSERT INTO server_former_secret VALUES ($1, $2, $3, $4)", values)
    }
    await run("UPDATE server_secret SET secret = $1 WHERE name = $2", [hexOf(drawSecret()), name])
  }

  return {
    secret: async (name) => {
      const found = await find(name)
      if (found !== undefined) return bytesOf(found)
      await draw(query, name)
      return bytesOf(await find(name))
    },
    secrets: {
      all: async (name) => {
        const found = await query(allSql, [name])
        if (found.length === 0) await draw(query, name)
        const rows = found.length === 0 ? await query(allSql, [name]) : found
        return rows.map((row) => ({
          secret: bytesOf(row["secret"]),
          replacedAt: row["replaced_at"] === null ? null : Number(row["replaced_at"])
        }))
      },
      rotate: (name, { at, keepSince }) => inTransaction((run) => rotate(run, name, at, keepSince))
    }
  }
}
