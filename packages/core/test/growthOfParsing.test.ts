import { describe, it } from "vitest"
import { customFieldsOf } from "../src/index.ts"
import { parseReport } from "../src/rules/parseReport.ts"
import { doubling, expectLinear } from "./growth.ts"

const fields = (size: number, name: (index: number) => string, value: string) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: size }, (_, index) => [name(index), value])))

describe("growth of what is parsed", () => {
  it("UP-8: custom fields are read in a time that grows as their JSON does", () => {
    const many = doubling(8_000)
    const long = doubling(80_000)
    expectLinear("escaped names", many, (size) => fields(size, (index) => `\n${index}`, "x"), customFieldsOf)
    expectLinear("escaped values", many, (size) => fields(size, String, '"\\'), customFieldsOf)
    for (const piece of ["\\", '"', '\\"', "{", ":", ",", " ", "\n"]) {
      const make = (size: number) => JSON.stringify({ [`${piece}\\`]: piece.repeat(size) })
      expectLinear(`a value of ${JSON.stringify(piece)}`, long, make, customFieldsOf)
    }
  })

  it("DE-3: a report is parsed in a time that grows as its texts do", () => {
    const times: ReadonlyArray<(size: number) => string> = [
      (size) => "9".repeat(size),
      (size) => `2026-01-01T00:00:00.${"9".repeat(size)}Z`,
      (size) => `2026-01-01T${"00:".repeat(size / 3)}`,
      (size) => `2026-01-01T00:00Z${" ".repeat(size)}`
    ]
    for (const timeOf of times) {
      expectLinear("a time", doubling(80_000), timeOf, (at) =>
        parseReport({ messageId: at, type: "sent", at })
      )
    }
  })
})
