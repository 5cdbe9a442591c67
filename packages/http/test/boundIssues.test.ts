/** The bound on the issues of an answer, which may be many times as long as the rows that they are about. */
import type { RowOutcome } from "@leadterra/core"
import fc from "fast-check"
import { expect, it } from "vitest"
import { boundIssues, maxAnswerIssues } from "../src/boundIssues.ts"
import { maxProblemItems } from "../src/contract/problems.ts"
import { listedRows } from "../src/itemsOf.ts"
import { startServer } from "./server.ts"

const issue = (path: string) => ({ path, reason: "IllFormed", message: "text must be well-formed" })

const outcomeOf = (count: number, index: number): RowOutcome =>
  count === 0
    ? { index, email: "ava@acmecorp.com", outcome: "enrolled" }
    : {
        index,
        email: null,
        outcome: "failed",
        issues: Array.from({ length: count }, (_, at) => issue(`${index}.${at}`))
      }

it("the first rows list their issues in full, and each row behind them its first one and that there are others", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(3), fc.nat(101), fc.constant(maxAnswerIssues))), (counts) => {
      const outcomes = counts.map(outcomeOf)
      let sum = 0
      const expected = outcomes.map((outcome) => {
        const issues = outcome.outcome === "failed" ? outcome.issues : []
        sum += issues.length
        if (sum <= maxAnswerIssues || issues.length < 2) return outcome
        const others = { path: "", reason: "TooManyIssues", message: expect.stringMatching(/^\d+ or more/) }
        return { ...outcome, issues: [issues[0], others] }
      })
      expect(boundIssues(outcomes)).toEqual(expected)
    })
  )
})

it("a refused batch makes no item of an issue that its problem does not list", () => {
  const issues = Array.from({ length: maxProblemItems + 1 }, (_, index) => ({ ...issue("a"), index }))
  const unread = new Proxy(issues[0] ?? { ...issue("a"), index: 0 }, { get: () => expect.unreachable() })
  const { errorCount, errors } = listedRows("leads", [...issues.slice(1), unread, unread])
  expect([errorCount, errors.length]).toEqual([maxProblemItems + 2, maxProblemItems])
  expect(errors[0]).toEqual({ pointer: "/leads/1/a", code: "IllFormed", message: expect.any(String) })
})

it.each(["preview", "bulk"])(
  "an answer of %s has at most the bytes of its body, 1,000 for each row and 200,000 more",
  async (path) => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign()
    const fields = Array.from({ length: 99 }, (_, name) => `"${name}":"\\u0000"`).join()
    const rows = 400
    const text = `{"leads":[${Array(rows).fill(`{"email":"",${fields}}`).join()}]}`
    const { body, status } = await call("POST", `/v1/campaigns/${id}/leads/${path}`, text)
    expect([status, body.result.failed, body.outcomes.length]).toEqual([200, rows, rows])
    expect(JSON.stringify(body).length).toBeLessThan(text.length + 1_000 * rows + 200_000)
    expect(body.outcomes[9].issues).toHaveLength(100)
    expect(body.outcomes[10].issues).toEqual([
      { path: "0", reason: "IllFormed", message: expect.any(String) },
      {
        path: "",
        reason: "TooManyIssues",
        message: "99 or more further problems are not listed: correct this one, and try again"
      }
    ])
  }
)
