/** A pool of one connection whose statements a test can watch, change or fail. */
import { Pool, type PoolClient } from "pg"
import { onTestFinished } from "vitest"

type Query = (...given: ReadonlyArray<unknown>) => unknown

/** Runs before each statement, and may change the statements sent. */
export type BeforeQuery = (sent: ReadonlyArray<unknown>, client: PoolClient) => ReadonlyArray<unknown>

export const watchedPool = (url: string, pipeline: boolean, before: BeforeQuery): Pool => {
  const pool = new Pool({ connectionString: url, max: 1, pipeline })
  pool.on("error", () => {})
  pool.on("connect", (client) => {
    const query: Query = client.query.bind(client)
    const watched: Query = (...given) => query(...before(given, client))
    Reflect.set(client, "query", watched)
  })
  onTestFinished(() => pool.end())
  return pool
}
