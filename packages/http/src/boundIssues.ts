/**
 * Bounds the issues that one answer lists. A row of a batch may have a hundred of them, each ten times as
 * long as the field that it is about.
 */
import type { RowIssue, RowOutcome } from "@leadterra/core"

/** Issues that an answer lists in full. */
export const maxAnswerIssues = 1_000

/**
 * Returns the outcomes of an answer, whose first rows list up to `maxAnswerIssues` issues together. A row
 * behind them lists its first issue, and one of the reason `TooManyIssues` for its others. The core lists
 * all of them: a bound there would make the issues of an import depend on its batches.
 */
export const boundIssues = (outcomes: ReadonlyArray<RowOutcome>): ReadonlyArray<RowOutcome> => {
  let room = maxAnswerIssues
  return outcomes.map((outcome) => {
    if (outcome.outcome !== "failed") return outcome
    const [first, ...others] = outcome.issues
    room -= outcome.issues.length
    return room >= 0 || first === undefined || others.length === 0
      ? outcome
      : { ...outcome, issues: [first, notListed(others.length)] }
  })
}

/** The last issue of a row may itself stand for more. */
const notListed = (count: number): RowIssue => ({
  path: "",
  reason: "TooManyIssues",
  message: `${count} or more further problems are not listed: correct this one, and try again`
})
