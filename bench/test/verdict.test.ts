/** When the guard fails: by ratios alone, and only when every try has fallen. */
import { describe, expect, it } from "vitest"
import { finalVerdict, verdictOf } from "../verdict.ts"

describe("a ratio", () => {
  it("that has fallen by a quarter fails", () => {
    expect(verdictOf(0.8, 0.6)).toBe("fell")
    expect(verdictOf(0.8, 0.3)).toBe("fell")
  })

  it("that has fallen by less, or has risen, holds", () => {
    expect(verdictOf(0.8, 0.61)).toBe("holds")
    expect(verdictOf(0.8, 0.8)).toBe("holds")
    expect(verdictOf(0.8, 2)).toBe("holds")
  })

  it("that was never recorded does not pass", () => {
    expect(verdictOf(undefined, 0.9)).toBe("not recorded")
    expect(finalVerdict(undefined, [0.9, 0.9])).toBe("not recorded")
  })

  it("that was not measured, or is no number, does not pass", () => {
    expect(finalVerdict(0.8, [])).not.toBe("holds")
    expect(finalVerdict(0.8, [Number.NaN])).toBe("fell")
  })
})

describe("a case that is measured again", () => {
  it("fails when it has fallen every time", () => expect(finalVerdict(0.8, [0.5, 0.55, 0.6])).toBe("fell"))

  it("holds when it held once", () => expect(finalVerdict(0.8, [0.5, 0.7])).toBe("holds"))
})
