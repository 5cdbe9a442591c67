/**
 * Transactions on a pool. Each commits whole or not at all: an interruption ends the wait for a
 * connection, and no statement begins after it. Each transaction first reads the schema's version,
 * and is refused when another process has migrated the schema.
 */
import { RepositoryError, StoreBusy, type WorkspaceId } from "@leadterra/core"
import * as Effect from "effect/Effect"
import type { Pool, PoolClient } from "pg"
import { Connection } from "./Connection.ts"
import { connectFailure, Interrupted, repositoryError } from "./failure.ts"
import { checkVersion, readVersion } from "./migrate.ts"
import { Session } from "./Session.ts"

export interface Connections {
  readonly pool: Pool
  /** Whether the store has made the pool. */
  readonly isOwn: boolean
  readonly acquireTimeoutMillis: number
  readonly idleTimeoutMillis: number
  readonly queryTimeoutMillis: number
  readonly statementTimeoutMillis: number | undefined
  readonly namedStatements: boolean
}

/** What a transaction ends by. */
export interface Ending<A> {
  readonly commits: boolean
  readonly value: A
}

/**
 * Takes a free connection. Fails with `StoreBusy` when none gets free in time, with
 * `StoreDisconnected` when the server does not answer, and with `Interrupted`.
 */
const acquire = (
  { acquireTimeoutMillis, isOwn, pool, queryTimeoutMillis }: Connections,
  signal: AbortSignal
): Promise<Connection> =>
  new Promise((resolve, reject) => {
    let isOver = false
    const giveUp = (reason: unknown): void => {
      isOver = true
      end()
      reject(reason)
    }
    const tooLate = () => giveUp(new RepositoryError({ operation: "connect", reason: new StoreBusy() }))
    // The store's own pool ends the wait itself, and knows whether it was for a new connection.
    const timer = isOwn ? undefined : setTimeout(tooLate, acquireTimeoutMillis)
    const interrupted = () => giveUp(new Interrupted())
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener("abort", interrupted)
    }
    signal.addEventListener("abort", interrupted)
    const connected = (error: Error | undefined, client: PoolClient | undefined): void => {
      if (isOver) client?.release()
      else if (client === undefined) giveUp(connectFailure(error))
      else {
        end()
        resolve(new Connection(client, queryTimeoutMillis, signal))
      }
    }
    try {
      pool.connect(connected)
    } catch (error) {
      giveUp(connectFailure(error))
    }
  })

/**
 * Every statement finds its rows by an index, in the order of it, and its plan holds for any values: so plans are made once, and none
 * walks a table or sorts what it could read in order because the table is new to the server. A null is one in an array, and a number
 * comes as it is, whatever the database is set to.
 */
export const settings = [
  "plan_cache_mode = force_generic_plan",
  ...["seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin", "material", "memoize"].map(
    (way) => `enable_${way} = off`
  ),
  "jit = off",
  "array_nulls = on",
  "extra_float_digits = 1"
]
  .map((setting) => `SET LOCAL ${setting}`)
  .join("; ")

/** Gives a connection to some work, and takes it back whatever becomes of it. */
export const withConnection = async <A>(
  connections: Connections,
  signal: AbortSignal,
  work: (connection: Connection) => Promise<A>
): Promise<A> => {
  const connection = await acquire(connections, signal)
  try {
    return await work(connection)
  } finally {
    connection.release()
  }
}

/** Stands for every workspace, and is the name of none. */
export const all = "*"

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/**
 * Runs a transaction for one workspace, or for `all` of them. It says for which, so that policies of the database may hold it to that.
 */
export const transaction = <A>(
  connections: Connections,
  signal: AbortSignal,
  begin: string,
  workspace: WorkspaceId | typeof all,
  body: (session: Session) => Promise<Ending<A>>
): Promise<A> =>
  withConnection(connections, signal, async (connection) => {
    const { acquireTimeoutMillis, namedStatements } = connections
    const session = new Session(connection, namedStatements)
    try {
      await session.begin(
        `${begin}; SET LOCAL leadterra.workspace = ${quoted(workspace)}; ${settings}; ${limitsOf(connections)}; ${readVersion.text}`,
        acquireTimeoutMillis,
        checkVersion
      )
      const { commits, value } = await body(session)
      await session.end(commits)
      return value
    } catch (error) {
      await connection.rollback()
      throw error
    }
  })

/**
 * The server ends the transaction of a silent process after a while, and so unlocks its workspace.
 */
const limitsOf = ({ idleTimeoutMillis, statementTimeoutMillis }: Connections): string => {
  const idle = `SET LOCAL idle_in_transaction_session_timeout = ${idleTimeoutMillis}`
  return statementTimeoutMillis === undefined
    ? idle
    : `${idle}; SET LOCAL statement_timeout = ${statementTimeoutMillis}`
}

/**
 * A transaction as an effect. An interruption waits until the transaction has ended, which it does
 * soon. An error of anything but the store, such as a rule that throws, is a defect.
 */
export const attempt = <A>(
  operation: string,
  run: (signal: AbortSignal) => Promise<A>
): Effect.Effect<A, RepositoryError> =>
  Effect.callback((resume) => {
    const controller = new AbortController()
    const running = run(controller.signal).then(
      (value) => resume(Effect.succeed(value)),
      (error) => resume(Effect.suspend(() => Effect.fail(repositoryError(operation, error))))
    )
    return Effect.promise(() => {
      controller.abort()
      return running
    })
  })
