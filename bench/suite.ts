/** What is measured together: contenders that do the same work, case by case, on files of their own. */

/** Rows per second, for each case in order. */
export type Rates = ReadonlyArray<number>

export interface Contender {
  readonly name: string
  /** The contender that it is measured against: its own name for a limit. */
  readonly limit: string
  /** Does the work on `size` rows. The file does not exist yet. */
  readonly run: (size: number, file: string) => Rates | Promise<Rates>
}

export interface Suite {
  readonly cases: ReadonlyArray<string>
  readonly contenders: ReadonlyArray<Contender>
}

/** Runs one piece of work on some rows, and gives rows per second. */
export const timed = async (rows: number, work: () => unknown): Promise<number> => {
  const started = performance.now()
  await work()
  return (rows * 1_000) / (performance.now() - started)
}
