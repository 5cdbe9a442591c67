/**
 * Hostile input against readings of the specification that were written apart from the source: addresses, templates
 * and rows from grammars, a few thousand of each in the gate and two hundred thousand at night.
 */
import * as Result from "effect/Result"
import fc from "fast-check"
import { type DefaultTreeAdapterMap, parse as parseDocument, parseFragment } from "parse5"
import { describe, expect, it } from "vitest"
import { parse, parseCarefully } from "../src/model/EmailAddress.ts"
import { leadId } from "../src/model/Ids.ts"
import type { Lead } from "../src/model/Lead.ts"
import * as Limits from "../src/model/Limits.ts"
import { lints as lintsOf } from "../src/rules/lint.ts"
import { createLead, mergeLead } from "../src/rules/mergeLead.ts"
import { type LeadPatch, parseLead } from "../src/rules/parseLead.ts"
import { scan } from "../src/rules/tokens.ts"
import * as Template from "../src/Template.ts"
import { addresses } from "./addressGrammar.ts"
import { keyByTheSpec } from "./addressOracle.ts"
import { build, noRows, rows, secret } from "./rowGrammar.ts"
import { type Reading, readByTheSpec } from "./rowOracle.ts"
import { anyMarkup, hostileText, leads, safeMarkup, sources, valueName } from "./templateGrammar.ts"
import { isControl, renderByTheSpec, scanByTheSpec } from "./templateOracle.ts"

const runs = {
  numRuns: process.env["NIGHTLY"] === undefined ? 2_000 : 200_000
}

/** What a careless assignment to a field's name would change. */
const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype]
const stateOfPrototypes = (): ReadonlyArray<unknown> =>
  prototypes.flatMap((prototype) => [
    Object.getPrototypeOf(prototype),
    ...Reflect.ownKeys(prototype).flatMap((name) => {
      const { get, set, value } = Reflect.getOwnPropertyDescriptor(prototype, name) ?? {}
      return [name, get, set, value]
    })
  ])

const unchanged = (before: ReadonlyArray<unknown>, after: ReadonlyArray<unknown>): boolean =>
  before.length === after.length && before.every((value, index) => Object.is(value, after[index]))

describe("hostile addresses", () => {
  const keyOf = (input: unknown) => Result.getOrUndefined(parse(input))?.key

  it("ID-2, ID-3: an address is accepted, and has the key, that a second reading of the rules gives", () => {
    let accepted = 0
    fc.assert(
      fc.property(addresses, (text) => {
        const key = keyOf(text)
        if (key !== undefined) accepted++
        expect(key).toBe(keyByTheSpec(text))
        expect(parseCarefully(text.trim())).toEqual(parse(text))
      }),
      runs
    )
    expect(accepted).toBeGreaterThan(runs.numRuns / 5)
    expect(accepted).toBeLessThan(runs.numRuns / 2)
  })

  it("ID-2: a key is its own key, in lower-case ASCII but for the local part, within 254 octets, with one @", () => {
    fc.assert(
      fc.property(addresses, (text) => {
        const key = keyOf(text)
        if (key === undefined) return
        expect(keyOf(key)).toBe(key)
        expect(key).toMatch(/^[^@A-Z]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/)
        expect(Buffer.byteLength(key)).toBeLessThanOrEqual(254)
      }),
      runs
    )
  })

  it("ID-2: canonically equivalent spellings, ASCII case and outer white space change neither verdict nor key", () => {
    // These are equivalent to ASCII, or to a letter that UTS #46 takes apart into ASCII, and are refused for that.
    const singular = (text: string) =>
      /[\u212a\u037e\u1fef]/.test(text) || /[Ii]\p{M}*\u0307/u.test(text.normalize("NFD"))
    const readable = (text: string) => text.trim().length <= 1_024
    const space = fc.string({ unit: fc.constantFrom(..." \t\r\n\u00a0\u3000\u2028\ufeff"), maxLength: 3 })
    const upper = (text: string) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())
    const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    fc.assert(
      fc.property(addresses, space, (text, outside) => {
        if (!text.isWellFormed() || singular(text) || !readable(text)) return
        const key = keyOf(text)
        const [composed, decomposed] = [text.trim().normalize("NFC"), text.trim().normalize("NFD")]
        const spellings = [composed, decomposed, upper(composed), lower(composed), outside + text + outside]
        // A spelling that is too long to be read is refused, whatever its key would be.
        for (const spelling of spellings)
          if (spelling.trim().length <= 1_024) expect(keyOf(spelling)).toBe(key)
      }),
      runs
    )
  })

  it("ID-3: a refusal says the same for every address, whatever stands there, and anything is refused or parsed", () => {
    const texts = new Map<string, string>()
    fc.assert(
      fc.property(
        fc.oneof({ weight: 4, arbitrary: addresses }, { weight: 1, arbitrary: noRows }),
        (input) => {
          const result = parse(input)
          if (Result.isSuccess(result)) return
          const { suggestion: _, ...problem } = result.failure
          const text = JSON.stringify(problem)
          const known = texts.get(result.failure.reason)
          if (known === undefined) texts.set(result.failure.reason, text)
          else expect(text).toBe(known)
        }
      ),
      runs
    )
    expect(texts.size).toBeGreaterThan(15)
  })
})

describe("hostile templates", () => {
  const modes = fc.constantFrom<Template.Mode>("text", "html")
  const render = (source: string, mode: Template.Mode, lead: Parameters<typeof Template.render>[1]) =>
    Template.render(Template.compile(source, mode), lead)

  it("TK-1: the tokens of a source are those that a second reading of the rules finds", () => {
    fc.assert(
      fc.property(sources, (source) => {
        expect(scan(source)).toEqual(scanByTheSpec(source))
      }),
      runs
    )
  })

  it("TK-1, TK-2, TK-3, TK-4: a rendering is what a second reading of the rules inserts, once and as it is", () => {
    fc.assert(
      fc.property(sources, modes, leads, (source, mode, lead) => {
        expect(render(source, mode, lead)).toBe(renderByTheSpec(source, mode, lead))
        lintsOf(source, mode)
      }),
      runs
    )
  })

  it("TK-2: nothing that a lead or its fields inherit shows, whatever it is called", () => {
    const inherited = Object.getOwnPropertyNames(Object.prototype)
    const emptied = fc.constantFrom<Parameters<typeof Template.render>[1]>(
      {},
      { customFields: {} },
      {
        customFields: Object.create({
          ...Object.fromEntries(inherited.map((name) => [name, "x"])),
          plan: "x"
        })
      },
      Object.create({ customFields: Object.create({ plan: "x" }) }),
      { customFields: Object.create(null) }
    )
    fc.assert(
      fc.property(fc.constantFrom("plan", ...inherited), emptied, modes, (name, lead, mode) => {
        expect(render(`[{{${name}}}|{{ ${name} | none }}]`, mode, lead)).toBe("[|none]")
        expect(render(`{{${name}}}`, mode, { customFields: Object.fromEntries([[name, "own"]]) })).toBe("own")
      }),
      { numRuns: 200 }
    )
  })

  it("TK-5: in a subject a value leaves one line, whatever it holds, and is otherwise as it was", () => {
    fc.assert(
      fc.property(hostileText, (value) => {
        const line = render("{{plan}}", "text", { customFields: { plan: value } })
        expect(Array.from(line).filter(isControl)).toEqual([])
        const words = (text: string) =>
          Array.from(text).filter((character) => !isControl(character) && character !== " ")
        expect(words(line)).toEqual(words(value))
      }),
      runs
    )
  })

  /** The elements with their attributes' names; texts and values go to a list of their own. */
  const outline = (root: DefaultTreeAdapterMap["node"], values: Array<string>): unknown => {
    if ("value" in root) values.push(root.value)
    if ("attrs" in root) values.push(...root.attrs.map(({ value }) => value))
    const children = "childNodes" in root ? root.childNodes.map((child) => outline(child, values)) : []
    const names = "attrs" in root ? root.attrs.map(({ name }) => name) : []
    return root.nodeName === "#text"
      ? undefined
      : [root.nodeName, names, children.filter((it) => it !== undefined)]
  }

  it("TK-5: in text and quoted attributes a value opens nothing, and a parser reads it as it was", () => {
    const source = safeMarkup.map(({ html }) => html)
    // A parser reads every carriage return as a line feed, and drops NUL, which no lead has.
    const readable = (text: string) => text.replaceAll("\r\n", "\n").replaceAll("\r", "\n")
    const value = hostileText.map((text) => text.replaceAll("\0", "")).filter((text) => text.isWellFormed())
    fc.assert(
      fc.property(source, value, (html, plan) => {
        for (const read of [parseFragment, parseDocument]) {
          const [empty, full, marked]: [Array<string>, Array<string>, Array<string>] = [[], [], []]
          const without = outline(read(render(html, "html", {})), empty)
          expect(outline(read(render(html, "html", { customFields: { [valueName]: plan } })), full)).toEqual(
            without
          )
          if (plan.trim() === "") continue
          outline(read(render(html, "html", { customFields: { [valueName]: "\u{f0000}" } })), marked)
          expect(full).toEqual(marked.map((text) => readable(text.split("\u{f0000}").join(plan))))
        }
      }),
      { numRuns: runs.numRuns / 2 }
    )
  })

  it("TK-5: the lints are those of the places where the tokens stand", () => {
    fc.assert(
      fc.property(anyMarkup, ({ html, lints }) => {
        expect(lintsOf(html, "html").map(({ code }) => code)).toEqual(lints)
      }),
      runs
    )
  })
})

describe("hostile rows", () => {
  const sortedFields = (fields: Iterable<readonly [string, unknown]>) =>
    [...fields].toSorted(([one], [other]) => (one < other ? -1 : 1))

  /** A patch or the paths of its problems, to compare with a reading of the same row. */
  const asReading = (row: unknown): Reading => {
    const parsed = parseLead(row)
    if (Result.isFailure(parsed)) {
      return {
        paths: parsed.failure.issues.map(({ path }) => path),
        key: undefined,
        standard: new Map(),
        custom: new Map()
      }
    }
    const { customFields, email, ...standard } = parsed.success
    return {
      paths: [],
      key: email.key,
      standard: new Map(Object.entries(standard).filter(([, value]) => value !== undefined)),
      custom: new Map(Object.entries(customFields))
    }
  }

  const expectReading = (actual: Reading, expected: Reading) => {
    expect(actual.paths.toSorted()).toEqual(expected.paths.toSorted())
    if (expected.paths.length > 0) return
    expect(actual.key).toBe(expected.key)
    expect(sortedFields(actual.standard)).toEqual(sortedFields(expected.standard))
    expect(sortedFields(actual.custom)).toEqual(sortedFields(expected.custom))
  }

  it("UP-3, UP-8: a row sets the fields, or fails at the paths, that a second reading of the rules gives", () => {
    let passed = 0
    let large = 0
    fc.assert(
      fc.property(rows, (row) => {
        const expected = readByTheSpec(build(row))
        if (expected.paths.length === 0) passed++
        if (expected.key !== undefined && expected.paths[0] === "") large++
        expectReading(asReading(build(row)), expected)
      }),
      runs
    )
    expect(passed).toBeGreaterThan(runs.numRuns / 5)
    expect(large).toBeGreaterThan(0)
  })

  it("UP-1: what is no row at all is one problem, and never throws", () => {
    fc.assert(
      fc.property(noRows, (row) => {
        expectReading(asReading(row), readByTheSpec(row))
      }),
      runs
    )
  })

  it("UP-8: each property is read at most once, nothing is written, and no prototype changes", () => {
    const before = stateOfPrototypes()
    fc.assert(
      fc.property(rows, (row) => {
        const touched: Array<string> = []
        const watch = (target: object): object => {
          const reads = new Set<string | symbol>()
          const refuse = (what: string) => () => {
            touched.push(what)
            return false
          }
          return new Proxy(target, {
            get: (from, name) => {
              if (reads.has(name)) touched.push(`read twice: ${String(name)}`)
              reads.add(name)
              return Reflect.get(from, name)
            },
            set: refuse("set"),
            defineProperty: refuse("defineProperty"),
            deleteProperty: refuse("deleteProperty"),
            setPrototypeOf: refuse("setPrototypeOf"),
            preventExtensions: refuse("preventExtensions")
          })
        }
        const watched = asReading(build(row, watch))
        expect(touched).toEqual([])
        expectReading(watched, asReading(build(row)))
        expect(unchanged(before, stateOfPrototypes())).toBe(true)
      }),
      runs
    )
  })

  it("UP-8: a patch survives JSON with every name and type, and no problem repeats a value", () => {
    fc.assert(
      fc.property(rows, (row) => {
        const parsed = parseLead(build(row))
        if (Result.isFailure(parsed)) {
          expect(parsed.failure.issues.length).toBeGreaterThan(0)
          expect(JSON.stringify(parsed.failure.issues)).not.toContain(secret)
          return
        }
        const { customFields, email, ...standard } = parsed.success
        const back: LeadPatch = JSON.parse(JSON.stringify(parsed.success))
        expect(Object.entries(back.customFields)).toEqual(Object.entries(customFields))
        expect(Object.values(customFields).some((value) => Object.is(value, -0))).toBe(false)
        expect(Object.getPrototypeOf(customFields)).toBe(Object.prototype)
        expect(back).toMatchObject(JSON.parse(JSON.stringify({ email, ...standard })))
      }),
      runs
    )
  })

  it("UP-8: ten thousand fields and ten megabytes of text are read once and end as problems with short texts", () => {
    const megabytes = secret.repeat(1_700_000)
    const many = (value: unknown) =>
      Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, value]))
    const huge: ReadonlyArray<readonly [object, ReadonlyArray<string>]> = [
      [{ email: megabytes }, ["email: TooLong"]],
      [{ email: `ava@acmecorp.com${" ".repeat(10_000_000)}` }, []],
      [{ email: "ava@acmecorp.com", company: megabytes }, ["company: TooLong"]],
      [{ email: "ava@acmecorp.com", [megabytes]: 1 }, ["customFields: NameTooLong"]],
      [
        { email: "ava@acmecorp.com", customFields: { [megabytes]: megabytes } },
        ["customFields: NameTooLong"]
      ],
      [{ email: "ava@acmecorp.com", customFields: many(megabytes) }, ["customFields: TooManyFields"]],
      [{ email: "ava@acmecorp.com", ...many(undefined) }, ["customFields: TooManyFields"]],
      [{ email: "ava@acmecorp.com", ...many(1) }, ["customFields: TooManyFields"]]
    ]
    for (const [row, expected] of huge) {
      let reads = 0
      const counted = new Proxy(row, {
        get: (from, name) => {
          reads++
          return Reflect.get(from, name)
        }
      })
      const parsed = parseLead(counted)
      const issues = Result.isFailure(parsed) ? parsed.failure.issues : []
      expect(issues.slice(0, 1).map(({ path, reason }) => `${path}: ${reason}`)).toEqual(expected)
      expect(JSON.stringify(issues)).not.toContain(secret)
      const keys = Object.keys(row).length
      expect(reads).toBe(keys > Limits.maxRowKeys ? 1 : keys)
    }
  })
})

describe("hostile merges", () => {
  const names = fc.constantFrom("__proto__", "constructor", "toString", "a.b", "$.x", "", "0", "plan")
  const values = fc.oneof(hostileText, fc.constantFrom(null, true, false, 0, 1, "1", "true", ""))
  const bulk = fc
    .tuple(fc.nat({ max: 600 }), fc.nat({ max: 499 }))
    .map(([from, size]) => Array.from({ length: size }, (_, n): [string, number] => [`f${from + n}`, n]))
  const standard = fc.option(fc.option(hostileText, { nil: null }), { nil: undefined })
  const large = fc
    .tuple(
      fc.constantFrom("x", "\u00e9", "\u20ac", "\u{1f600}"),
      fc.nat({ max: 9 }),
      fc.constantFrom(1_000, 5_000)
    )
    .map(([unit, from, length]) =>
      Array.from({ length: 4 }, (_, n): [string, string] => [
        `g${from + n}`,
        unit.repeat(length / unit.length)
      ])
    )
  const row = fc
    .tuple(
      fc.record({ firstName: standard, lastName: standard, company: standard, jobTitle: standard }),
      fc.array(fc.tuple(names, values), { maxLength: 4 }),
      fc.oneof(
        { weight: 5, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: bulk },
        { weight: 1, arbitrary: large }
      )
    )
    .map(([fields, own, further]) => ({
      email: "ava@acmecorp.com",
      ...fields,
      customFields: Object.fromEntries([...own, ...further])
    }))

  /** The fields of a lead as a map, in which no name is special. */
  const fieldsOf = ({
    company,
    customFields,
    firstName,
    jobTitle,
    lastName
  }: Lead): ReadonlyMap<string, unknown> =>
    new Map<string, unknown>([
      ...Object.entries({ company, firstName, jobTitle, lastName }),
      ...Object.entries(customFields).map(([name, value]): [string, unknown] => [`custom ${name}`, value])
    ])

  /** The bytes of a lead as the limits count them, from a map of its fields. */
  const sizeByTheSpec = (email: string, fields: ReadonlyMap<string, unknown>): number =>
    [...fields].reduce(
      (bytes, [name, value]) =>
        bytes +
        (name.startsWith("custom ") ? Buffer.byteLength(name) - "custom ".length : 0) +
        (typeof value === "string" ? Buffer.byteLength(value) : name.startsWith("custom ") ? 8 : 0),
      Buffer.byteLength(email)
    )

  it("UP-3, UP-8: a merge is that of maps, or is refused beyond the limit, and changes neither of its parts", () => {
    const before = stateOfPrototypes()
    const refused = new Set<string>()
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (all) => {
        const patches = all
          .map((row) => parseLead(row))
          .flatMap((parsed) => (Result.isSuccess(parsed) ? [parsed.success] : []))
        let lead: Lead | undefined
        for (const [index, patch] of patches.entries()) {
          Object.freeze(patch.customFields)
          if (lead === undefined) {
            lead = createLead(Object.freeze(patch), leadId("01JXCQ00000000000000000000", 0), 1)
            continue
          }
          Object.freeze(lead.customFields)
          const expected = new Map(fieldsOf(lead))
          for (const name of ["firstName", "lastName", "company", "jobTitle"] as const) {
            if (patch[name] !== undefined) expected.set(name, patch[name])
          }
          for (const [name, value] of Object.entries(patch.customFields))
            expected.set(`custom ${name}`, value)
          const merged = mergeLead(Object.freeze(lead), Object.freeze(patch), index + 2)
          const limit =
            expected.size - 4 > Limits.maxCustomFields
              ? "TooManyFields"
              : sizeByTheSpec(lead.email, expected) > 65_536
                ? "LeadTooLarge"
                : null
          if (typeof merged === "string") {
            refused.add(merged)
            expect(merged).toBe(limit)
            continue
          }
          expect(limit).toBe(null)
          expect(fieldsOf(merged)).toEqual(expected)
          expect(Object.getPrototypeOf(merged.customFields)).toBe(Object.prototype)
          expect(mergeLead(merged, patch, 99)).toBe(merged)
          lead = merged
        }
      }),
      { numRuns: runs.numRuns / 2 }
    )
    expect([...refused].sort()).toEqual(["LeadTooLarge", "TooManyFields"])
    expect(unchanged(before, stateOfPrototypes())).toBe(true)
  })
})
