/**
 * The one call by which a store shows that it is a `Repository`: every law, at least 200 runs each, no skip list.
 */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { StoreLayer } from "./Law.ts"
import { laws } from "./laws.ts"
import { mutants } from "./mutants.ts"

/** The fewest runs of a law that show a store. */
export const fewestRuns = 200

/** Runs of each law. `NIGHTLY` multiplies them by five. */
export const runs = process.env["NIGHTLY"] === undefined ? fewestRuns : 5 * fewestRuns

/** Milliseconds for a law, however slow the store or the machine: a law is about what is true, not about how fast. */
const timeout = 1_800_000

/**
 * Runs every law against the stores that `layer` builds: each build must be a new and empty one. Fewer
 * runs than `fewestRuns` are raised to it.
 */
export const conformance = (name: string, layer: StoreLayer, numRuns = runs): void => {
  describe(`${name} keeps the laws`, () => {
    for (const law of laws) {
      it(law.title, { timeout }, async () => {
        await fc.assert(law.property(layer), {
          numRuns: Math.max(numRuns, fewestRuns),
          examples: law.examples
        })
      })
    }
  })
}

/** Shows that the laws see: every mutant, a store broken in one way, is caught by the law that it names. */
export const mutantsAreCaught = (): void => {
  describe("mutants", () => {
    for (const mutant of mutants) {
      it(`${mutant.law}: catches a store that ${mutant.does}`, async () => {
        const law = laws.find(({ name }) => name === mutant.law)
        expect(law, "the law that the mutant names").toBeDefined()
        if (law === undefined) return
        const { errorInstance, failed } = await fc.check(law.property(mutant.layer), { numRuns: 5 * runs })
        expect(failed).toBe(true)
        // Caught by what the law asserts, not by a crash of the law itself.
        expect(errorInstance).not.toBeInstanceOf(TypeError)
      })
    }
    it("every law has a mutant", () => {
      const caught = new Set(mutants.map(({ law }) => law))
      expect(laws.filter(({ name }) => !caught.has(name)).map(({ name }) => name)).toEqual([])
    })
  })
}
