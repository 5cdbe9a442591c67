/** The options of a list from the query and the media type of its upload. */

import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { listQuery } from "../contract/imports.ts"
import { listTypes } from "../contract/imports.ts"
import { InvalidRequest, listed } from "../contract/problems.ts"
import type { ListOptions } from "../imports/ImportsStore.ts"

type Query = Schema.Schema.Type<Schema.Struct<typeof listQuery>>

const delimiters: Readonly<Record<string, string>> = {
  tab: "\t",
  "\\t": "\t",
  comma: ",",
  semicolon: ";",
  pipe: "|"
}

/** Pairs of a map, at most, and characters of all of them. */
const maxPairs = 1_000
const maxMapLength = 65_536

export const invalidQuery = (name: string, why: string) =>
  new InvalidRequest({
    detail: "The request is not well-formed: see its errors",
    ...listed([{ pointer: "", code: "invalid", message: `query ${name}: ${why}` }])
  })

/** The media type of a request, in lower case and without parameters. */
const mediaTypeOf = ({ headers }: Request): string =>
  (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? ""

/** The format that a media type stands for; undefined for one of no list. */
export const formatOf = (request: Request): ListOptions["format"] | undefined => {
  const type = mediaTypeOf(request)
  return type === "text/csv" || type === "application/x-ndjson" ? listTypes[type] : undefined
}

/** Reads `COLUMN=FIELD`; without a field the column is left out. The last `=` counts, since a column's name may hold one. */
const fieldMap = (
  pairs: ReadonlyArray<string>
): Result.Result<NonNullable<ListOptions["map"]>, InvalidRequest> => {
  if (pairs.length > maxPairs || pairs.join("").length > maxMapLength)
    return Result.fail(invalidQuery("map", `at most ${maxPairs} pairs: leave out columns by a smaller list`))
  const map = new Map<string, string | null>()
  for (const pair of pairs) {
    const at = pair.lastIndexOf("=")
    if (at < 1) return Result.fail(invalidQuery("map", "COLUMN=FIELD, or COLUMN= to leave it out"))
    const field = pair.slice(at + 1).trim()
    map.set(pair.slice(0, at), field === "" ? null : field)
  }
  return Result.succeed(Object.fromEntries(map))
}

/** The options and the rows to pass over. */
export const listOptionsOf = (
  format: ListOptions["format"],
  { delimiter, encoding, from = 0, header, map, maxBytes, maxRecordBytes, skipLines, splitName }: Query
): Result.Result<{ readonly options: ListOptions; readonly from: number }, InvalidRequest> => {
  const numbers = { from, skipLines, maxRecordBytes, maxBytes }
  for (const [name, value] of Object.entries(numbers))
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
      return Result.fail(invalidQuery(name, "a whole number, 0 or more"))
  return Result.map(fieldMap(map ?? []), (fields) => ({
    from,
    options: {
      format,
      ...(delimiter === undefined ? {} : { delimiter: delimiters[delimiter] ?? delimiter }),
      ...(encoding === undefined ? {} : { encoding }),
      ...(header === "false" ? { header: false } : {}),
      ...(map === undefined ? {} : { map: fields }),
      ...(skipLines === undefined ? {} : { skipLines }),
      ...(splitName === undefined ? {} : { splitName: splitName === "true" }),
      ...(maxRecordBytes === undefined ? {} : { maxRecordBytes }),
      ...(maxBytes === undefined ? {} : { maxBytes })
    }
  }))
}
