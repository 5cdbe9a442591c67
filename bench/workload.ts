/**
 * The leads of the benchmark: seeded, so that every contender and every run gets the same. Six fields, batches of
 * 1,000, one row in fifty an address that came before; and a suppression list that covers none of them.
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

/** What each case feeds: new leads, the same leads with one field changed, and those once more. */
export const cases = ["fresh", "every row changed", "same rows again"] as const

export interface Workload {
  readonly cases: ReadonlyArray<ReadonlyArray<ReadonlyArray<Row>>>
  readonly suppressed: ReadonlyArray<string>
}

/** A linear congruential generator: all that a benchmark asks of chance is that it repeats. */
const seeded = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

const rowOf = (person: number): Row => ({
  // A hash in front, so that keys come in no order, as they do in real lists.
  email: `${((person * 2_654_435_761) >>> 0).toString(36)}.p${person}@company${person % 5_000}.com`,
  firstName: `Ava${person % 100}`,
  lastName: `Chen${person % 1_000}`,
  company: `Company ${person % 5_000}`,
  jobTitle: "VP Sales",
  customFields: { industry: "saas" }
})

export const workloadOf = (size: number): Workload => {
  const random = seeded(1)
  const fresh = Array.from({ length: Math.ceil(size / batchSize) }, (_, batch) =>
    Array.from({ length: batchSize }, (_, index) => {
      const person = batch * batchSize + index
      return rowOf(random() < 0.02 ? Math.floor(random() * person) : person)
    })
  )
  const changed = fresh.map((batch) => batch.map((row) => ({ ...row, jobTitle: "CTO" })))
  const suppressed = Array.from({ length: size }, (_, index) => `gone${index}@elsewhere${index % 1_000}.com`)
  return { cases: [fresh, changed, changed], suppressed }
}
