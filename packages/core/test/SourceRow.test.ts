import { SourceRow } from "@leadterra/core"
import { expect, it } from "vitest"

it("IM-4: a row of a file has its line, and where it could not be read its issues and what may land it", () => {
  const issues = [{ path: "", reason: "BreaksOff", message: "the last row breaks off" }]
  expect({ ...new SourceRow({ email: "ava@example.com" }, 3) }).toEqual({
    row: { email: "ava@example.com" },
    line: 3,
    issues: [],
    retry: "corrected"
  })
  expect({ ...new SourceRow("ava@", 4, issues, "later") }).toEqual({
    row: "ava@",
    line: 4,
    issues,
    retry: "later"
  })
  expect(new SourceRow({}, 5, "none" as never).issues).toEqual([])
})

it("IM-4: a row of a file is told from anything else, also from what looks like one", () => {
  const row = new SourceRow({}, 1)
  const { proxy, revoke } = Proxy.revocable(row, {})
  expect([row, new (class extends SourceRow {})({}, 1)].map(SourceRow.is)).toEqual([true, true])
  expect([{ ...row }, proxy, null, undefined, "row", () => row].map(SourceRow.is)).toEqual(
    Array(6).fill(false)
  )
  revoke()
  expect(SourceRow.is(proxy)).toBe(false)
})
