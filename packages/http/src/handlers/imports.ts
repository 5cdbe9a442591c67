import * as Effect from "effect/Effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import * as Stream from "effect/Stream"
import { attempt, Unforeseen } from "../attempt.ts"
import { Api } from "../contract/Api.ts"
import { Caller } from "../contract/Authentication.ts"
import * as Problems from "../contract/problems.ts"
import type { ImportJob } from "../imports/ImportsStore.ts"
import * as jobRules from "../imports/jobRules.ts"
import { UploadError } from "../imports/readUpload.ts"
import { type Spool, SpoolError } from "../imports/Spool.ts"
import { formatOf, invalidQuery, listOptionsOf } from "./listOptions.ts"
import { nextOf, pageOf, Server } from "./Server.ts"

/** Jobs of a page. */
const defaultLimit = 50
const maxLimit = 100

/** A job in its published shape. */
const published = (job: ImportJob) => {
  const { rows, ...result } = job.counts
  const {
    bytes,
    bytesRead,
    campaignId,
    createdAt,
    endedAt,
    failedRows,
    failure,
    id,
    next,
    startedAt,
    state
  } = job
  return {
    ...{ id, campaignId, state, rows, result, bytes, bytesRead, next },
    resumable: jobRules.isResumable(job),
    ...{ failure, failedRows, createdAt, startedAt, endedAt }
  }
}

const notServed = () =>
  new Problems.ImportsNotServed({
    detail: "The server was started without a spool: send the rows by /leads/bulk, in batches"
  })

const notFound = () =>
  new Problems.ImportNotFound({ detail: "Check the id: an import is kept for a week after its end" })

const broken = () =>
  new Problems.InvalidRequest({
    detail: "The upload broke off: send the list again",
    ...Problems.listed([])
  })

const refusals = {
  TooManyUploads: () =>
    new Problems.TooManyRequests({ detail: "Other uploads are under way: send the list again later" }),
  TooManyJobs: () =>
    new Problems.TooManyRequests({
      detail: "Too many imports of this workspace wait or have failed: let them end, or abort some"
    }),
  KeyRevoked: () =>
    new Problems.AuthenticationFailed({ detail: "The API key was revoked during the upload: send another" })
}

/** The problem that a failure of an upload is. */
const problemOf = (error: unknown) => {
  if (error instanceof UploadError)
    return error.reason === "Broken"
      ? broken()
      : new Problems.RequestTimeout({ detail: "Send the list faster, or with gzip" })
  if (!(error instanceof SpoolError)) return undefined
  const { limit, message: detail, reason } = error
  switch (reason) {
    case "TooLarge":
      return new Problems.TooLarge({ detail, limit, unit: "bytes" })
    case "WorkspaceFull":
      return new Problems.TooManyRequests({ detail })
    case "SpoolFull":
    case "DiskFull":
      return new Problems.InsufficientStorage({ detail })
    default:
      return undefined
  }
}

export const imports = HttpApiBuilder.group(
  Api,
  "imports",
  Effect.fnUntraced(function* (handlers) {
    const { imports } = yield* Server
    const { spool } = imports
    const refOf = ({ id }: { readonly id: string }) =>
      Effect.map(Caller, ({ workspaceId }) => ({ workspaceId, id }))

    const checkOptions = (spool: Spool, options: ImportJob["options"]) =>
      Effect.try({
        try: () => spool.checkOptions(options),
        catch: (error) => invalidQuery("", spool.listFailure(error)?.message ?? "no list can be read so")
      })

    return handlers.handleAll({
      create: Effect.fnUntraced(function* ({ params, query }) {
        if (spool === undefined) return yield* notServed()
        const { isValid, workspaceId } = yield* Caller
        const { source } = yield* HttpServerRequest.HttpServerRequest
        if (!(source instanceof Request)) return yield* Effect.die("the request is none of the web")
        const format = formatOf(source) ?? "csv"
        const { from, options } = yield* Effect.fromResult(listOptionsOf(format, query))
        yield* checkOptions(spool, options)
        const upload = { workspaceId, campaignId: params.id, options, from, body: source.body, isValid }
        const uploaded = yield* Effect.catchDefect(
          attempt(() => imports.upload(spool, upload), "CampaignNotFound"),
          (defect) => {
            const problem = defect instanceof Unforeseen ? problemOf(defect.error) : undefined
            return problem === undefined ? Effect.die(defect) : Effect.fail(problem)
          }
        )
        if ("refusal" in uploaded) return yield* refusals[uploaded.refusal]()
        return HttpApiSchema.withHeaders({
          body: { import: published(uploaded.job) },
          headers: { location: `/v1/imports/${uploaded.job.id}` }
        })
      }),
      list: Effect.fnUntraced(function* ({ query }) {
        const { workspaceId } = yield* Caller
        const of = { workspaceId, list: "imports" }
        const { after, limit = defaultLimit } = yield* pageOf(of, query)
        if (!(Number.isInteger(limit) && limit >= 1 && limit <= maxLimit))
          return yield* invalidQuery("limit", `a whole number from 1 to ${maxLimit}`)
        const { jobs, next } = yield* attempt(() => imports.list({ workspaceId, before: after, limit }))
        return { imports: jobs.map(published), next: yield* nextOf(of, next) }
      }),
      get: Effect.fnUntraced(function* ({ params }) {
        const ref = yield* refOf(params)
        const job = yield* attempt(() => imports.get(ref))
        return { import: published(job ?? (yield* notFound())) }
      }),
      failedRows: Effect.fnUntraced(function* ({ params }) {
        const ref = yield* refOf(params)
        const job = (yield* attempt(() => imports.get(ref))) ?? (yield* notFound())
        const { failedRows } = job
        if (failedRows === null)
          return yield* new Problems.FailedRowsNotFound({
            detail:
              job.counts.failed === 0
                ? "No row has failed so far"
                : "An erasure in the workspace has removed them: import the list again"
          })
        if (spool === undefined) return yield* notServed()
        if (job.spoolId !== spool.id)
          return yield* new Problems.Unavailable({
            detail: "Another machine has the failed rows: ask the server that took the list"
          })
        const body = Stream.fromReadableStream({
          evaluate: () => spool.readFailed(ref, failedRows.bytes),
          onError: (error) => error
        })
        const contentType = failedRows.format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson"
        // Without its length the answer is read as it is asked for, and never held.
        return HttpServerResponse.stream(body, {
          contentType,
          headers: { "content-disposition": `attachment; filename="${job.id}-failed.${failedRows.format}"` }
        })
      }),
      abort: Effect.fnUntraced(function* ({ params }) {
        const ref = yield* refOf(params)
        const job = (yield* attempt(() => imports.abort(ref))) ?? (yield* notFound())
        if (job.state !== "completed") return { import: published(job) }
        return yield* new Problems.ImportOver({
          detail: "The import has completed: there is nothing to abort"
        })
      }),
      resume: Effect.fnUntraced(function* ({ params }) {
        const ref = yield* refOf(params)
        const job = (yield* attempt(() => imports.resume(ref))) ?? (yield* notFound())
        if (!jobRules.isOver(job)) return { import: published(job) }
        return yield* new Problems.ImportNotResumable({
          detail:
            job.state === "completed"
              ? "The import has completed: upload a list for another one"
              : `The list is no longer kept, or is at fault itself: upload it with ?from=${job.next}`
        })
      })
    })
  })
)
