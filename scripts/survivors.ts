/** Why a mutant that no test finds out may live. Each entry names the code that it is about, so that it goes with it. */

interface Argument {
  /** The end of the file's path. */
  readonly file: string
  /** Part of the line that the mutant is on. */
  readonly line: string
  /** The code that was changed, where the line has other mutants. */
  readonly before?: string
  readonly after?: string
  readonly because: string
}

const typesOnly = "the name of a brand is for the compiler"
const shortCut = "a short cut: without it the long way gives the same"
const never = "for the compiler: the types do not rule it out, what comes in does"

const arguments_: ReadonlyArray<Argument> = [
  { file: "model/Ids.ts", line: "Schema.brand(", because: typesOnly },
  {
    file: "model/Ids.ts",
    line: ".exec(id) ?? []",
    because: "what stands in for no match has no parts either"
  },
  { file: "rules/explain.ts", line: "snapshot.history.get(key)?.find", because: never },
  {
    file: "rules/explain.ts",
    line: "if (campaign === null || lead === undefined) return false",
    because: never
  },
  {
    file: "rules/parseTime.ts",
    line: "const isoTime =",
    after: String.raw`/^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)/`,
    because: "what has more behind its zone is no time for Date.parse either"
  },
  {
    file: "rules/parseTime.ts",
    line: "isoTime.exec(text) ?? []",
    because: "what stands in for no match has no day either"
  },
  { file: "rules/upsert.ts", line: "if (lead !== undefined) leadIds.push", because: never },
  { file: "rules/renderMessage.ts", line: "campaign.steps[step] ?? {}", because: never },
  { file: "rules/renderMessage.ts", line: "first.every(", because: shortCut },
  {
    file: "rules/renderMessage.ts",
    line: "if (first !== null) known.push",
    after: "true",
    because: shortCut
  },
  {
    file: "rules/parseReport.ts",
    line: "messageId === null ? undefined",
    because: "null is no id of a message when it is read as text"
  },
  { file: "model/EmailAddress.ts", line: "address.length <= 64 && ordinary", because: shortCut },
  { file: "model/EmailAddress.ts", line: "const atoms =", because: shortCut },
  { file: "model/EmailAddress.ts", line: "const labels =", because: shortCut },
  { file: "model/EmailAddress.ts", line: "text.length > octets ||", because: shortCut },
  { file: "model/Lead.ts", line: String.raw`if (!json.includes("\\"))`, because: shortCut },
  {
    file: "model/Lead.ts",
    line: "json.match(jsonPiece) ?? []",
    because: "what stands in for no match has no pair either"
  },
  {
    file: "model/Lead.ts",
    line: "index + 1 < pieces.length",
    because: "pieces come in pairs: none stands alone at the end"
  },
  { file: "model/Lead.ts", line: "setOwn(fields, JSON.parse(pieces[index]", because: never },
  {
    file: "rules/claim.ts",
    line: "renderedBytes >= Limits.maxRenderedInDecision",
    because: "one message more at a bound that is as loose"
  },
  {
    file: "model/EmailAddress.ts",
    line: "known.size < maxKnownDomains",
    because: "a bound on memory: domains beyond it are parsed to the same"
  },
  {
    file: "model/SourceRow.ts",
    line: "readonly #isSourceRow = true",
    because: "that it is there says all, whatever its value"
  },
  {
    file: "model/addressText.ts",
    line: ".replace(/[A-Z]+/g",
    because: "letters folded one by one or in runs are the same letters"
  },
  {
    file: "model/Lead.ts",
    line: 'if (name === "__proto__")',
    after: "true",
    because: "a plain assignment is the faster way to the same property"
  },
  {
    file: "rules/readRow.ts",
    line: 'typeof value === "number"',
    because: "Number.isFinite is false for what is no number"
  },
  {
    file: "rules/lint.ts",
    line: "const freeStamp",
    because: "the stamp would be the word undefined, which a source hardly holds"
  },
  { file: "rules/lint.ts", line: "/tk([a-j]+)y/gi", before: "stamp?.toLowerCase", because: never },
  {
    file: "rules/lint.ts",
    line: "stamp++",
    because: "stamps below zero are as good, and as free, as those above"
  },
  {
    file: "rules/lint.ts",
    line: "++elements > maxElements",
    because: "one element less of a bound that is as loose"
  },
  {
    file: "rules/lint.ts",
    line: "[\\p{Cc}\\s]+",
    because: "white space taken out one by one or in runs leaves the same"
  },
  {
    file: "rules/lint.ts",
    line: "assigned.replace(",
    because: "what follows the name of an attribute begins with its equals sign"
  },
  { file: "rules/lint.ts", line: "parent !== null && rawText", because: never },
  {
    file: "rules/lint.ts",
    line: "catch (error)",
    because: "only a defect of the HTML parser would show the difference"
  },
  {
    file: "rules/lint.ts",
    line: "error !== tooComplex",
    because: "only a defect of the HTML parser would show the difference"
  },
  { file: "rules/lint.ts", line: "sites.length === 0", because: shortCut },
  {
    file: "rules/lint.ts",
    line: 'new Error("too complex',
    because: "the text of an error that is always caught"
  },
  { file: "rules/mergeLead.ts", line: "value === undefined ||", because: never },
  {
    file: "rules/idempotency.ts",
    line: "Object.entries(customFields).sort(",
    because: "names are different, and any order of them serves"
  },
  { file: "rules/idempotency.ts", line: '[total, kept = ""]', because: never },
  { file: "rules/suppression.ts", line: "snapshot.suppressions.size === 0", because: shortCut },
  {
    file: "model/Limits.ts",
    line: "maxEventBytes = maxReports",
    because: "a bound on what a page loads at first: it shows the same"
  },
  { file: "rules/leadSize.ts", line: "units > Limits.maxLeadBytes ||", because: shortCut },
  { file: "rules/leadSize.ts", line: "const surelyFits =", because: shortCut },
  {
    file: "rules/leadSize.ts",
    line: "const unitsOf =",
    because: "a number that is none leaves the short cut out"
  },
  {
    file: "rules/readRow.ts",
    line: "this.settings > Limits.maxCustomFields &&",
    before: "this.settings > Limits.maxCustomFields",
    because: shortCut
  },
  { file: "rules/tokens.ts", line: "if (first === -1) return value", because: shortCut },
  {
    file: "rules/tokens.ts",
    line: "index < value.length",
    because: "behind the last character there is none to escape"
  },
  { file: "rules/tokens.ts", line: "escaped += from === index", because: shortCut },
  {
    file: "rules/tokens.ts",
    line: 'typeof value === "string" ? value',
    because: "String of a text is that text"
  }
]

/** The argument for a mutant that lives, if there is one. */
export const argued = (path: string, line: string, before: string, after: string): string | undefined =>
  arguments_.find(
    (argument) =>
      path.endsWith(argument.file) &&
      line.includes(argument.line) &&
      (argument.before === undefined || argument.before === before) &&
      (argument.after === undefined || argument.after === after)
  )?.because
