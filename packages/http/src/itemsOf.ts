/** Makes the items of a problem: where a request is wrong, a reason and a sentence, and never a value. */
import type { IndexedIssue, Issue } from "@leadterra/core"
import type { HttpApiError } from "effect/http-api"
import * as SchemaIssue from "effect/SchemaIssue"
import { maxProblemItems, type ProblemItem } from "./contract/problems.ts"

/** A JSON pointer (RFC 6901). */
const pointerOf = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")

/** An argument of the core as the contract has it: a member of a body, or a header. */
interface Published {
  readonly member?: string
  readonly header?: string
  /** The sentence, where that of the core names a form that the contract does not take. */
  readonly message?: string
}

/** The arguments that the contract names otherwise than the core. */
const published: ReadonlyMap<string, Published> = new Map([
  ["steps", { member: "sequenceSteps" }],
  [
    "to",
    { member: "advanceTo", message: "must be an ISO time such as 2025-06-10T15:00:00Z, from 1970 to 9989" }
  ],
  ["idempotencyKey", { header: "idempotency-key" }]
])

/** The items of an `InvalidRequest` of the core, whose paths have a dot between two names. */
export const itemsOfIssues = (issues: ReadonlyArray<Issue>): ReadonlyArray<ProblemItem> =>
  issues.map(({ message: told, path }) => {
    const [first = "", ...rest] = path.split(".")
    const { header, member = first, message = told } = published.get(first) ?? {}
    return header === undefined
      ? { pointer: path === "" ? "" : pointerOf([member, ...rest]), code: "invalid", message }
      : { pointer: "", code: "invalid", message: `headers ${header}: ${message}` }
  })

/** The first item as a sentence, and how many more there are. */
export const detailOf = (items: ReadonlyArray<ProblemItem>): string => {
  const [first] = items
  const where = first === undefined || first.pointer === "" ? "" : `${first.pointer}: `
  const told = first === undefined ? "" : `: ${where}${first.message}`
  const more = items.length > 1 ? ` (and ${items.length - 1} more)` : ""
  return `The request is not well-formed${told}${more}`
}

/**
 * The members of a problem that list rows or entries that are refused, under the member of the body that
 * has them. No item is made that is not listed: a batch may have a million issues.
 */
export const listedRows = (member: string, issues: ReadonlyArray<IndexedIssue>) => ({
  errors: issues.slice(0, maxProblemItems).map(({ index, message, path, reason }) => ({
    pointer: pointerOf([member, index, ...(path === "" ? [] : path.split("."))]),
    code: reason,
    message
  })),
  errorCount: issues.length
})

const sentences = new Map([
  ["there is no such member: check its spelling", "unknown_member"],
  ["the member is missing", "missing_member"],
  ["the body must be JSON", "malformed_json"]
])
const [unknownMember = "", missingMember = "", malformedJson = ""] = sentences.keys()

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) =>
    issue._tag === "UnexpectedKey"
      ? unknownMember
      : issue._tag === "MissingKey"
        ? missingMember
        : issue._tag === "InvalidValue" && SchemaIssue.defaultLeafHook(issue) === "Expected a valid JSON body"
          ? malformedJson
          : SchemaIssue.defaultLeafHook(issue)
})

/** The items of a request that its schema refuses. Only those of a body have a pointer. */
export const itemsOfSchemaError = ({
  cause,
  kind
}: HttpApiError.HttpApiSchemaError): ReadonlyArray<ProblemItem> =>
  format(cause.issue).issues.map(({ message, path = [] }) => {
    const keys = path.map((part) => (typeof part === "object" ? part.key : part))
    return {
      pointer: kind === "Payload" ? pointerOf(keys) : "",
      code: sentences.get(message) ?? "invalid",
      message: kind === "Payload" ? message : `${kind.toLowerCase()} ${keys.join(".")}: ${message}`
    }
  })
