/**
 * Lints: legal parts of a template that are probably mistakes. These are text that looks like a
 * token and is none or names no field (TK-1), and tokens of an html template where escaping does
 * not contain a value (TK-5). Guarantees: total; a real HTML parser finds the context of a token,
 * and a token outside text and quoted attributes is a lint; markup too deep to look through is
 * linted, not parsed. Refuses to judge URLs: a token may be a link's whole address, so the sender
 * must trust that field. The work comes in pieces of a few milliseconds, so that a use case may
 * give the event loop a turn between two of them.
 */
import { type DefaultTreeAdapterMap, defaultTreeAdapter, Parser, type TreeAdapter } from "parse5"
import * as Limits from "../model/Limits.ts"
import { type Mode, scan, type TokenSite } from "./tokens.ts"

/** What a lint is about: two are of the syntax (TK-1), the others of the place (TK-5). */
export type LintCode = keyof typeof messages

/** A lint. `token` is as it is written, braces included; `offset` is in UTF-16 code units. */
export interface Lint {
  readonly code: LintCode
  readonly token: string
  readonly offset: number
  readonly message: string
}

const messages = {
  "literal-braces": "is not a token and is sent as it stands: a token is {{ name }} on one line",
  "unknown-token-syntax": "names no possible field and renders empty: there are no conditions or helpers",
  "unquoted-attribute": "is in an attribute value without quotes, where a value can add attributes",
  "attribute-name": "is outside the quotes of an attribute, where a value can add attributes",
  "tag-name": "is in the name of a tag",
  "raw-text": "is in a script, a style or other raw text, where escaping has no meaning",
  comment: "is in a comment, where a value is not seen or is seen by some clients only",
  "active-attribute":
    "is in an attribute that is run or parsed again: a handler, a style, a document, a script URL",
  misplaced: "is in no text and no quoted attribute that an HTML parser keeps"
} as const

type Place = LintCode | "safe"

const excerptLength = 60

/** Braces that are no token, of which a template lists the first: as many as it may have tokens. */
const maxLiterals = Limits.maxTokens

const lint = (code: LintCode, source: string, start: number, end: number): Lint => {
  const token = source.slice(start, Math.min(end, start + excerptLength))
  return { code, token, offset: start, message: `${token} ${messages[code]}` }
}

const impossibleName = /^[#/^>!&]|["'`()<]/

const syntaxLints = (source: string, sites: ReadonlyArray<TokenSite>): ReadonlyArray<Lint> => {
  const starts = new Set(sites.map((site) => site.start))
  const literals: Array<Lint> = []
  for (const { 0: braces, index } of source.matchAll(/\{{2,}[^{}]*\}*/g)) {
    if (starts.has(index)) continue
    literals.push(lint("literal-braces", source, index, index + braces.length))
    if (literals.length === maxLiterals) break
  }
  const unknown = sites
    .filter(({ name }) => impossibleName.test(name) || name.length > Limits.maxFieldNameLength)
    .map(({ end, start }) => lint("unknown-token-syntax", source, start, end))
  return [...literals, ...unknown]
}

const letters = (value: number): string =>
  Array.from(String(value), (digit) => "abcdefghij"[Number(digit)]).join("")

/** A mark is `tk<stamp>y<index>z`: lower-case letters only, and with a stamp that the source does not hold. */
const freeStamp = (source: string): string => {
  const taken = new Set(Array.from(source.matchAll(/tk([a-j]+)y/gi), ([, stamp]) => stamp?.toLowerCase()))
  let stamp = 0
  while (taken.has(letters(stamp))) stamp++
  return letters(stamp)
}

const marked = (source: string, sites: ReadonlyArray<TokenSite>, stamp: string): string => {
  const parts: Array<string> = []
  let from = 0
  sites.forEach(({ end, start }, index) => {
    parts.push(source.slice(from, start), `tk${stamp}y${letters(index)}z`)
    from = end
  })
  return parts.join("") + source.slice(from)
}

const tooComplex = new Error("too complex to lint")
const maxDepth = 512

/** UTF-16 code units that are parsed, and nodes that are looked at, in one piece of work. */
const unitsInPiece = 4_096
const nodesInPiece = 1_024

/**
 * Elements that a piece may make. Markup without clones makes at most one for two units, implied
 * elements included.
 */
const elementsInPiece = 2 * unitsInPiece

/** Misnested formatting makes a parser clone elements without end, and deep markup makes it quadratic. */
const boundedTree = (maxElements: number) => {
  let elements = 0
  let depth = 0
  let maxInPiece = elementsInPiece
  const treeAdapter: TreeAdapter<DefaultTreeAdapterMap> = {
    ...defaultTreeAdapter,
    createElement: (...args) => {
      if (++elements > Math.min(maxElements, maxInPiece)) throw tooComplex
      return defaultTreeAdapter.createElement(...args)
    },
    onItemPush: () => {
      if (++depth > maxDepth) throw tooComplex
    },
    onItemPop: () => {
      depth--
    }
  }
  const beginPiece = () => {
    maxInPiece = elements + elementsInPiece
  }
  return { treeAdapter, beginPiece }
}

const rawText = new Set(["script", "style", "xmp", "iframe", "noembed", "noframes", "plaintext"])
const activeName = /^on|^style$|^srcdoc$/
const urlName = /^(?:xlink:)?href$|^src$|^(?:form)?action$/
const scriptUrl = /^(?:javascript:|vbscript:|data:text)/i

const attributePlace = (name: string, value: string, quoted: boolean): Place => {
  if (!quoted) return "unquoted-attribute"
  // A browser reads a scheme without the white space and control characters before and inside it.
  const script = urlName.test(name) && scriptUrl.test(value.replace(/[\p{Cc}\s]+/gu, ""))
  return script || activeName.test(name) ? "active-attribute" : "safe"
}

/** Parses the html piece by piece. With scripting the content of `noscript` is text, without it markup. */
function* treeOf(
  html: string,
  scriptingEnabled: boolean,
  unitsInPiece: number
): Generator<void, DefaultTreeAdapterMap["document"]> {
  const { beginPiece, treeAdapter } = boundedTree(html.length / 2 + 100)
  const options = { sourceCodeLocationInfo: true, scriptingEnabled, treeAdapter }
  const isWhole = /<(?:!doctype|html|head|body)\b/i.test(html)
  const parser = isWhole ? new Parser(options) : Parser.getFragmentParser(null, options)
  for (let from = 0; from < html.length; from += unitsInPiece) {
    parser.tokenizer.write(html.slice(from, from + unitsInPiece), false)
    yield
    beginPiece()
  }
  parser.tokenizer.write("", true)
  return parser.document
}

/** Where each mark of the html ends up; marks that the tree does not show are absent. */
function* placesOf(
  html: string,
  stamp: string,
  scriptingEnabled: boolean,
  unitsInPiece: number
): Generator<void, ReadonlyMap<string, Place>> {
  const places = new Map<string, Place>()
  const prefix = `tk${stamp}y`
  const marks = new RegExp(`${prefix}[a-j]+z`, "gi")
  const note = (text: string, place: Place) => {
    for (const [mark] of text.matchAll(marks)) places.set(mark.toLowerCase(), place)
  }
  const noteElement = (element: DefaultTreeAdapterMap["element"]) => {
    note(element.tagName, "tag-name")
    // A clone that the parser made of an element has no location; its original has noted the attributes.
    for (const [name, at] of Object.entries(element.sourceCodeLocation?.attrs ?? {})) {
      const written = html.slice(at.startOffset, at.endOffset)
      if (!written.includes(prefix)) continue
      note(name, "attribute-name")
      const assigned = written.slice(name.length)
      const value = assigned.replace(/^\s*=\s*/, "")
      const quoted = /^["']/.test(value)
      note(value, attributePlace(name, quoted ? value.slice(1) : value, quoted))
    }
  }
  const pending: Array<DefaultTreeAdapterMap["node"]> = [yield* treeOf(html, scriptingEnabled, unitsInPiece)]
  let nodes = 0
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (++nodes % nodesInPiece === 0) yield
    if (defaultTreeAdapter.isTextNode(node)) {
      const parent = node.parentNode
      note(node.value, parent !== null && rawText.has(parent.nodeName) ? "raw-text" : "safe")
    } else if (defaultTreeAdapter.isCommentNode(node)) note(node.data, "comment")
    else if (defaultTreeAdapter.isElementNode(node)) noteElement(node)
    if ("childNodes" in node) for (const child of node.childNodes) pending.push(child)
    if ("content" in node) pending.push(node.content)
  }
  return places
}

function* placeLints(
  source: string,
  sites: ReadonlyArray<TokenSite>,
  unitsInPiece: number
): Generator<void, ReadonlyArray<Lint>> {
  if (sites.length === 0) return []
  const stamp = freeStamp(source)
  const html = marked(source, sites, stamp)
  const parsed: Array<ReadonlyMap<string, Place>> = []
  // Mail is read without scripting, and in some web mail with it, where a `noscript` ends elsewhere.
  for (const scriptingEnabled of /<noscript\b/i.test(html) ? [false, true] : [false]) {
    try {
      parsed.push(yield* placesOf(html, stamp, scriptingEnabled, unitsInPiece))
    } catch (error) {
      if (error !== tooComplex) throw error
      parsed.push(new Map())
    }
  }
  return sites.flatMap(({ end, start }, index) => {
    const places = parsed.map((places) => places.get(`tk${stamp}y${letters(index)}z`) ?? "misplaced")
    const place = places.find((place) => place !== "safe")
    return place === undefined ? [] : [lint(place, source, start, end)]
  })
}

/** The same lints as `lints`, worked out in pieces: the generator yields between two of them. */
export function* lintsInPieces(
  source: string,
  mode: Mode,
  piece = unitsInPiece
): Generator<void, ReadonlyArray<Lint>> {
  const sites = scan(source)
  const misplaced = mode === "html" ? yield* placeLints(source, sites, piece) : []
  return [...syntaxLints(source, sites), ...misplaced].sort((one, other) => one.offset - other.offset)
}

/** The lints of a template's source, in order of their offsets (TK-1, TK-5); a subject has lints of syntax only. */
export const lints = (source: string, mode: Mode): ReadonlyArray<Lint> => {
  const pieces = lintsInPieces(source, mode)
  for (;;) {
    const { done, value } = pieces.next()
    if (done === true) return value
  }
}
