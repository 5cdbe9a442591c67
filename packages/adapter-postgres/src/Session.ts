/**
 * One connection inside one transaction, and the statements that run on it. A statement is known to the server by a name
 * that follows from its text, so that each connection parses and plans it once. Where the connection is pipelined, statements that do
 * not need each other's rows are under way at once.
 */
import { createHash } from "node:crypto"
import { type CustomTypesConfig, type QueryResult, types } from "pg"
import type { Connection } from "./Connection.ts"
import { isAborted, NotCommitted } from "./failure.ts"

/** A statement, and the shape of its rows. */
export interface Statement<Row> {
  readonly name: string
  readonly text: string
  /** Of no value: it keeps the type of the rows. */
  readonly rows?: ReadonlyArray<Row>
}

export const statement = <Row = never>(text: string): Statement<Row> => ({
  name: `leadterra_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`,
  text
})

/** A column for `unnest`, where one of nulls alone is none: next to others it stands for as many nulls as they have values. */
export const columnOf = <Row, A>(
  rows: ReadonlyArray<Row>,
  field: (row: Row) => A
): ReadonlyArray<A> | null => {
  const column = rows.map(field)
  return column.every((value) => value === null) ? null : column
}

/**
 * How the types of our columns are read, whatever the host has told the driver of them: numbers are the doubles that they are in the core,
 * for no count and no key of a row passes 2^53, and everything else is text.
 */
const { BOOL, FLOAT8, INT4, INT8, JSON: json } = types.builtins
const parsers = new Map<number, (text: string) => unknown>([
  [BOOL, (text) => text === "t"],
  [INT4, Number],
  [INT8, Number],
  [FLOAT8, Number],
  [json, (text) => JSON.parse(text)]
])
export const columnTypes: CustomTypesConfig = { getTypeParser: (oid) => parsers.get(oid) ?? String }

export class Session {
  private readonly connection: Connection
  private readonly isNamed: boolean
  private readonly isPipelined: boolean
  /** The begin that is under way with the first statement. */
  private begun: Promise<unknown> | undefined

  constructor(connection: Connection, isNamed: boolean) {
    this.connection = connection
    this.isNamed = isNamed
    this.isPipelined = connection.isPipelined
  }

  /**
   * Begins the transaction; on a pipelined connection with its first statement, which must not
   * write. `check` reads the answer to the last statement of the text, and may refuse it.
   */
  async begin(
    text: string,
    timeoutMillis: number,
    check: (answer: QueryResult | undefined) => void
  ): Promise<void> {
    const begun = this.connection
      .query({ text, types: columnTypes }, timeoutMillis)
      // The driver answers several statements by a list.
      .then((answers) => check([answers].flat().at(-1)))
    if (!this.isPipelined) return begun
    this.begun = begun
    // Who sends the first statement is told of it.
    begun.catch(() => {})
  }

  /** Ends the transaction. Fails by `NotCommitted` when the server has rolled it back instead. */
  async end(commits: boolean): Promise<void> {
    const { command } = await this.sent(this.connection.query(commits ? "COMMIT" : "ROLLBACK"))
    if (commits && command !== "COMMIT") throw new NotCommitted()
  }

  /**
   * Two pieces of work that do not need each other's rows; what the first sends at once runs first. When it fails, neither is still
   * under way.
   */
  async both<A, B>(first: () => Promise<A>, second: () => Promise<B>): Promise<readonly [A, B]> {
    return this.isPipelined ? ended(first(), second()) : [await first(), await second()]
  }

  async rows<Row extends object>(
    { name, text }: Statement<Row>,
    ...values: ReadonlyArray<unknown>
  ): Promise<ReadonlyArray<Row>> {
    const { rows } = await this.sent(this.connection.query<Row>(this.queryOf(name, text, values)))
    return rows
  }

  async first<Row extends object>(
    statement: Statement<Row>,
    ...values: ReadonlyArray<unknown>
  ): Promise<Row | undefined> {
    return (await this.rows(statement, ...values))[0]
  }

  /** Gives how many rows were written. */
  async write({ name, text }: Statement<unknown>, ...values: ReadonlyArray<unknown>): Promise<number> {
    return (await this.sent(this.connection.query(this.queryOf(name, text, values)))).rowCount ?? 0
  }

  private async sent<A>(sent: Promise<A>): Promise<A> {
    const { begun } = this
    if (begun === undefined) return sent
    this.begun = undefined
    const [, result] = await ended(begun, sent)
    return result
  }

  private queryOf(name: string, text: string, values: ReadonlyArray<unknown>) {
    return { ...(this.isNamed ? { name } : {}), text, values: [...values], types: columnTypes }
  }
}

/** Waits for both, whatever becomes of them, and fails as the one whose failure is no consequence of the other's. */
const ended = async <A, B>(first: Promise<A>, second: Promise<B>): Promise<readonly [A, B]> => {
  const settled = await Promise.allSettled([first, second])
  const failures = settled.flatMap((each) => (each.status === "rejected" ? [each.reason] : []))
  if (failures.length > 0) throw failures.find((error) => !isAborted(error)) ?? failures[0]
  return [await first, await second]
}
