/** The store that `--db` names: whether there can be one, and opening it. */
import { existsSync, statSync } from "node:fs"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { RepositoryError, StoreRefused } from "@leadterra/core"
import { type Engine, open } from "@leadterra/core/promise"
import { CannotOpenStore, UsageError } from "./failure.ts"

/** Whether a store is on a PostgreSQL server; else it is a file. */
export const isServer = (db: string): boolean => /^postgres(?:ql)?:\/\//i.test(db)

const memory = ":memory:"

/**
 * The url as the driver takes it: with a scheme in lower case, and the name that the driver has for
 * what it does. It verifies the server for each of these modes, and warns about all but one.
 */
export const verified = (url: string): string => {
  const plain = url.replace(/^\w+/, (scheme) => scheme.toLowerCase())
  return /[?&]uselibpqcompat=/.test(plain)
    ? plain
    : plain.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/g, "$1verify-full")
}

/** How long a command waits for others that use the store, and connections to a server at most. */
export interface StoreSettings {
  readonly waitMillis: number
  readonly connections: number
}

export interface StoreOptions {
  /** Whether the command makes a store that is not there. */
  readonly creates: boolean
  /** Whether the command has a use for a store in memory, which ends with it. */
  readonly takesMemory: boolean
  readonly settings: StoreSettings
}

/** The beginning of a url: a scheme before a slash, or before a name and a password. */
const urlBeginning = /^(?:([a-z][a-z\d+.-]+):(?=\/|.*@)|\/\/(?=[^/]*@))/i

/** Refuses a `--db` that names no store. A message does not repeat a url: it may hold a password. */
export const checkStore = (db: string, { creates, takesMemory }: Omit<StoreOptions, "settings">): void => {
  if (isServer(db)) return
  if (db === memory) {
    if (takesMemory) return
    throw new UsageError(
      "--db :memory: ends with this command, and no other one sees it: name a file, which is made if need be"
    )
  }
  if (existsSync(db)) {
    refuseNoFile(db)
    return
  }
  const url = urlBeginning.exec(db)
  if (url !== null) {
    const scheme = url[1] === undefined ? "another url" : `${url[1]}:`
    throw new UsageError(
      `--db takes a SQLite file or postgres://user@host/database, and not ${scheme}: check how it begins`
    )
  }
  if (creates) return
  throw new UsageError(
    `There is no file ${db}: name the one with your campaigns by --db, or make it by leadterra campaign create`
  )
}

/** SQLite would wait for ever for what is in a pipe. */
const refuseNoFile = (db: string): void => {
  const found = statSync(db, { throwIfNoEntry: false })
  if (found === undefined || found.isFile()) return
  const what = found.isDirectory() ? "a folder" : found.isFIFO() ? "a pipe" : "a device or a socket"
  throw new CannotOpenStore(`${db} is ${what}, and no SQLite file: name a file by --db`)
}

/** Opens a store that `checkStore` takes. */
export const openStore = async (db: string, { creates, settings }: StoreOptions): Promise<Engine> => {
  const { connections, waitMillis } = settings
  if (!isServer(db)) {
    return open(SqliteRepository.layer({ filename: db, busyTimeoutMillis: waitMillis }))
  }
  // The code that talks to a server is loaded where there is one.
  const { PostgresRepository } = await import("@leadterra/adapter-postgres")
  const opened = (migrate: boolean) =>
    open(
      PostgresRepository.layer({
        url: verified(db),
        connections,
        acquireTimeoutMillis: waitMillis,
        migrate
      })
    )
  if (creates) return opened(true)
  try {
    return await opened(false)
  } catch (error) {
    if (!(error instanceof RepositoryError && error.reason instanceof StoreRefused)) throw error
    if (error.reason.why === PostgresRepository.tablesMissing) {
      throw new UsageError(
        "There are no campaigns in this database: name the one that has them by --db, or make its tables by leadterra campaign create"
      )
    }
    // Tables of an older version are updated, as those of a file are.
    return opened(true)
  }
}
