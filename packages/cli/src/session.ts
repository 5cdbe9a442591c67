/** What every command is given: the store that it names, the workspace, and how to answer. */
import { existsSync } from "node:fs"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import type { Repository, RepositoryError } from "@leadterra/core"
import { type Engine, open } from "@leadterra/core/promise"
import type * as Layer from "effect/Layer"
import { UsageError } from "./failure.ts"
import type { Terminal } from "./Terminal.ts"

/** Options that every command has. */
export interface CommonOptions {
  readonly db: string
  readonly workspace: string
  readonly json?: boolean | undefined
}

export interface Session {
  readonly engine: Engine
  readonly workspaceId: string
  readonly terminal: Terminal
  /** Answers a value as JSON where that was asked for, else as text. */
  readonly answer: (value: unknown, text: string) => Promise<void>
  readonly isJson: boolean
}

/** Whether a store is on a PostgreSQL server; else it is a file. */
export const isServer = (db: string): boolean => /^postgres(?:ql)?:\/\//.test(db)

const isFile = (db: string): boolean => db !== ":memory:" && !isServer(db)

/**
 * The url with the name that the driver has for what it does: it verifies the server for each of
 * these modes, and warns about all but one.
 */
export const verified = (url: string): string =>
  /[?&]uselibpqcompat=/.test(url)
    ? url
    : url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/g, "$1verify-full")

/** How long a command waits for others that use the store, and connections to a server at most. */
export interface StoreSettings {
  readonly waitMillis: number
  readonly connections: number
}

const ofCommand: StoreSettings = { waitMillis: 30_000, connections: 4 }

/** What talks to a server is loaded where there is one. */
const storeOf = async (
  db: string,
  { connections, waitMillis }: StoreSettings
): Promise<Layer.Layer<Repository, RepositoryError>> => {
  if (!isServer(db)) return SqliteRepository.layer({ filename: db, busyTimeoutMillis: waitMillis })
  const { PostgresRepository } = await import("@leadterra/adapter-postgres")
  return PostgresRepository.layer({ url: verified(db), connections, acquireTimeoutMillis: waitMillis })
}

/** Opens the store, does the work, and closes it however that ends. Only who `creates` makes a file that is not there. */
export const inSession = async <A>(
  { db, json = false, workspace }: CommonOptions,
  terminal: Terminal,
  work: (session: Session) => Promise<A>,
  {
    creates = false,
    settings = ofCommand
  }: { readonly creates?: boolean; readonly settings?: StoreSettings } = {}
): Promise<A> => {
  if (!creates && isFile(db) && !existsSync(db)) {
    throw new UsageError(
      `There is no file ${db}: name the one with your campaigns by --db, or make it by leadterra campaign create`
    )
  }
  const engine = await open(await storeOf(db, settings))
  try {
    return await work({
      engine,
      workspaceId: workspace,
      terminal,
      isJson: json,
      answer: (value, text) => (json ? terminal.data(`${JSON.stringify(value)}\n`) : terminal.out(text))
    })
  } finally {
    await engine.close()
  }
}
