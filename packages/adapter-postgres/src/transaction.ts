/**
 * Transactions on a pool. Each is one promise that is never left in the middle: an interruption takes effect before it or after
 * it, and a connection that was lost is not given back.
 */
import { RepositoryError, StoreBusy, type WorkspaceId } from "@leadterra/core"
import * as Effect from "effect/Effect"
import type { Pool, PoolClient } from "pg"
import { isDisconnect, repositoryError } from "./failure.ts"
import { Session } from "./Session.ts"

export interface Connections {
  readonly pool: Pool
  readonly acquireTimeoutMillis: number
  readonly statementTimeoutMillis: number | undefined
  readonly namedStatements: boolean
}

/** What a transaction ends by. */
export interface Ending<A> {
  readonly commits: boolean
  readonly value: A
}

/**
 * A free connection, or `StoreBusy` when there is none for too long. A connection that is lost says so by an event, at any time from
 * the moment at which the pool hands it out, and an event that nobody hears ends the process.
 */
const acquire = (
  { acquireTimeoutMillis, pool }: Connections,
  lose: (error: Error) => void
): Promise<PoolClient> =>
  new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reject(new RepositoryError({ operation: "connect", reason: new StoreBusy() }))
    }, acquireTimeoutMillis)
    pool.connect((error, client) => {
      clearTimeout(timer)
      if (client === undefined) return reject(error)
      if (isLate) return client.release()
      client.on("error", lose)
      resolve(client)
    })
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
  work: (client: PoolClient, lose: (error: Error) => void) => Promise<A>
): Promise<A> => {
  let lost: Error | undefined
  const lose = (error: Error): void => {
    lost = error
  }
  const client = await acquire(connections, lose)
  try {
    return await work(client, lose)
  } catch (error) {
    if (isDisconnect(error) && error instanceof Error) lost ??= error
    throw error
  } finally {
    client.off("error", lose)
    client.release(lost)
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
  begin: string,
  workspace: WorkspaceId | typeof all,
  body: (session: Session) => Promise<Ending<A>>
): Promise<A> =>
  withConnection(connections, async (client, lose) => {
    const { namedStatements, statementTimeoutMillis } = connections
    const limit =
      statementTimeoutMillis === undefined ? "" : `; SET LOCAL statement_timeout = ${statementTimeoutMillis}`
    const session = new Session(client, namedStatements)
    try {
      await session.begin(
        `${begin}; SET LOCAL leadterra.workspace = ${quoted(workspace)}; ${settings}${limit}`
      )
      const { commits, value } = await body(session)
      await session.run(commits ? "COMMIT" : "ROLLBACK")
      return value
    } catch (error) {
      // What cannot be rolled back is given up, and the server rolls it back.
      if (!isDisconnect(error)) await client.query("ROLLBACK").catch(lose)
      throw error
    }
  })

/** A transaction as an effect. What is no failure of the store, such as a rule that throws, comes out as a defect. */
export const attempt = <A>(operation: string, run: () => Promise<A>): Effect.Effect<A, RepositoryError> =>
  Effect.uninterruptible(
    Effect.tryPromise({ try: run, catch: (error) => error }).pipe(
      Effect.catch((error) => Effect.suspend(() => Effect.fail(repositoryError(operation, error))))
    )
  )
