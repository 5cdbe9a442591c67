/**
 * The edge of a use case: from what a caller handed over to values that a rule may trust, or to
 * `InvalidRequest` with every problem listed by its path. Rejected values are not repeated in the messages.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { InvalidRequest, type Issue } from "./model/Errors.ts"
import { CampaignId, WorkspaceId } from "./model/Ids.ts"
import * as Limits from "./model/Limits.ts"
import { storable } from "./model/text.ts"
import type { PageRequest } from "./Repository.ts"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const issuesOf = (error: Schema.SchemaError): ReadonlyArray<Issue> =>
  format(error.issue).issues.map(({ message, path }) => ({
    path: (path ?? []).map(String).join("."),
    message
  }))

/** A decoder of arguments that fails with `InvalidRequest`. */
export const decodeRequest = <A, I>(schema: Schema.Codec<A, I>) => {
  const decode = Schema.decodeUnknownEffect(schema, { errors: "all" })
  return (input: unknown): Effect.Effect<A, InvalidRequest> =>
    Effect.mapError(decode(input), (error) => new InvalidRequest({ issues: issuesOf(error) }))
}

const decodeWorkspace = decodeRequest(Schema.Struct({ workspaceId: WorkspaceId }))

/** Parses the workspace's id out of a call's argument. Fails with `InvalidRequest`. */
export const parseWorkspaceId = (input: {
  readonly workspaceId: string
}): Effect.Effect<WorkspaceId, InvalidRequest> => Effect.map(decodeWorkspace(input), (ref) => ref.workspaceId)

/** Names one campaign of one workspace. */
export interface CampaignRef {
  readonly workspaceId: string
  readonly campaignId: string
}

const decodeRef = decodeRequest(Schema.Struct({ workspaceId: WorkspaceId, campaignId: CampaignId }))

/** Parses both ids: any text may name a campaign, and an unknown one is not found. Fails with `InvalidRequest`. */
export const parseCampaignRef = (input: CampaignRef) => decodeRef(input)

/** Which page of a list: `after` is the `next` of the page before, `limit` 1 to 1,000, by default 100. */
export interface PageInput {
  readonly workspaceId: string
  readonly after?: string | null | undefined
  readonly limit?: number | undefined
}

const decodePage = decodeRequest(
  Schema.Struct({
    workspaceId: WorkspaceId,
    campaignId: Schema.optional(CampaignId),
    after: Schema.optional(Schema.NullOr(Schema.String.check(storable("after")))),
    limit: Schema.optional(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.maxPageSize })))
  })
)

/** Parses a page request, of the whole workspace or of one campaign. Fails with `InvalidRequest`. */
export const pageRequest = (
  input: PageInput & { readonly campaignId?: string | undefined }
): Effect.Effect<PageRequest & { readonly campaignId: CampaignId | null }, InvalidRequest> =>
  Effect.map(decodePage(input), ({ after, campaignId, limit, workspaceId }) => ({
    workspaceId,
    campaignId: campaignId ?? null,
    after: after ?? null,
    limit: limit ?? Limits.defaultPageSize
  }))
