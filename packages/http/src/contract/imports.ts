/** Imports: a list of any length into a campaign, as a job. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import * as Schema from "effect/Schema"
import { jobFailureCodes, listFailureCodes } from "../imports/failureCodes.ts"
import { KeepsNoKey } from "./Conditions.ts"
import { campaignParams } from "./campaigns.ts"
import { Count, next, pageQuery, Time } from "./nouns.ts"
import {
  CampaignNotFound,
  FailedRowsNotFound,
  ImportNotFound,
  ImportNotResumable,
  ImportOver,
  ImportsNotServed,
  InsufficientStorage,
  TooManyRequests
} from "./problems.ts"

/** The media types of lists, and their formats. */
export const listTypes = { "text/csv": "csv", "application/x-ndjson": "ndjson" } as const

const formats = ["csv", "ndjson"] as const

/** Text, and no union: a store may hold the code of a newer version. */
const failureCode = Schema.String.annotate({
  description: `One of ${[...jobFailureCodes, ...listFailureCodes].join(", ")}.`
})

export const Import = Schema.Struct({
  id: Schema.String,
  campaignId: Schema.String,
  state: Schema.Literals(["queued", "running", "completed", "failed", "aborted"]),
  /** Rows that were taken; the counts of `result` add up to them. */
  rows: Count,
  result: Schema.Struct({
    enrolled: Count,
    updated: Count,
    skipped: Count,
    totalInCampaign: Count,
    failed: Count
  }),
  /** Bytes of the list as it was sent, and how many of them were read. */
  bytes: Count,
  bytesRead: Count,
  /** The place to go on from: the rows of the list that were taken or passed over. */
  next: Count,
  /** Whether `/resume` lets a failed import go on. */
  resumable: Schema.Boolean,
  /** Why the import has failed; `line` is that of the list, from 1, where one is to blame. */
  failure: Schema.NullOr(
    Schema.Struct({ code: failureCode, message: Schema.String, line: Schema.NullOr(Schema.Int) })
  ),
  /** The file of `/failed-rows`; null when no row has failed, or the rows are no longer kept. */
  failedRows: Schema.NullOr(Schema.Struct({ format: Schema.Literals(formats), rows: Count, bytes: Count })),
  createdAt: Time,
  startedAt: Schema.NullOr(Time),
  endedAt: Schema.NullOr(Time)
}).annotate({ identifier: "Import" })

const text = (description: string) => Schema.optionalKey(Schema.String.annotate({ description }))
const number = (description: string) => Schema.optionalKey(Schema.FiniteFromString.annotate({ description }))
const yesOrNo = (description: string) =>
  Schema.optionalKey(Schema.Literals(["true", "false"]).annotate({ description }))

/** How the list is read, where it does not say so itself: the options of `leadterra leads import`. */
export const listQuery = {
  delimiter: text("between cells: a character, or tab; found by itself otherwise"),
  encoding: text("of the text; UTF-8, or that of its byte order mark, otherwise"),
  header: yesOrNo("false: the first line is a lead; map columns by their numbers"),
  map: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description:
        "COLUMN=FIELD: a column or key to email, firstName, lastName, company, jobTitle or a field of yours; COLUMN= leaves it out; may be repeated"
    })
  ),
  skipLines: number("lines above the names of the columns; found by itself up to 10"),
  splitName: yesOrNo("true: a column of full names is split into firstName and lastName"),
  maxRecordBytes: number("of one row, 1,000,000 otherwise"),
  maxBytes: number("of the whole list once it is unpacked, 4,000,000,000 otherwise"),
  from: number("rows of the list to pass over: the `next` of an import that has stopped")
}

const importParams = { id: Schema.String }
const ImportAnswer = Schema.Struct({ import: Import })
const accepted = ImportAnswer.pipe(HttpApiSchema.status(202))

export class Imports extends HttpApiGroup.make("imports")
  .add(
    HttpApiEndpoint.post("create", "/campaigns/:id/imports", {
      params: campaignParams,
      query: listQuery,
      payload: HttpApiSchema.StreamUint8Array({ contentType: Object.keys(listTypes) }),
      success: HttpApiSchema.WithHeaders(accepted, { location: Schema.String }),
      error: [CampaignNotFound, TooManyRequests, ImportsNotServed, InsufficientStorage]
    })
      .annotate(OpenApi.Summary, "Import a list of any length, as a job")
      .annotate(KeepsNoKey, true),
    HttpApiEndpoint.get("list", "/imports", {
      query: pageQuery,
      success: Schema.Struct({ imports: Schema.Array(Import), next })
    }).annotate(OpenApi.Summary, "List imports, newest first"),
    HttpApiEndpoint.get("get", "/imports/:id", {
      params: importParams,
      success: ImportAnswer,
      error: ImportNotFound
    }).annotate(OpenApi.Summary, "Get the state of an import"),
    HttpApiEndpoint.get("failedRows", "/imports/:id/failed-rows", {
      params: importParams,
      success: HttpApiSchema.StreamUint8Array({ contentType: Object.keys(listTypes) }),
      error: [ImportNotFound, FailedRowsNotFound, ImportsNotServed]
    }).annotate(OpenApi.Summary, "Get the failed rows as a list, to be corrected and imported"),
    HttpApiEndpoint.post("abort", "/imports/:id/abort", {
      params: importParams,
      success: ImportAnswer,
      error: [ImportNotFound, ImportOver]
    })
      .annotate(OpenApi.Summary, "Abort an import behind the batch that is under way")
      .annotate(KeepsNoKey, true),
    HttpApiEndpoint.post("resume", "/imports/:id/resume", {
      params: importParams,
      success: accepted,
      error: [ImportNotFound, ImportNotResumable]
    })
      .annotate(OpenApi.Summary, "Let a failed import go on from where it stopped")
      .annotate(KeepsNoKey, true)
  )
  .prefix("/v1")
  .annotate(OpenApi.Description, "Lists of any length into a campaign, as jobs.") {}
