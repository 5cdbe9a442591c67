/** Makes the items of a problem: where a request is wrong, a reason and a sentence, and never a value. */
import type { IndexedIssue, Issue } from "@leadterra/core"
import type { HttpApiError } from "effect/http-api"
import * as SchemaIssue from "effect/SchemaIssue"
import type { ProblemItem } from "./contract/problems.ts"

/** A JSON pointer (RFC 6901). */
const pointerOf = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")

/** The members of a body that the contract names otherwise than the core. */
const published: Readonly<Record<string, string>> = { steps: "sequenceSteps", to: "advanceTo" }

/** The items of an `InvalidRequest` of the core, whose paths have a dot between two names. */
export const itemsOfIssues = (issues: ReadonlyArray<Issue>): ReadonlyArray<ProblemItem> =>
  issues.map(({ message, path }) => {
    const [first = "", ...rest] = path.split(".")
    return {
      pointer: path === "" ? "" : pointerOf([published[first] ?? first, ...rest]),
      code: "invalid",
      message
    }
  })

/** The items of rows or entries that are refused, under the member that lists them. */
export const itemsOfRows = (
  member: string,
  issues: ReadonlyArray<IndexedIssue>
): ReadonlyArray<ProblemItem> =>
  issues.map(({ index, message, path, reason }) => ({
    pointer: pointerOf([member, index, ...(path === "" ? [] : path.split("."))]),
    code: reason,
    message
  }))

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
