/** The store of API keys, in the file or the database that holds the leads. */
import { MemoryServerStore, type ServerStore } from "@leadterra/http"
import { isServer, verified } from "./store.ts"

/** Milliseconds that a call waits for a connection, and for the answer to a statement. */
const connectTimeoutMillis = 5_000
const queryTimeoutMillis = 10_000

/** Connections at most: a look-up of a key is short. */
const connections = 4

/**
 * Opens the store. The store of the leads must be open: it checks the url, and a new file or database
 * gets its tables first. Rejects with `ServerStoreError`.
 */
export const openServerStore = async (db: string, busyTimeoutMillis: number): Promise<ServerStore> => {
  if (db === ":memory:") return MemoryServerStore.make()
  if (!isServer(db)) {
    const SqliteServerStore = await import("@leadterra/http/sqlite")
    return SqliteServerStore.make({ filename: db, busyTimeoutMillis })
  }
  const [{ Pool }, PostgresServerStore] = await Promise.all([
    import("pg"),
    import("@leadterra/http/postgres")
  ])
  const pool = new Pool({
    connectionString: verified(db),
    max: connections,
    application_name: "leadterra",
    connectionTimeoutMillis: connectTimeoutMillis,
    query_timeout: queryTimeoutMillis,
    keepAlive: true
  })
  // An idle connection that is lost is replaced when it is needed.
  pool.on("error", () => {})
  try {
    const store = await PostgresServerStore.make({ pool })
    return { ...store, close: () => pool.end() }
  } catch (error) {
    await pool.end()
    throw error
  }
}
