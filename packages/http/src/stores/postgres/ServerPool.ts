/** The connections of a host, as the store uses them. */
export interface Answer {
  readonly rows: ReadonlyArray<unknown>
  readonly rowCount: number | null
}

export interface Queryable {
  readonly query: (text: string, values?: Array<unknown>) => Promise<Answer>
}

/** The part of a `Pool` of `pg` that the store uses. */
export interface ServerPool extends Queryable {
  readonly connect: () => Promise<Queryable & { readonly release: (error?: boolean) => void }>
}

export const inTransaction = async <A>(
  pool: ServerPool,
  work: (connection: Queryable) => Promise<A>
): Promise<A> => {
  const connection = await pool.connect()
  let isLost = true
  try {
    await connection.query("BEGIN ISOLATION LEVEL READ COMMITTED")
    try {
      const value = await work(connection)
      await connection.query("COMMIT")
      isLost = false
      return value
    } catch (error) {
      await connection.query("ROLLBACK").then(
        () => {
          isLost = false
        },
        () => {}
      )
      throw error
    }
  } finally {
    connection.release(isLost)
  }
}

/** Rows whose columns are all read as text, whatever the host has told the driver of types. */
export const textsOf = ({ rows }: Answer): ReadonlyArray<Readonly<Record<string, string | null>>> =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row ?? {}).map(([name, value]) => [name, value === null ? null : String(value)])
    )
  )
