/** The decision of the guard, apart from all measuring: what was recorded and what is measured, to what is said of it. */

export type Verdict = "holds" | "fell" | "not recorded"

/** A ratio that has fallen by this share of the recorded one, or by more, fails. */
const tolerated = 0.25

export const verdictOf = (recorded: number | undefined, measured: number): Verdict => {
  if (recorded === undefined) return "not recorded"
  return measured > recorded * (1 - tolerated) ? "holds" : "fell"
}

/** A case fails when each of its measurements does. */
export const finalVerdict = (recorded: number | undefined, measured: ReadonlyArray<number>): Verdict => {
  const verdicts = measured.map((ratio) => verdictOf(recorded, ratio))
  return verdicts.find((verdict) => verdict === "holds") ?? verdicts[0] ?? "not recorded"
}
