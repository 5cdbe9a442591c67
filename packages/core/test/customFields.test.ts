import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { customFieldsOf } from "../src/index.ts"

const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null)
)
const name = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("a", "\\", "\n", '"', '\\"', "__proto__")
)

describe("custom fields from their JSON", () => {
  it("UP-8: are what was written, whatever was read before", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(name, value), { maxLength: 5 }), { maxLength: 4 }), (all) => {
        for (const entries of all) {
          const fields = Object.fromEntries(entries)
          const json = JSON.stringify(fields)
          expect(JSON.stringify(Object.entries(customFieldsOf(json)))).toBe(
            JSON.stringify(Object.entries(fields))
          )
        }
      }),
      { numRuns: 2_000 }
    )
  })

  it("UP-8: of two leads keep their names apart", () => {
    expect(customFieldsOf('{"a":1,"\\\\":2}')).toEqual({ a: 1, "\\": 2 })
    expect(customFieldsOf('{"a":1,"\\n":2}')).toEqual({ a: 1, "\n": 2 })
  })
})
