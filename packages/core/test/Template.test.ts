import * as Result from "effect/Result"
import fc from "fast-check"
import { type DefaultTreeAdapterMap, parse, parseFragment } from "parse5"
import { describe, expect, it } from "vitest"
import type { FieldValue, LeadFields } from "../src/model/Lead.ts"
import * as Limits from "../src/model/Limits.ts"
import { lints, lintsInPieces } from "../src/rules/lint.ts"
import { parseLead } from "../src/rules/parseLead.ts"
import { templateProblem } from "../src/rules/tokens.ts"
import * as Template from "../src/Template.ts"
import { doubling, expectLinear } from "./growth.ts"

const runs = { numRuns: 2_000 }

const leadOf = (
  customFields: Record<string, FieldValue>,
  standard: Partial<LeadFields> = {}
): LeadFields => ({
  email: "ann@example.com",
  firstName: null,
  lastName: null,
  company: null,
  jobTitle: null,
  ...standard,
  customFields
})

const render = (source: string, mode: Template.Mode, lead: LeadFields) =>
  Template.render(Template.compile(source, mode), lead)

const modes = fc.constantFrom<Template.Mode>("text", "html")

const fieldNames = ["a", "b c", "A", "__proto__", "constructor", "toString", "a.b", "$.x", "é", "&"] as const
const standardNames = ["email", "firstName", "lastName", "company", "jobTitle"] as const

const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "{{a}}",
        "{{",
        "}}",
        "$`-$&",
        "$1",
        "<",
        ">",
        '"',
        "'",
        "`",
        "=",
        "&amp;",
        "</p>",
        "<!--"
      ),
      fc.constantFrom(
        "-->",
        "]]>",
        "</script>",
        " onclick=",
        "\r\n",
        "\n",
        "\t",
        "\u2028",
        "\u0085",
        "\u0001",
        " "
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
      fc.constantFrom("O'Brien & Co", "Bcc: x@y.com", "\u202e", "{{company}}", "/", "x")
    ),
    { maxLength: 6 }
  )
  .map((parts) => parts.join(""))

const fieldValue: fc.Arbitrary<FieldValue> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 1, arbitrary: fc.constantFrom("", " ", "\n", null, true, false, 0, -1.5, 1e21) }
)

const customFields = fc
  .array(fc.tuple(fc.constantFrom(...fieldNames), fieldValue), { maxLength: 8 })
  .map((entries): Record<string, FieldValue> => Object.fromEntries(entries))

const standardValue = fc.oneof(hostileText, fc.constant(null))
const leads: fc.Arbitrary<LeadFields> = fc.record({
  email: fc.constantFrom("ann@example.com", "o'brien=a&b@example.com"),
  firstName: standardValue,
  lastName: standardValue,
  company: standardValue,
  jobTitle: standardValue,
  customFields
})

const names = fc.constantFrom(...fieldNames, ...standardNames, "missing")
const sourcePiece = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("{", "{{", "{{{", "}", "}}", "}}}", "|", " ", "\n", "\u2028", "\u0085")
  },
  { weight: 2, arbitrary: names },
  { weight: 3, arbitrary: names.map((name) => `{{ ${name} }}`) },
  { weight: 2, arbitrary: fc.tuple(names, names).map(([name, text]) => `{{${name}| ${text} | }}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("{{}}", "{{ }}", "{{|x}}", "{{a|}}", "{{ a {{ b c }}", "{{#if a}}", "\t")
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) }
)
const sources = fc.array(sourcePiece, { maxLength: 12 }).map((pieces) => pieces.join(""))

const entities = [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
  ["`", "&#96;"],
  ["=", "&#61;"]
] as const

const breaks = (char: string) =>
  char < " " || (char >= "\x7f" && char < "\xa0") || /[\u2028\u2029]/.test(char)

/** The rules again, by one regular expression with look-arounds and by split and join. */
const reference = {
  token:
    /(?<!\{)\{\{(?=[^{}|]*[^\s{}|][^{}|]*(?:\||\}))([^{}|\n\v\f\r\u0085\u2028\u2029]+)(\|[^{}\n\v\f\r\u0085\u2028\u2029]*)?\}\}(?!\})/g,
  clean: (value: string, mode: Template.Mode) =>
    mode === "text"
      ? Array.from(value, (char) => (breaks(char) ? "\n" : char))
          .join("")
          .split(/\n+/)
          .join(" ")
      : entities.reduce<string>((text, [from, to]) => text.split(from).join(to), value),
  value: (lead: LeadFields, name: string, mode: Template.Mode) => {
    const own = new Map<string, FieldValue>(Object.entries(lead.customFields))
    for (const field of standardNames) own.set(field, lead[field])
    return reference.clean(`${own.get(name) ?? ""}`, mode)
  },
  render: (source: string, mode: Template.Mode, lead: LeadFields) =>
    source.replace(reference.token, (_, name: string, fallback?: string) => {
      const value = reference.value(lead, name.trim(), mode)
      return fallback !== undefined && !/\S/.test(value) ? fallback.slice(1).trim() : value
    }),
  occurrences: (source: string) =>
    Array.from(source.matchAll(reference.token), ([, name = "", fallback = ""]) => ({
      name: name.trim(),
      filled: /\S/.test(fallback.slice(1))
    }))
}

describe("tokens", () => {
  it("TK-1: rendering equals a naive reference over sources made of the grammar's own pieces", () => {
    fc.assert(
      fc.property(sources, modes, leads, (source, mode, lead) => {
        expect(render(source, mode, lead)).toBe(reference.render(source, mode, lead))
      }),
      { numRuns: 10_000 }
    )
  })

  it("TK-1: the tokens of a template are its distinct names in order of first occurrence", () => {
    fc.assert(
      fc.property(sources, modes, (source, mode) => {
        const expected = new Set(reference.occurrences(source).map(({ name }) => name))
        expect(Template.tokens(Template.compile(source, mode))).toEqual([...expected])
      }),
      runs
    )
  })

  it.each([
    ["{{a}}{{b}}", "12"],
    ["{{ a }}", "1"],
    ["{{\ta\u00a0}}", "1"],
    ["{{{a}}}", "{{{a}}}"],
    ["{{a}}}", "{{a}}}"],
    ["{{{a}}", "{{{a}}"],
    ["{{{a}}{{b}}", "{{{a}}2"],
    ["{{}}{{ }}{{|x}}{{ | x }}", "{{}}{{ }}{{|x}}{{ | x }}"],
    ["{{ a {{ b }}", "{{ a 2"],
    ["{{ a\n}}", "{{ a\n}}"],
    ["{{a\u2028}}", "{{a\u2028}}"],
    ["{{A}}", ""],
    ["{{#if a}}x{{/if}}", "x"],
    ['{{env "HOME"}}', ""],
    ["{{", "{{"],
    ["{ {a} }", "{ {a} }"],
    ["{{a.b}}{{$.x}}", "34"]
  ])("TK-1: %j renders as %j", (source, expected) => {
    expect(render(source, "html", leadOf({ a: 1, b: 2, "a.b": 3, "$.x": 4 }))).toBe(expected)
  })

  it("TK-1: no line break is allowed inside the braces, whichever of its spellings, in the name or the fallback", () => {
    for (const lineBreak of ["\n", "\v", "\f", "\r", "\u0085", "\u2028", "\u2029"]) {
      for (const source of [`{{${lineBreak}a}}`, `{{a${lineBreak}b}}`, `{{a|x${lineBreak}}}`]) {
        expect(render(source, "html", leadOf({ a: "x" }))).toBe(source)
      }
    }
  })

  it("TK-1: a name matches exactly, and any name that the grammar allows finds its own field", () => {
    const name = fc
      .string({ unit: "binary", minLength: 1, maxLength: 20 })
      .map((text) => text.replace(/[{}|\n\v\f\r\u0085\u2028\u2029]/g, "").trim())
      .filter((text) => text !== "" && !standardNames.some((standard) => standard === text))
    fc.assert(
      fc.property(name, modes, (own, mode) => {
        expect(render(`{{ ${own} }}`, mode, leadOf(Object.fromEntries([[own, "x"]])))).toBe("x")
        expect(render(`{{ ${own} }}`, mode, leadOf({ [`${own}_`]: "x" }))).toBe("")
      }),
      runs
    )
  })

  it("TK-1: the time grows with the length of the source, not with its square, whatever the braces", () => {
    const lead = leadOf({ a: "x" })
    for (const unit of [
      "{",
      "}",
      "{{",
      "{{ ",
      "{{a",
      "{{ a {{ ",
      "{{{a}}}",
      "{{a|",
      "{{a}}",
      "{{|",
      "{ {",
      "{{a\n"
    ]) {
      const make = (size: number) => unit.repeat(size / unit.length)
      expectLinear(unit, doubling(100_000), make, (source) => {
        render(source, "html", lead)
        templateProblem(source)
      })
      expectLinear(`the lints of ${unit}`, doubling(100_000), make, (source) => lints(source, "text"))
    }
    for (const unit of [" ", "a", "|"]) {
      const make = (size: number) => `{{a|${unit.repeat(size)}`
      expectLinear(`unclosed ${unit}`, doubling(100_000), make, (source) => render(source, "html", lead))
    }
  })

  it("TK-2: a missing, null or inherited field renders as the empty string, an own one whatever its name", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "a.b", "$.x", "missing"]) {
      expect(render(`[{{${name}}}]`, "html", leadOf({}))).toBe("[]")
      expect(render(`[{{${name}}}]`, "html", leadOf(Object.fromEntries([[name, null]])))).toBe("[]")
      expect(render(`[{{${name}}}]`, "text", leadOf(Object.fromEntries([[name, "own"]])))).toBe("[own]")
    }
    expect(Object.hasOwn(Object.prototype, "own")).toBe(false)
  })

  it("TK-2: standard fields come first, numbers and booleans render as they read", () => {
    const lead = leadOf({ firstName: "custom", n: 1e21, zero: 0, no: false }, { firstName: "Ann" })
    expect(render("{{firstName}} {{email}} {{n}} {{zero}} {{no}}", "text", lead)).toBe(
      "Ann ann@example.com 1e+21 0 false"
    )
    expect(render("{{company}}", "text", leadOf({ company: "custom" }))).toBe("")
  })

  it.each([
    ["{{ firstName | there }}", "there"],
    ["{{company|there}}", "there"],
    ["{{zero|there}}", "0"],
    ["{{missing | <b>you & me</b> }}", "<b>you & me</b>"],
    ["{{missing| a | b }}", "a | b"],
    ["{{missing|}}", ""],
    ["{{company}}", "  "],
    ["{{company|}}", ""],
    ["{{missing|{x} }}", "{{missing|{x} }}"],
    ["{{missing|a\nb}}", "{{missing|a\nb}}"]
  ])("TK-3: %j renders as %j where the value is missing or blank", (source, expected) => {
    expect(render(source, "html", leadOf({ zero: 0 }, { company: "  " }))).toBe(expected)
  })

  it("TK-4: compiling and rendering never throw, and text without braces stays as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), modes, leads, (source, mode, lead) => {
        expect(typeof render(source, mode, lead)).toBe("string")
        const plain = source.replaceAll("{{", "")
        expect(render(plain, mode, lead)).toBe(plain)
        lints(source, mode)
      }),
      runs
    )
  })

  it("TK-4: a value is never scanned again, and is inserted as it is", () => {
    const inert = fc
      .array(fc.constantFrom("{{a}}", "{{email}}", "{{", "}}", "$`-$&", "$$", "$1", "{{ a | b }}", "x"), {
        maxLength: 6
      })
      .map((parts) => parts.join(""))
    fc.assert(
      fc.property(inert, inert, modes, (one, other, mode) => {
        const lead = leadOf({ a: one, b: other })
        expect(render("<{{a}}|{{b}}|{{a}}>", mode, lead)).toBe(
          `<${reference.clean(one, mode)}|${reference.clean(other, mode)}|${reference.clean(one, mode)}>`
        )
      }),
      runs
    )
  })

  it("TK-5: a subject never gains a line break or a control character, and is not HTML-escaped", () => {
    const subject = fc
      .array(
        fc.oneof(
          names.map((name) => `{{${name}}}`),
          fc.constantFrom("Re: ", " & ", "{{a|you}}")
        )
      )
      .map((parts) => parts.join(""))
    fc.assert(
      fc.property(subject, leads, (source, lead) => {
        expect(render(source, "text", lead)).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      }),
      runs
    )
    expect(render("{{a}}", "text", leadOf({ a: "O'Brien & Co\r\n\t\u2028Bcc: <x>" }))).toBe(
      "O'Brien & Co Bcc: <x>"
    )
    expect(render("{{a|you}}", "text", leadOf({ a: "\u0001\r\n" }))).toBe("you")
  })

  it("TK-6: a template may have 200 tokens, and not one more", () => {
    expect(templateProblem("{{a}}".repeat(Limits.maxTokens))).toBeUndefined()
    expect(templateProblem("{{a}}".repeat(Limits.maxTokens + 1))).toBe("has 201 tokens, of at most 200")
  })
})

/** The elements and attribute names of some html, without text and values. */
const structure = (root: DefaultTreeAdapterMap["node"]): unknown => [
  root.nodeName,
  "attrs" in root ? root.attrs.map(({ name }) => name) : [],
  "content" in root ? structure(root.content) : [],
  "childNodes" in root
    ? root.childNodes.filter(({ nodeName }) => nodeName !== "#text").map((child) => structure(child))
    : []
]

/** As a document and as a fragment, without scripting and with it. */
const structures = (html: string) =>
  [false, true].flatMap((scriptingEnabled) => [
    structure(parse(html, { scriptingEnabled })),
    structure(parseFragment(html, { scriptingEnabled }))
  ])

const htmlPiece = fc.constantFrom(
  ..."{{a}}|{{a}}|{{b c}}|{{a}}|<p>|</p>|<p title=\"|<a href='|<b |<i\ntitle=|\"|'|>|/>|=| |x|<|</|&|&#".split(
    "|"
  ),
  ..."<!--|-->|<!|<?|<script>|</script>|<style>|</style>|<textarea>|</textarea>|<title>|</title>|<iframe>".split(
    "|"
  ),
  ..."</iframe>|<table>|<td>|</table>|<svg>|</svg>|<math>|<mtext>|<template>|</template>|<select>|<xmp>".split(
    "|"
  ),
  ...'<noscript>|</noscript>|<plaintext>|<![CDATA[|]]>|<body |<html |<head>|</body>|\r\n|</b>|<title x="'.split(
    "|"
  )
)
const markup = fc.array(htmlPiece, { minLength: 1, maxLength: 10 }).map((pieces) => pieces.join(""))

const placeCodes = (source: string) =>
  lints(source, "html")
    .map(({ code }) => code)
    .filter((code) => code !== "literal-braces" && code !== "unknown-token-syntax")

describe("tokens in html", () => {
  it("TK-5: in text and quoted attributes no value changes the elements and attributes", () => {
    const source =
      "<h1 class='{{a}}'>{{a}}</h1><p title=\"x {{a}} y\">Hi {{a}}, <b>{{b c}}</b><textarea>{{a}}</textarea></p>" +
      '<table><tr><td><a href="{{a}}">{{b c}}</a></td></tr></table>'
    const harmless = structures(render(source, "html", leadOf({ a: "x", "b c": "x" })))
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        expect(structures(render(source, "html", leadOf({ a: one, "b c": other })))).toEqual(harmless)
      }),
      { numRuns: 1_000 }
    )
  })

  it("TK-5: where no lint is found, no value changes the elements and attributes", () => {
    let judged = 0
    fc.assert(
      fc.property(markup, hostileText, (source, value) => {
        if (!source.includes("{{a}}") || placeCodes(source).length > 0) return
        judged++
        // An empty or white value is no text at all to a parser, which is harmless but may move an element.
        const lead = leadOf({ a: `x${value}`, "b c": `x${value}` })
        const harmless = render(source, "html", leadOf({ a: "x", "b c": "x" }))
        expect(structures(render(source, "html", lead))).toEqual(structures(harmless))
      }),
      { numRuns: 20_000 }
    )
    expect(judged).toBeGreaterThan(1_000)
  })

  it.each([
    ["<p>{{a}}</p>", []],
    ["{{a}}", []],
    ["<title>{{a}}</title><textarea>{{a}}</textarea>", []],
    ["<p title=\"{{a}}\" class='x {{a}}'>", []],
    ['<a href="{{url}}">x</a>', []],
    ['<a href = "https://x.com/?q={{a}}">x</a>', []],
    ['<!doctype html><html><body class="{{a}}"><td>{{a}}', []],
    ['<tr><td title="{{a}}">{{a}}</td></tr>', []],
    ['<noscript><img alt="{{a}}"></noscript>', []],
    ['<noscript><title></noscript><p title="<title x="{{a}}</title>', ["attribute-name"]],
    ["<noscript></p title={{a}}></noscript>", ["misplaced"]],
    ['<template><p title="{{a}}">{{a}}</p></template>', []],
    ['<b title="{{a}}"><p>{{a}}</b>{{a}}', []],
    ['<svg viewBox="{{a}}" xlink:href="{{a}}"></svg>', []],
    ['<p title="tkay tkay0z tkbyaz {{a}}">', []],
    ["tkayaz</{{a}}>", ["misplaced"]],
    [`${Array.from("abcdefghij", (letter) => `tk${letter}y`).join(" ")} tkbayaz</{{a}}>`, ["misplaced"]],
    ["<noscript><img alt={{a}}></noscript>", ["unquoted-attribute"]],
    ["<p title={{a}}>", ["unquoted-attribute"]],
    ['<p title={{a}}"x">', ["unquoted-attribute"]],
    ["<p title=x{{a}}>", ["unquoted-attribute"]],
    ["<p {{a}}>", ["attribute-name"]],
    ['<p {{a}}="x">', ["attribute-name"]],
    ['<p title="x"{{a}}>', ["attribute-name"]],
    ["<{{a}}>", ["tag-name"]],
    ["<h{{a}}>", ["tag-name"]],
    ["</{{a}}>", ["misplaced"]],
    ['</p title="{{a}}">', ["misplaced"]],
    ['<p title="x" title="{{a}}">', ["misplaced"]],
    ['<p title="{{a}}', ["misplaced"]],
    ["<!doctype {{a}}>", ["misplaced"]],
    ["<script>{{a}}</script>", ["raw-text"]],
    ["<style>{{a}}</style>", ["raw-text"]],
    ["<iframe>{{a}}</iframe>", ["raw-text"]],
    ["<svg><style>{{a}}</style></svg>", ["raw-text"]],
    ...["xmp", "noembed", "noframes", "plaintext"].map((tag): [string, Array<string>] => [
      `<${tag}>{{a}}</${tag}>`,
      ["raw-text"]
    ]),
    ...["href", "xlink:href", "src", "action", "formaction"].map((name): [string, Array<string>] => [
      `<a ${name}="vbscript:{{a}}">`,
      ["active-attribute"]
    ]),
    ...["data-href", "hreflang", "xsrc", "srcset", "data-action", "actions"].map(
      (name): [string, Array<string>] => [`<a ${name}="javascript:{{a}}">`, []]
    ),
    ...["data-on", "data-style", "styles", "xsrcdoc", "srcdocs"].map((name): [string, Array<string>] => [
      `<a ${name}="{{a}}">`,
      []
    ]),
    ['<a href="https://x.com/javascript:{{a}}">', []],
    ['<a href="x data:text/html,{{a}}">', []],
    ["<a href='data:text/html,{{a}}'>", ["active-attribute"]],
    ['<a href="\u0001j\u00a0avascript:{{a}}">', ["active-attribute"]],
    ["<!-- {{a}} -->", ["comment"]],
    ["<!--[if mso]>{{a}}<![endif]-->", ["comment"]],
    ['<p onclick="{{a}}">', ["active-attribute"]],
    ['<p style="color:{{a}}">', ["active-attribute"]],
    ['<iframe srcdoc="{{a}}"></iframe>', ["active-attribute"]],
    ["<a href=\"java\nscript:go('{{a}}')\">", ["active-attribute"]],
    ['<img src="data:image/png;base64,{{a}}" alt="JavaScript: {{a}}">', []],
    ["<a href=\" JavaScript:go('{{a}}')\">", ["active-attribute"]]
  ])("TK-5: the lints of %j are %j", (source, codes) => {
    expect(lints(source, "html").map(({ code }) => code)).toEqual(codes)
    expect(lints(source, "text")).toEqual([])
  })

  it.each([
    ["{{#if x}}", ["unknown-token-syntax"]],
    ["{{/if}}", ["unknown-token-syntax"]],
    ["{{^x}}{{>x}}{{!x}}{{&x}}", Array(4).fill("unknown-token-syntax")],
    ['{{env "X"}}', ["unknown-token-syntax"]],
    ["{{upper(name)}}", ["unknown-token-syntax"]],
    [`{{${"x".repeat(Limits.maxFieldNameLength + 1)}}}`, ["unknown-token-syntax"]],
    [`{{${"x".repeat(Limits.maxFieldNameLength)}}}`, []],
    ["{{else}}", []],
    ["{{R&D}}{{a#1}}{{x > y}}", []],
    ["{{ first name | there }}", []],
    ["{{{x}}}", ["literal-braces"]],
    ["{{}}", ["literal-braces"]],
    ["{{|x}}", ["literal-braces"]],
    ["{{ a\n}}", ["literal-braces"]],
    ["{{ a {{ b }}", ["literal-braces"]],
    ["{{ a }", ["literal-braces"]],
    ["{a} }} {", []]
  ])("TK-1: the lints of %j in a subject and in a text of a body are %j", (source, codes) => {
    expect(lints(source, "text").map(({ code }) => code)).toEqual(codes)
    expect(lints(source, "html").map(({ code }) => code)).toEqual(codes)
  })

  it("TK-5: a lint names what is written, where it is, and why", () => {
    expect(lints("<p>{{a}}</p><p class={{ b | c }}>{{{x}}}", "html")).toEqual([
      {
        code: "unquoted-attribute",
        token: "{{ b | c }}",
        offset: 21,
        message: "{{ b | c }} is in an attribute value without quotes, where a value can add attributes"
      },
      {
        code: "literal-braces",
        token: "{{{x}}}",
        offset: 33,
        message: "{{{x}}} is not a token and is sent as it stands: a token is {{ name }} on one line"
      }
    ])
  })

  it("TK-5: each lint stands at a token or brace run of the source, in order, at most one place lint per token", () => {
    fc.assert(
      fc.property(fc.oneof(sources, markup), modes, (source, mode) => {
        const found = lints(source, mode)
        for (const { offset, token } of found) expect(source.startsWith(token, offset)).toBe(true)
        const offsets = found.map(({ offset }) => offset)
        expect(offsets).toEqual(offsets.toSorted((one, other) => one - other))
        expect(placeCodes(source).length).toBeLessThanOrEqual(reference.occurrences(source).length)
      }),
      runs
    )
  })

  it("TK-5: markup that would make a parser clone without end is a lint, and deep but honest markup is none", () => {
    const cloning = Array.from({ length: 10_000 }, (_, n) => `<b a${n}>`).join("") + "<p>x".repeat(20_000)
    expect(placeCodes(`{{a}}${cloning}`)).toEqual(["misplaced"])
    const shallow = `<p>${Array.from({ length: 400 }, (_, n) => `<b a${n}>`).join("")}${"<p>x".repeat(2_000)}`
    expect(placeCodes(`{{a}}${shallow}`)).toEqual(["misplaced"])
    expect(placeCodes(`{{a}}${"<x>".repeat(30_000)}${"</y>".repeat(25_000)}`)).toEqual(["misplaced"])
    expect(placeCodes(`${"<div>".repeat(511)}{{a}}`)).toEqual([])
    expect(placeCodes(`${"<div>".repeat(512)}{{a}}`)).toEqual(["misplaced"])
    const tables = "<table><tr><td>".repeat(100)
    expect(placeCodes(`${tables}{{a}}${"</td></tr></table>".repeat(100)}`)).toEqual([])
    expect(placeCodes(`${"<b><p>x</b></p><a><table><a></table>".repeat(60)}{{a}}`)).toEqual([])
    expect(
      placeCodes(`${"<p><b>x</b><table><tr><td>y</table><ul><li>z</ul></p>".repeat(2_000)}{{a}}`)
    ).toEqual([])
  })

  it("TK-5: lints do not depend on the pieces in which the markup is parsed", () => {
    const inPieces = (source: string, units: number) => {
      const pieces = lintsInPieces(source, "html", units)
      for (;;) {
        const { done, value } = pieces.next()
        if (done === true) return value
      }
    }
    fc.assert(
      fc.property(fc.oneof(sources, markup), fc.integer({ min: 1, max: 40 }), (source, units) => {
        expect(inPieces(source, units)).toEqual(lints(source, "html"))
      }),
      runs
    )
    const long =
      `<p title="{{a}}">\r\n😀&amp;{{b}}<!-- {{c}} --><script>{{d}}</script><i class={{e}}>`.repeat(200)
    for (const units of [1, 2, 3, 1_000, 4_096]) expect(inPieces(long, units)).toEqual(lints(long, "html"))
  })

  it("TK-1: of braces that are no token the first 200 are listed", () => {
    const found = lints("{{ ".repeat(10_000), "text")
    expect([found.length, found.at(-1)?.offset]).toEqual([200, 597])
  })

  it("FAULTS 47, TK-5: no piece of the work makes more elements than twice its units, and none is long", () => {
    const formatting = Array.from({ length: 300 }, (_, n) => `<b a${n}>`).join("")
    const late = `${"x".repeat(190_000)}<table>${formatting}${"<tr>x".repeat(800)}`
    expect(placeCodes(`{{a}}${late}`)).toEqual(["misplaced"])
    const early = `${formatting.slice(0, 700)}${"<p>x</p>".repeat(500)}`
    expect(placeCodes(`{{a}}${early}`)).toEqual([])
    const pieces = lintsInPieces(`{{a}}${"<p>".repeat(60_000)}`, "html")
    let count = 0
    while (pieces.next().done !== true) count++
    expect(count).toBeGreaterThanOrEqual(180_000 / 4_096 + 60_000 / 1_024 - 1)
  })

  it("TK-5: the time of the lints grows with the length of the source, not with its square", () => {
    const numbered = (size: number, each: (index: number) => string) =>
      Array.from({ length: size / each(100).length }, (_, index) => each(index)).join("")
    const repeat = (unit: string) => (size: number) => `{{a}}${unit.repeat(size / unit.length)}`
    const formatting = Array.from({ length: 100 }, (_, n) => `<b a${n}>`).join("")
    const worst: Record<string, (size: number) => string> = {
      ...Object.fromEntries(
        ["<", "</", "<a", "<!--", "&", "<p>", "<b></p>", "<svg>", "{{a}}", "tka"].map((unit) => [
          unit,
          repeat(unit)
        ])
      ),
      attributes: (size) => `{{a}}<p ${numbered(size, (index) => `a${index} `)}>`,
      "tokens for attributes": (size) => `<p ${"{{a}} ".repeat(size / 6)}>`,
      "a body again and again": (size) => `{{a}}<body>${numbered(size, (index) => `<body a${index}>`)}`,
      "formatting that is cloned": (size) => `{{a}}${formatting}${"<p>x".repeat(size / 4)}`,
      "formatting that a table does not hold": (size) =>
        `{{a}}<table>${formatting}${"<tr>x".repeat(size / 5)}`,
      "formatting that is closed at once": (size) => `{{a}}${formatting}${"<i></i>".repeat(size / 7)}`,
      "blocks in formatting": (size) => `{{a}}${formatting}${"<i><p></i></p>".repeat(size / 14)}`,
      "links in a deep place": (size) => `{{a}}${"<div>".repeat(100)}${"<a>".repeat(size / 3)}`,
      "end tags of nothing": (size) => `{{a}}${"<x>".repeat(100)}${"</y>".repeat(size / 4)}`,
      "rows in a deep cell": (size) => `{{a}}<table><tr><td>${"<i>".repeat(100)}${"<tr>".repeat(size / 4)}`,
      "blanks around an equals sign": (size) => `{{a}}${"<a x          =b>".repeat(size / 17)}`,
      "what a table does not hold": (size) => `{{a}}<table>${"x<tr>".repeat(size / 5)}`,
      "stamps that are taken": (size) =>
        `{{a}}${numbered(size, (index) => `tk${Array.from(String(index), (digit) => "abcdefghij"[Number(digit)]).join("")}y`)}`
    }
    for (const [name, make] of Object.entries(worst)) {
      expectLinear(name, doubling(100_000), make, (source) => lints(source, "html"))
    }
  })
})

describe("a mode that is none", () => {
  it("TK-5: escapes", () => {
    const template = Template.compile("{{firstName}}", "HTML" as Template.Mode)
    expect(Template.render(template, { firstName: "<b>" })).toBe("&lt;b&gt;")
  })
})

describe("a lead that is not complete", () => {
  it("TK-2: what it does not have renders as the empty string", () => {
    const template = Template.compile("{{firstName}},{{plan}},{{company | you}}", "text")
    expect(Template.render(template, { firstName: "Ava" })).toBe("Ava,,you")
    expect(Template.render(template, {})).toBe(",,you")
  })

  it("TK-5: what no lead can hold is text, too", () => {
    const template = Template.compile("{{firstName}}", "html")
    expect(Template.render(template, { firstName: "&\u0000" })).toBe("&amp;\u0000")
  })
})

describe("coverage", () => {
  it("TK-6: coverage equals a naive count of the leads for whom some occurrence renders blank", () => {
    const steps = fc.array(fc.record({ subject: sources, bodyHtml: sources }), { maxLength: 3 })
    fc.assert(
      fc.property(steps, fc.array(leads, { maxLength: 6 }), (sequence, all) => {
        const batch = all.filter((lead) => Result.isSuccess(parseLead(lead)))
        const expected = sequence.map(({ bodyHtml, subject }, step) => {
          const occurrences = [
            ...reference.occurrences(subject).map((found) => ({ ...found, mode: "text" as const })),
            ...reference.occurrences(bodyHtml).map((found) => ({ ...found, mode: "html" as const }))
          ]
          const tokens = [...new Set(occurrences.map(({ name }) => name))].map((token) => ({
            token,
            empty: batch.filter((lead) =>
              occurrences.some(
                ({ filled, mode, name }) =>
                  name === token && !filled && reference.value(lead, name, mode).trim() === ""
              )
            ).length
          }))
          return { step, tokens }
        })
        expect(Template.coverage({ steps: sequence, leads: [...all, { email: "no address" }] })).toEqual({
          leads: batch.length,
          failed: all.length - batch.length + 1,
          steps: expected
        })
      }),
      { numRuns: 1_000 }
    )
  })

  it("TK-6: a fallback fills a gap, except where another occurrence in the step has none", () => {
    const batch = [leadOf({}), leadOf({}, { firstName: "Ann" }), leadOf({ city: " " }, { firstName: " " })]
    expect(
      Template.coverage({
        steps: [
          { subject: "{{firstName|there}}", bodyHtml: "{{firstName | you}} {{city}}" },
          { subject: "{{firstName|there}}", bodyHtml: "{{ firstName }}" }
        ],
        leads: batch
      })
    ).toEqual({
      leads: 3,
      failed: 0,
      steps: [
        {
          step: 0,
          tokens: [
            { token: "firstName", empty: 0 },
            { token: "city", empty: 3 }
          ]
        },
        { step: 1, tokens: [{ token: "firstName", empty: 2 }] }
      ]
    })
  })
})
