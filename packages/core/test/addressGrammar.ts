/**
 * A grammar of addresses: ordinary ones, ones that are wrong in a single place, and ones that are made to mislead.
 * Foreign letters come from blocks that every recent Unicode has, since the oracle's tables are the runtime's own.
 */
import { domainToASCII } from "node:url"
import fc from "fast-check"

const pick = (...pieces: ReadonlyArray<string>) => fc.constantFrom(...pieces)
const joined = (piece: fc.Arbitrary<string>, minLength: number, maxLength: number) =>
  fc.array(piece, { minLength, maxLength }).map((pieces) => pieces.join(""))
const from = (min: number, max: number) =>
  fc.integer({ min, max }).map((point) => String.fromCodePoint(point))

const letter = pick(..."abcijkstxyzABIJKSTXYZ0189")
const foreign = fc.oneof(
  pick(..."éßẞÅǰς日本بא한😀ﬄı≠ﬀŉ", "\u212b", "\u0958", "\u1112", "\u1161", "\u0130", "\u00aa", "\u2488"),
  from(0xa1, 0x557),
  from(0x5d0, 0x5ea),
  from(0x620, 0x6ff),
  from(0x904, 0x939),
  from(0x1e00, 0x1fff),
  from(0x3041, 0x30ff),
  from(0x4e00, 0x4eff),
  from(0xac00, 0xac40),
  from(0xff01, 0xffee),
  from(0x1d400, 0x1d7ff),
  from(0x1f300, 0x1f5ff)
)
const mark = pick(..."\u0301\u030c\u0307\u0308\u0323\u0331\u0338\u0327\u0345\u034f\ufe0f\u093c")

/**
 * Words with characters that stand well in some places only, letters that look like others, and
 * quotation marks.
 */
const inContext = pick(
  ..."l\u00b7l L\u00b7L a\u00b7b \u0375\u03b1 \u05e6\u05f3\u05e7 \u05f4\u05d0 \u05d0\u05f4 \u30a2\u30fb\u30a2 \u30fba \u30fb\u4e00".split(
    " "
  ),
  ..."\u0628\u200c\u0628 \u0627\u200c\u0628 \u0628\u064b\u200c\u064b\u0627 \u0915\u094d\u200c \u0915\u094d\u200d\u0937 \u0628\u200d\u0628 a\u200cb".split(
    " "
  ),
  ..."\u0430\u0431 \u0430b \u03b1\u03b2 \u03b1b \u0430\u03b1 \u0430\u0301\u0431 \u0430-b \u00b5m \uff76\uff9e \u0640\u0628 \u3007 \u3031".split(
    " "
  ),
  ..."' ` '' a'b \u2019 \u201ca\u201d \u00aba\u00bb \u2022 \u00ae \ue000 \u0378 \u20dd \u1100 \ud7b0 \u2c7c \ufb01".split(
    " "
  )
)

/** Characters that some mailer, database or normaliser takes for something else. */
const hostile = pick(
  ..."@@.._,;:<>[]()\\\"' \t\r\n%/#?",
  ..."\0\x01\x7f\x85\u00a0\u3000\u2028\u200b\u200c\u200d\u00ad\u202e\u2066\ufeff\u180e",
  ..."\u212a\u037e\u1fef＠ａＡ．。｡－⒈ﬁ℡",
  "\ud800",
  "\udfff",
  "\u{e0041}",
  "\u{e0100}"
)

const atom = joined(
  fc.oneof(
    { weight: 12, arbitrary: letter },
    { weight: 2, arbitrary: pick(..."!#$%&'*+-/=?^_`{|}~") },
    { weight: 2, arbitrary: foreign },
    { weight: 1, arbitrary: mark },
    { weight: 1, arbitrary: inContext },
    // Pairs of which only one case has a composed form.
    {
      weight: 1,
      arbitrary: pick("J\u030c", "j\u030c", "H\u0331", "T\u0308", "I\u0307", "E\u0301", "W\u030a")
    }
  ),
  1,
  5
)
const repeated = (unit: fc.Arbitrary<string>, min: number, max: number) =>
  fc.tuple(unit, fc.integer({ min, max })).map(([text, count]) => text.repeat(count))

const dots = fc.oneof(
  { weight: 30, arbitrary: fc.constant(".") },
  { weight: 1, arbitrary: pick("..", "。", "．", "") }
)
const separated = (piece: fc.Arbitrary<string>, min: number, max: number) =>
  fc
    .array(fc.tuple(piece, dots), { minLength: min, maxLength: max })
    .map((parts) => parts.map(([text, dot], index) => (index === 0 ? text : dot + text)).join(""))

const local = fc.oneof(
  { weight: 12, arbitrary: separated(atom, 1, 3) },
  { weight: 1, arbitrary: atom.map((text) => `"${text} x"`) },
  { weight: 1, arbitrary: atom.map((text) => `${text}(comment)`) },
  { weight: 1, arbitrary: pick("", ".a", "a.", "a..b", '"a@evil x"', "a\\", "a＠b") },
  { weight: 1, arbitrary: repeated(pick("a", "A", "a.", "é", "e\u0301", "\u0958", "😀"), 10, 70) }
)

const ldh = fc
  .tuple(
    letter,
    joined(fc.oneof({ weight: 8, arbitrary: letter }, { weight: 1, arbitrary: fc.constant("-") }), 0, 6)
  )
  .map(([first, rest]) => `${first}${rest}`)
const idn = joined(
  fc.oneof(
    { weight: 3, arbitrary: letter },
    { weight: 4, arbitrary: foreign },
    { weight: 1, arbitrary: mark },
    { weight: 1, arbitrary: inContext },
    { weight: 1, arbitrary: fc.constant("-") }
  ),
  1,
  5
)
const punycode = fc.oneof(
  idn.map((text) => domainToASCII(text)).filter((text) => /^[a-z0-9-]+$/.test(text)),
  pick(
    "XN--1CH",
    "xn--strae-oqa",
    "xn--a",
    "xn--",
    "xn---",
    "xn--abc-",
    "xn--ab-j1t",
    "xn--ls8h",
    "xn--xn--a-gua"
  ),
  pick(
    "xN--9Ca",
    "xn--99999999",
    "xn--0",
    "xn--a-1fa63o",
    "xn--tda",
    "xn--fa-hia",
    "xn--a-ecp",
    "xn--\u00e9-a",
    "xn--é"
  )
)
const label = fc.oneof(
  { weight: 12, arbitrary: ldh },
  { weight: 4, arbitrary: idn },
  { weight: 2, arbitrary: punycode },
  { weight: 1, arbitrary: pick("-a", "a-", "ab--cd", "_dmarc", "1", "0x7f", "0X", "127", "٣", "１") },
  { weight: 1, arbitrary: repeated(pick("a", "B", "b-", "é", "日"), 15, 66) }
)
const domain = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.tuple(separated(label, 1, 3), pick("com", "COM", "io", "de")).map((it) => it.join("."))
  },
  { weight: 4, arbitrary: separated(label, 1, 4) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        inContext,
        pick(..."com a aa c0m LOCAL invalid localhost internal onion locals рф xn--p1ai xn--a".split(" "))
      )
      .map((it) => it.join("."))
  },
  {
    weight: 1,
    arbitrary: repeated(pick("b.", "ab.", "é.", "bbbbbbbbb."), 24, 130).map((text) => `${text}com`)
  },
  {
    weight: 1,
    arbitrary: pick(
      "",
      "localhost",
      "acme.com.",
      "[127.0.0.1]",
      "[IPv6:::1]",
      "1.2.3.4",
      "a.123",
      "acme.com:25"
    )
  }
)

const outside = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: joined(pick(..." \t\r\n\u00a0\u3000\u2028\ufeff"), 1, 3) },
  { weight: 1, arbitrary: pick("\0", "\u200b", " ".repeat(1_100)) }
)
const at = fc.oneof(
  { weight: 40, arbitrary: fc.constant("@") },
  { weight: 1, arbitrary: pick("", "@@", "＠", " @", "@ ") }
)

const whole = fc.tuple(outside, local, at, domain, outside).map((parts) => parts.join(""))

/** One hostile character, or one of any kind, put anywhere into an address. */
const spoiled = fc
  .tuple(whole, fc.oneof(hostile, mark, foreign), fc.nat())
  .map(([text, character, where]) => {
    const index = where % (text.length + 1)
    return text.slice(0, index) + character + text.slice(index)
  })

const ordinary = fc
  .tuple(joined(letter, 1, 8), ldh, pick("com", "Co.UK", "io"))
  .map(([a, b, c]) => `${a}@${b}.${c}`)

/** Addresses in all spellings: about a half are accepted. */
export const addresses: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: ordinary },
  { weight: 8, arbitrary: whole },
  { weight: 3, arbitrary: spoiled },
  { weight: 1, arbitrary: joined(fc.oneof(hostile, letter, mark, fc.constant("@")), 0, 12) },
  { weight: 1, arbitrary: repeated(pick("a", "@", "a.", "a@", ".", "é", '"', "("), 200, 1_100) }
)
