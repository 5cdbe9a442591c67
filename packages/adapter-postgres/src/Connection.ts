/**
 * A pooled connection, while a piece of work holds it. Every wait for an answer ends: a statement
 * without an answer in time, or one that still runs a while after an interruption, ends the
 * connection. A connection that failed otherwise than by the server's own answer does not return to
 * the pool.
 */
import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from "pg"
import { driverFailure, Interrupted, isServerAnswer } from "./failure.ts"

/** Waits for an answer as long as it takes. */
export const unlimited = 0

/** How long a statement may still run after an interruption, in milliseconds. */
const graceMillis = 1_000

export class Connection {
  readonly isPipelined: boolean
  private readonly client: PoolClient
  private readonly queryTimeoutMillis: number
  private readonly signal: AbortSignal
  private failure: Error | undefined
  private grace: NodeJS.Timeout | undefined

  /** Must be made as the pool hands the client out: from then on a lost client emits an error. */
  constructor(client: PoolClient, queryTimeoutMillis: number, signal: AbortSignal) {
    this.client = client
    this.queryTimeoutMillis = queryTimeoutMillis
    this.signal = signal
    this.isPipelined = "pipeline" in client && client.pipeline === true
    client.on("error", this.lose)
    signal.addEventListener("abort", this.interrupt)
    if (signal.aborted) this.interrupt()
  }

  /** Fails with the server's error, with that of a lost connection, or with `Interrupted`. */
  async query<Row extends QueryResultRow>(
    query: string | QueryConfig,
    timeoutMillis: number = this.queryTimeoutMillis
  ): Promise<QueryResult<Row>> {
    if (this.signal.aborted) throw new Interrupted()
    return this.send(query, timeoutMillis)
  }

  /** Rolls the transaction back, unless the server does so because the connection is lost. */
  async rollback(): Promise<void> {
    if (this.failure === undefined) await this.send("ROLLBACK", this.queryTimeoutMillis).catch(() => {})
  }

  /** Gives the connection back, or ends it when it has failed. */
  release(): void {
    clearTimeout(this.grace)
    this.signal.removeEventListener("abort", this.interrupt)
    this.client.off("error", this.lose)
    this.client.release(this.failure)
  }

  private async send<Row extends QueryResultRow>(
    query: string | QueryConfig,
    timeoutMillis: number
  ): Promise<QueryResult<Row>> {
    let isAnswered = false
    // An answer that has come while the process was busy is read first.
    const late = () => setImmediate(() => isAnswered || this.end())
    const timer = timeoutMillis === unlimited ? undefined : setTimeout(late, timeoutMillis)
    try {
      return await this.client.query<Row>(query)
    } catch (error) {
      if (isServerAnswer(error)) throw error
      const failure = driverFailure(error)
      this.lose(failure)
      throw failure
    } finally {
      isAnswered = true
      clearTimeout(timer)
    }
  }

  private readonly lose = (error: Error): void => {
    this.failure ??= error
  }

  private readonly interrupt = (): void => {
    this.grace = setTimeout(this.end, graceMillis)
  }

  /** Ends the connection without waiting for the server; statements that are under way fail. */
  private readonly end = (): void => {
    this.client.connection.stream.destroy()
  }
}
