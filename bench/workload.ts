/**
 * The leads of the benchmark: seeded, so that every contender and every run gets the same. Six fields, batches of
 * 1,000, one row in fifty an address that came before, and if wanted one in fifty an address of the suppression list.
 */

export const batchSize = 1_000

export interface Row {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly company: string
  readonly jobTitle: string
  readonly customFields: { readonly industry: string }
}

export type Batch = ReadonlyArray<Row>

/** A linear congruential generator: all that a benchmark asks of chance is that it repeats. */
const seeded = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

const rowOf = (person: number, jobTitle: string): Row => ({
  // A hash in front, so that keys come in no order, as they do in real lists.
  email: `${((person * 2_654_435_761) >>> 0).toString(36)}.p${person}@company${person % 5_000}.com`,
  firstName: `Ava${person % 100}`,
  lastName: `Chen${person % 1_000}`,
  company: `Company ${person % 5_000}`,
  jobTitle,
  customFields: { industry: "saas" }
})

const suppressedAddress = (index: number) => `gone${index}@elsewhere${index % 1_000}.com`

/** The entries of a suppression list. */
export const suppressionList = (size: number): ReadonlyArray<string> =>
  Array.from({ length: size }, (_, index) => suppressedAddress(index))

export interface BatchOptions {
  readonly rows: number
  readonly jobTitle?: string
  /** The length of the suppression list that one row in fifty is taken from; 0 (default) for none. */
  readonly suppressed?: number
}

/** The batches of a list, one by one: the same rows for the same options, but for the job title. */
export function* batchesOf({ jobTitle = "VP Sales", rows, suppressed = 0 }: BatchOptions): Generator<Batch> {
  const random = seeded(1)
  for (let from = 0; from < rows; from += batchSize) {
    yield Array.from({ length: Math.min(batchSize, rows - from) }, (_, index) => {
      const person = from + index
      const row = rowOf(random() < 0.02 ? Math.floor(random() * person) : person, jobTitle)
      if (suppressed === 0 || random() >= 0.02) return row
      return { ...row, email: suppressedAddress(Math.floor(random() * suppressed)) }
    })
  }
}
