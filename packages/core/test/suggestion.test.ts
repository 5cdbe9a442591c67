/** ID-4: the address that one mechanical repair makes of a refused one. */
import { inspect } from "node:util"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, Leads, type Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parse } from "../src/model/EmailAddress.ts"
import { addresses } from "./addressGrammar.ts"
import { doubling, expectLinear } from "./growth.ts"

const problemOf = (input: unknown) => Result.getOrUndefined(Result.flip(parse(input)))

describe("suggestions", () => {
  it.each([
    "mailto:ava@acme.com",
    "MAILTO:ava@acme.com?subject=Hi",
    "mailto: ava@acme.com",
    "Ava Chen < ava@acme.com >",
    "Ava Chen <ava@acme.com>",
    '"Chen, Ava" <ava@acme.com>',
    "'ava@acme.com' <ava@acme.com>",
    "Ava Chen <ava@acme.com>;",
    "<ava@acme.com>",
    "ava@acme.com,",
    "ava@acme.com;",
    "ava@acme.com.",
    "ava@acme.com/",
    "ava@acme.com|",
    ",ava@acme.com",
    "; ava@acme.com",
    ".ava@acme.com",
    "//ava@acme.com ;",
    "\u201cava@acme.com\u201d",
    "\u201eava@acme.com\u201c",
    "\u00abava@acme.com\u00bb",
    "\u2018ava@acme.com\u2019",
    "'ava@acme.com'",
    "'ava@acme.com",
    '"ava@acme.com"',
    "ava\u00a0@acme.com",
    "ava@acme\u200b.com",
    "\u200bava@acme.com",
    "ava@acme.com\u2060",
    "\uff41\uff56\uff41\uff20\uff41\uff43\uff4d\uff45\uff0e\uff43\uff4f\uff4d",
    "ava\uff20acme.com",
    "ava@acme\u3002com",
    "<ava@acme.com> ava@acme.com"
  ])("ID-4: %j is refused, and ava@acme.com suggested", (input) => {
    expect(problemOf(input)).toMatchObject({ suggestion: "ava@acme.com" })
  })

  it.each([
    "ava@acme.com",
    "ava@acme.com, bo@acme.com",
    "Ava <ava@acme.com>, Bo <bo@acme.com>",
    "mailto:ava@acme.com?cc=bo@acme.com",
    "bo@acme <ava@acme.com>",
    "Bob >ava@acme.com<",
    "Bob <ava@acme.com<",
    "Bob >ava@acme.com>",
    "Bob <ava@acme.com> <x>",
    "ava@acme.com <ava@acme.com> @tw",
    "ava@acme.com <ava@acme.com> Ava",
    "ava@<ava@acme.com>acme.com",
    "ava@acme",
    "ava chen@acme.com",
    "\u2022ava@acme.com",
    "\u0430va@acme.com",
    "ava@acme.local,",
    "\u201cava@acme.com\u201d,x",
    "nobody",
    ""
  ])("ID-4: nothing is suggested for %j", (input) => {
    expect(problemOf(input)?.suggestion).toBeUndefined()
  })

  it("ID-4: a suggestion parses, and is not another way to write more than was there", () => {
    let count = 0
    const ends = fc.constantFrom(
      "",
      ",",
      ";",
      ".",
      "/",
      "|",
      "'",
      "\u201c",
      "\u00a0",
      "\u200b",
      "<",
      ">",
      "mailto:"
    )
    fc.assert(
      fc.property(ends, addresses, ends, (before, address, after) => {
        const text = `${before}${address}${after}`
        const suggestion = problemOf(text)?.suggestion
        if (suggestion === undefined) return
        count++
        const parsed = parse(suggestion)
        expect(Result.isSuccess(parsed) && parsed.success.address).toBe(suggestion)
        expect(suggestion.length).toBeLessThan(text.length + 1)
        const letters = (it: string) => Array.from(it.replace(/[\u3002\uff61]/g, ".").normalize("NFKD"))
        const rest = letters(text)
        for (const letter of letters(suggestion))
          expect(rest.splice(0, rest.indexOf(letter) + 1)).toContain(letter)
      }),
      { numRuns: 4_000 }
    )
    expect(count).toBeGreaterThan(100)
  })

  it("ID-4: an address that is accepted, in edges that a cell may have, is what is suggested", () => {
    const edges = fc.constantFrom(
      ",",
      ";",
      "/",
      "|",
      "\u201c",
      "\u201d",
      "<",
      ">",
      '"',
      "\u00ab",
      ", ",
      " ; "
    )
    fc.assert(
      fc.property(edges, addresses, edges, (before, address, after) => {
        const parsed = parse(address)
        if (Result.isFailure(parsed) || /[/|.'`]$|^[/|.'`]/.test(parsed.success.address)) return
        const suggestion = problemOf(`${before}${address}${after}`)?.suggestion
        if (before.length + address.length + after.length <= 1_024)
          expect(suggestion).toBe(parsed.success.address)
      }),
      { numRuns: 2_000 }
    )
  })

  it("ID-4: finding one takes time that grows with the cell, and none beyond its limit", () => {
    const worst: Record<string, (size: number) => string> = {
      brackets: (size) => `${"<".repeat(size)}a@acme.com${">".repeat(size)}`,
      edges: (size) => `${", ;".repeat(size)}a@acme.com${", ;".repeat(size)}x`,
      "edges inside": (size) => `a@acme.com${".,".repeat(size * 4)}x`,
      addresses: (size) => "a@acme.co, ".repeat(size),
      "half addresses": (size) => "a@b ".repeat(size),
      "zero width": (size) => `a\u200b@${"b\u200b".repeat(size)}.com`,
      "full width": (size) => `${"\uff41".repeat(size)}@acme.com`
    }
    for (const [name, make] of Object.entries(worst)) expectLinear(name, doubling(88), make, parse)
    for (const [name, make] of Object.entries(worst)) expectLinear(name, doubling(80_000), make, parse)
  })
})

describe("where suggestions show", () => {
  const run = <A, E>(effect: Effect.Effect<A, E, Repository>): Promise<A> =>
    Effect.runPromise(Effect.provide(effect, MemoryRepository.layer))
  const workspaceId = "ws"
  const campaign = Campaigns.create({ workspaceId, name: "Spring" })
  const issue = { reason: "InvalidCharacter", message: expect.any(String) }

  it("ID-4: the outcomes of a batch and of a preview carry it at the path email, and nothing is repaired", () =>
    run(
      Effect.gen(function* () {
        const { id: campaignId } = yield* campaign
        const input = {
          workspaceId,
          campaignId,
          leads: [{ email: "ava@acme.com,", plan: [] }, { email: "bo" }]
        }
        const report = yield* Leads.preview(input)
        expect(report.outcomes).toMatchObject([
          {
            email: "ava@acme.com,",
            issues: [{ path: "plan" }, { ...issue, path: "email", suggestion: "ava@acme.com" }]
          },
          { issues: [{ path: "email", reason: "MissingAt" }] }
        ])
        expect(report.outcomes[1]).not.toHaveProperty("issues.0.suggestion")
        expect(yield* Leads.bulkUpsert(input)).toEqual(report)
        expect((yield* Leads.list({ workspaceId })).items).toEqual([])
      })
    ))

  it("ID-4: no error holds one", () =>
    run(
      Effect.gen(function* () {
        const { id: campaignId } = yield* campaign
        const leads = [{ email: "ava@acme.com," }]
        const errors = [
          yield* Effect.flip(Leads.bulkUpsert({ workspaceId, campaignId, leads, onInvalid: "reject" })),
          yield* Effect.flip(Suppression.add({ workspaceId, entries: ["ava@acme.com,"] })),
          yield* Effect.flip(Suppression.check({ workspaceId, emails: ["ava@acme.com,"] })),
          yield* Effect.flip(Leads.get({ workspaceId, email: "ava@acme.com," }))
        ]
        for (const error of errors) {
          expect(`${JSON.stringify(error)} ${inspect(error, { depth: 9 })}`).not.toContain("ava@")
        }
      })
    ))

  it("SU-1: under report the invalid entries are listed with reason and suggestion, and the others land", () =>
    run(
      Effect.gen(function* () {
        const entries = ["bo@acme.com", "\u201cava@acme.com\u201d", "@acme.local", "cy@acme.com"]
        const answer = yield* Suppression.add({ workspaceId, entries, onInvalid: "report" })
        expect(answer).toEqual({
          suppressed: 2,
          alreadySuppressed: 0,
          total: 2,
          invalid: [
            {
              index: 1,
              path: "",
              reason: "Symbol",
              message: expect.stringContaining("symbol"),
              suggestion: "ava@acme.com"
            },
            { index: 2, path: "", reason: "ReservedDomain", message: expect.stringContaining(".local") }
          ]
        })
        const again = yield* Suppression.add({ workspaceId, entries: [], onInvalid: "report" })
        expect(again).toEqual({ suppressed: 0, alreadySuppressed: 0, total: 2, invalid: [] })
        const error = yield* Effect.flip(Suppression.add({ workspaceId, entries }))
        expect(error).toMatchObject({ issues: [{ index: 1, reason: "Symbol" }, { index: 2 }] })
      })
    ))
})
