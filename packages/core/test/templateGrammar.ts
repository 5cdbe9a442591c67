/**
 * Grammars of templates: text with tokens and with what only looks like tokens, and well-formed HTML in which the
 * place of each token is known. Values hold what is special in a template, in a replacement, in HTML or in a header.
 */
import fc from "fast-check"
import type { FieldValue, LeadFields } from "../src/model/Lead.ts"
import type { LintCode } from "../src/rules/lint.ts"

const pick = (...pieces: ReadonlyArray<string>) => fc.constantFrom(...pieces)
const joined = (piece: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(piece, { maxLength }).map((pieces) => pieces.join(""))

const inherited = Object.getOwnPropertyNames(Object.prototype)
const customNames = ["plan", "a b", "A", "a.b", "$.x", "é", "$&", "#if vip", "0", 'env "X"', "prototype"]
const standardNames = ["email", "firstName", "lastName", "company", "jobTitle"]
const name = pick(...customNames, ...inherited, ...standardNames, "missing")

const lineBreak = pick(..."\n\r\v\f\u0085\u2028\u2029", "\r\n")
const space = pick("", "", " ", "\t", "\u00a0", "\ufeff", "\u3000", "\u200b", "\u180e")

/** Text that means something elsewhere: to this language and to others, to `replace`, to HTML and to mail. */
export const hostileText = joined(
  fc.oneof(
    { weight: 3, arbitrary: pick("{{company}}", "{{plan}}", "{{", "}}", "{", "}", "{{{x}}}", "{{ a | b }}") },
    { weight: 2, arbitrary: pick("$&", "$`", "$'", "$$", "$1", "$<name>", "\\1", "%s", `\${x}`) },
    {
      weight: 3,
      arbitrary: pick("<b>", "</p>", "<!--", "-->", "</title>", "<script>", "<", ">", "]]>", "/>")
    },
    {
      weight: 3,
      arbitrary: pick('"', "'", "`", "=", " onclick=x ", "&amp;", "&#39", "&lt", "&", "O'Brien & Co")
    },
    {
      weight: 3,
      arbitrary: fc.oneof(lineBreak, pick("\r\nBcc: x@y.com", "\t", "\x01", "\x7f", "\x85", "\x9f"))
    },
    {
      weight: 2,
      arbitrary: fc.oneof(space, pick("x", "=HYPERLINK(1)", "\u202e", "tkay", "tkaya", "\ufffd"))
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) }
  ),
  6
)

const fieldValue: fc.Arbitrary<FieldValue> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 1, arbitrary: fc.constantFrom("", " ", "\n", null, true, false, 0, -1.5, 1e21, 5e-324) }
)
const customFields = fc
  .array(fc.tuple(pick(...customNames, ...inherited, ...standardNames), fieldValue), { maxLength: 6 })
  .map((entries): Record<string, FieldValue> => Object.fromEntries(entries))
const standardValue = fc.option(hostileText, { nil: null })

/** Leads as a store gives them, and leads of which something is left out. */
export const leads: fc.Arbitrary<Partial<LeadFields>> = fc.record(
  {
    email: pick("ann@example.com", "o'brien=a&b@example.com"),
    firstName: standardValue,
    lastName: standardValue,
    company: standardValue,
    jobTitle: standardValue,
    customFields
  },
  { requiredKeys: [] }
)

const token = fc.tuple(space, name, space).map((parts) => `{{${parts.join("")}}}`)
const withFallback = fc
  .tuple(space, name, pick("|", " | ", "||"), fc.oneof(hostileText, pick("there", "", " "), lineBreak))
  .map((parts) => `{{${parts.join("")}}}`)
const nearToken = fc.oneof(
  pick(
    "{{}}",
    "{{ }}",
    "{{|x}}",
    "{{{x}}}",
    "{{#if}}",
    "{{/if}}",
    "{{x|y|z}}",
    "{{ a {{ plan }}",
    "{ {plan} }",
    "{{plan}"
  ),
  pick(
    "<%= plan %>",
    "%plan%",
    "[[plan]]",
    "*|plan|*",
    "{%plan%}",
    "((plan))",
    "@{plan}",
    "{{plan}}}",
    "{{{plan}}"
  ),
  fc.tuple(name, lineBreak).map(([text, end]) => `{{${text}${end}}}`),
  fc
    .tuple(pick("{", "{{", "{{{", "{{{{"), space, name, space, pick("}", "}}", "}}}", ""))
    .map((parts) => parts.join(""))
)

/** Sources of templates: any text is one. */
export const sources = joined(
  fc.oneof(
    { weight: 4, arbitrary: token },
    { weight: 2, arbitrary: withFallback },
    { weight: 3, arbitrary: nearToken },
    { weight: 2, arbitrary: pick("{", "}", "{{", "}}", "|", " ") },
    { weight: 2, arbitrary: hostileText },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) }
  ),
  8
)

/** Well-formed HTML and the lints that its tokens deserve, in order. */
export interface Markup {
  readonly html: string
  readonly lints: ReadonlyArray<LintCode>
}

const markup = (html: string, ...lints: ReadonlyArray<LintCode>): Markup => ({ html, lints })
const concat = (parts: ReadonlyArray<Markup>): Markup => ({
  html: parts.map(({ html }) => html).join(""),
  lints: parts.flatMap(({ lints }) => lints)
})
const wrap = (open: string, inside: Markup, close: string): Markup => ({
  ...inside,
  html: `${open}${inside.html}${close}`
})

/** The one field of the templates in HTML. */
export const valueName = "plan"

const text = fc.constantFrom(
  "x",
  "Hi {{plan}}!",
  "{{plan}}",
  "&amp;{{ plan }}",
  "{{plan|there}}",
  "a < b",
  "{{plan}}{{plan}}"
)
const leaf: fc.Arbitrary<Markup> = fc.oneof(
  text.map((html) => markup(html)),
  fc.constantFrom(
    markup('<img alt="{{plan}}">'),
    markup("<br title='a {{plan}} b'>"),
    markup("<input value = \"'{{plan}}'\" name=x>"),
    markup("<textarea>x{{plan}}</textarea>"),
    markup('<img alt="{{plan|>}}" src="https://x.com/?q={{plan}}"/>')
  )
)
/** Places where a value is not kept in its place, each the only one of its kind. */
const unsafeLeaf: fc.Arbitrary<Markup> = fc.constantFrom(
  markup("<img alt={{plan}}>", "unquoted-attribute"),
  markup("<img alt=x{{plan}} id='{{plan}}'>", "unquoted-attribute"),
  markup("<img {{plan}}>", "attribute-name"),
  markup('<img alt="x"{{plan}}>', "attribute-name"),
  markup("<img data-{{plan}}='x'>", "attribute-name"),
  markup("<x{{plan}}></x>", "tag-name"),
  markup("<!-- {{plan}} -->", "comment"),
  markup("<style>a{{{plan}}}{{plan}}</style>", "literal-braces", "raw-text"),
  markup("<script>'{{plan}}'</script>", "raw-text"),
  markup("<img onerror='{{plan}}'>", "active-attribute"),
  markup('<i style="color:{{plan}}">x</i>', "active-attribute"),
  markup('<img src=" JavaS\tcript:{{plan}}">', "active-attribute"),
  markup("<br title='x' title='{{plan}}'>", "misplaced"),
  markup("<i>x</i {{plan}}>", "misplaced")
)

/** Phrases stand in phrases, blocks in blocks, and no link in a link: so a parser moves nothing. */
const wellFormed = (leaves: fc.Arbitrary<Markup>) =>
  fc.letrec<{ phrase: Markup; block: Markup }>((tie) => ({
    phrase: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaves,
      fc
        .tuple(pick("b", "i", "span", "em"), fc.array(tie("phrase"), { maxLength: 3 }))
        .map(([tag, inside]) => wrap(`<${tag}>`, concat(inside), `</${tag}>`))
    ),
    block: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc
        .array(tie("phrase"), { minLength: 1, maxLength: 3 })
        .map((inside) => wrap("<p class='{{plan}}'>", concat(inside), "</p>")),
      fc
        .tuple(pick("div", "section", "blockquote"), fc.array(tie("block"), { maxLength: 3 }))
        .map(([tag, inside]) => wrap(`<${tag} title="{{plan}}">`, concat(inside), `</${tag}>`)),
      fc
        .array(tie("phrase"), { maxLength: 3 })
        .map((inside) =>
          wrap('<table><tbody><tr><td><a href="{{plan}}">', concat(inside), "</a></td></tr></tbody></table>")
        ),
      fc
        .array(tie("phrase"), { maxLength: 3 })
        .map((inside) => wrap("<ul><li>", concat(inside), "</li></ul>"))
    )
  })).block

/** Every token stands in text or in a quoted attribute. */
export const safeMarkup = wellFormed(leaf)

/** Tokens stand anywhere. */
export const anyMarkup = wellFormed(
  fc.oneof({ weight: 2, arbitrary: leaf }, { weight: 1, arbitrary: unsafeLeaf })
)
