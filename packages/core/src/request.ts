/**
 * The edge of a use case: from what a caller handed over to values that a rule may trust, or to
 * `InvalidRequest` with every problem listed by its path. Rejected values are not repeated in the messages.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { mapInTurns } from "./inTurns.ts"
import * as Email from "./model/EmailAddress.ts"
import { BatchTooLarge, InvalidRequest, type Issue } from "./model/Errors.ts"
import { CampaignId, WorkspaceId } from "./model/Ids.ts"
import * as Limits from "./model/Limits.ts"
import { isStorable, storable } from "./model/text.ts"
import type { PageRequest } from "./Repository.ts"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const issuesOf = (error: Schema.SchemaError): ReadonlyArray<Issue> =>
  format(error.issue).issues.map(({ message, path }) => ({
    path: (path ?? []).map(String).join("."),
    message
  }))

const unreadable = new InvalidRequest({
  issues: [{ path: "", message: "the argument threw when it was read" }]
})

/** A decoder of arguments that fails with `InvalidRequest`, also for one that throws. */
export const decodeRequest = <A, I>(schema: Schema.Codec<A, I>) => decodeWith(schema, () => [])

/**
 * A decoder that also refuses unknown arguments: a misspelled `onInvalid` must not land rows that
 * its caller meant to refuse. It names the first unknown one. `furtherIssues` finds those that the
 * schema does not look for, and hides none of the others.
 */
export const decodeExactly = <A, I>(
  schema: Schema.Codec<A, I> & { readonly fields: object },
  furtherIssues: (input: unknown) => ReadonlyArray<Issue> = () => []
) => {
  const known = Object.keys(schema.fields)
  return decodeWith(schema, (input) => [...unknownKey(input, known), ...furtherIssues(input)])
}

const decodeWith = <A, I>(
  schema: Schema.Codec<A, I>,
  furtherIssues: (input: unknown) => ReadonlyArray<Issue>
) => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all" })
  return (input: unknown): Effect.Effect<A, InvalidRequest> =>
    Effect.suspend(() => {
      try {
        const further = furtherIssues(input)
        const decoded = decode(input)
        if (Result.isSuccess(decoded) && further.length === 0) return Effect.succeed(decoded.success)
        const issues = Result.isFailure(decoded) ? issuesOf(decoded.failure) : []
        return Effect.fail(new InvalidRequest({ issues: [...issues, ...further] }))
      } catch {
        return Effect.fail(unreadable)
      }
    })
}

/** The first unknown key of an object, as an issue. */
export const unknownKey = (input: unknown, known: ReadonlyArray<string>): ReadonlyArray<Issue> => {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return []
  const key = Object.keys(input).find((name) => !known.includes(name))
  return key === undefined
    ? []
    : [
        {
          path: key.slice(0, Limits.maxNameLength),
          message: `unknown: correct its name, or leave it out. Known are ${known.join(", ")}`
        }
      ]
}

/** The id of a workspace, as part of an argument. */
export const inWorkspace = { workspaceId: WorkspaceId }

/** The ids of a campaign, as part of an argument: any text may name one, and an unknown one is not found. */
export const inCampaign = { ...inWorkspace, campaignId: CampaignId }

/** A list, as part of an argument, whose elements are parsed later, one by one. */
export const list = (path: string, of: string) =>
  Schema.Unknown.check(
    Schema.makeFilter((value: unknown) =>
      Array.isArray(value) ? undefined : `${path} must be an array of ${of}`
    )
  )

/** What stands for an element that throws when it is read: no parser takes it. */
export const unreadableElement: unknown = new Proxy(
  {},
  {
    ownKeys: () => {
      throw new Error("unreadable")
    }
  }
)

/** The elements of a list, each read once, or `BatchTooLarge`. */
export const takeList = (
  list: unknown,
  limit: number,
  instead: string
): Effect.Effect<ReadonlyArray<unknown>, BatchTooLarge | InvalidRequest> =>
  Effect.suspend((): Effect.Effect<ReadonlyArray<unknown>, BatchTooLarge | InvalidRequest> => {
    try {
      const elements: ReadonlyArray<unknown> = Array.isArray(list) ? list : []
      const size = elements.length
      if (size > limit) return Effect.fail(new BatchTooLarge({ size, limit, instead }))
      const taken: Array<unknown> = []
      for (let index = 0; index < size; index++) taken.push(elementAt(elements, index))
      return Effect.succeed(taken)
    } catch {
      return Effect.fail(unreadable)
    }
  })

const elementAt = (list: ReadonlyArray<unknown>, index: number): unknown => {
  try {
    return list[index]
  } catch {
    return unreadableElement
  }
}

/** An idempotency key, as part of an argument. */
export const key = Schema.String.check(
  Schema.makeFilter((value: string) =>
    value.length >= 1 && value.length <= Limits.maxIdempotencyKeyLength && isStorable(value)
      ? undefined
      : `an idempotency key is 1 to ${Limits.maxIdempotencyKeyLength} characters of well-formed text without NUL`
  )
)

/** An address, as part of an argument. */
export const address = Schema.Unknown.check(
  Schema.makeFilter((value: unknown) =>
    Result.match(Email.parse(value), { onSuccess: () => undefined, onFailure: ({ message }) => message })
  )
)

/** The key of an address that was decoded. */
export const keyOf = (address: unknown): Email.EmailKey => Result.getOrThrow(Email.parse(address)).key

/**
 * Returns the keys of one address or more, in order. Fails with `InvalidRequest` that lists every
 * invalid one by its index.
 */
export const keysOf = Effect.fnUntraced(function* (path: string, addresses: ReadonlyArray<unknown>) {
  const keys: Array<Email.EmailKey> = []
  const issues: Array<Issue> =
    addresses.length === 0 ? [{ path, message: "the list is empty: name at least one address" }] : []
  for (const [index, parsed] of (yield* mapInTurns(addresses, Email.parse)).entries()) {
    if (Result.isSuccess(parsed)) keys.push(parsed.success.key)
    else issues.push({ path: `${path}.${index}`, message: parsed.failure.message })
  }
  if (issues.length > 0) return yield* new InvalidRequest({ issues })
  const found: ReadonlyArray<Email.EmailKey> = keys
  return found
})

/** Names one campaign of one workspace. */
export interface CampaignRef {
  readonly workspaceId: string
  readonly campaignId: string
}

const decodeRef = decodeRequest(Schema.Struct(inCampaign))

/** Parses both ids. Fails with `InvalidRequest`. */
export const parseCampaignRef = (input: CampaignRef) => decodeRef(input)

/** Which page of a list: `after` is the `next` of the page before, `limit` 1 to 1,000, by default 100. */
export interface PageInput {
  readonly workspaceId: string
  readonly after?: string | null | undefined
  readonly limit?: number | undefined
}

const decodePage = decodeRequest(
  Schema.Struct({
    ...inWorkspace,
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
