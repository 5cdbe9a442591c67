/**
 * The use cases of the suppression list (SU): add, check, list, remove. One list per workspace holds for every
 * campaign. An upsert never lifts a suppression; `remove` does, as an operator's deliberate act (SU-4).
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decisionMoment } from "./decisionMoment.ts"
import { mapInTurns } from "./inTurns.ts"
import * as Email from "./model/EmailAddress.ts"
import { InvalidRequest } from "./model/Errors.ts"
import * as Limits from "./model/Limits.ts"
import { isAddressEntry, type Suppression } from "./model/Suppression.ts"
import { storable } from "./model/text.ts"
import { Repository } from "./Repository.ts"
import {
  decodeRequest,
  inWorkspace,
  list as listOf,
  type PageInput,
  pageRequest,
  takeList
} from "./request.ts"
import {
  addSuppressions,
  allOf,
  parseEntry,
  removeSuppressions,
  suppressionOf,
  validOf
} from "./rules/suppression.ts"

/** At most 1,000 entries: addresses, or exact domains written `@acme.com`. `emails` is the published name. */
export type Entries =
  | { readonly entries: ReadonlyArray<string>; readonly emails?: undefined }
  | { readonly emails: ReadonlyArray<string>; readonly entries?: undefined }

/** Whether one address is suppressed, and by which entry of the list. */
export interface Checked {
  readonly email: string
  readonly suppressed: boolean
  readonly suppression: Suppression | null
}

/** The reason of an entry that is added without one. */
export const defaultReason = "manual"

const given = {
  ...inWorkspace,
  entries: Schema.optional(listOf("entries", "text")),
  emails: Schema.optional(listOf("emails", "text"))
}
const decodeAdded = decodeRequest(
  Schema.Struct({
    ...given,
    onInvalid: Schema.optional(Schema.Literals(["report", "reject"])),
    reason: Schema.optional(
      Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(Limits.maxNameLength), storable("reason"))
    )
  })
)
const decodeRemoved = decodeRequest(
  Schema.Struct({
    ...given,
    actor: Schema.String.check(
      Schema.isMinLength(1),
      Schema.isMaxLength(Limits.maxNameLength),
      storable("actor")
    )
  })
)
const decodeEmails = decodeRequest(Schema.Struct({ ...inWorkspace, emails: listOf("emails", "text") }))

/** The arguments of `add`. */
export type AddInput = {
  readonly workspaceId: string
  readonly reason?: string | undefined
  /**
   * `"reject"` (default) adds none when one is invalid; `"report"` adds the others and lists it
   * (SU-1).
   */
  readonly onInvalid?: "report" | "reject" | undefined
} & Entries

/**
 * Adds entries, idempotently (SU-1), and in the same atomic step ends every active enrolment that
 * they cover, in every campaign of the workspace (SU-2). Under `onInvalid: "report"` the answer
 * lists invalid entries, with a suggestion where there is one (ID-4). Fails with
 * `InvalidSuppressionEntries`, which lists every invalid entry, and with `BatchTooLarge`; then
 * nothing is written.
 */
export const add = Effect.fn("Suppression.add")(function* (input: AddInput) {
  const repository = yield* Repository
  const { onInvalid = "reject", reason = defaultReason, workspaceId, ...given } = yield* decodeAdded(input)
  const results = yield* mapInTurns(yield* listIn(given), parseEntry)
  const { invalid, parsed: entries } =
    onInvalid === "report"
      ? validOf(results)
      : { parsed: yield* Effect.fromResult(allOf(results)), invalid: undefined }
  const moment = yield* decisionMoment
  const scope = { workspaceId, suppressions: entries, addresses: entries.filter(isAddressEntry) }
  const answer = yield* repository.decide(scope, (snapshot) =>
    Result.succeed(addSuppressions(snapshot, entries, reason, moment(snapshot).now))
  )
  return invalid === undefined ? answer : { ...answer, invalid }
})

/**
 * Takes entries off the list and restarts nothing (SU-4). `actor` is the host's name for the
 * operator who does so, 1 to 200 characters; the event `suppression.removed` keeps it for ever, so
 * prefer an opaque id to an address. Fails like `add`.
 */
export const remove = Effect.fn("Suppression.remove")(function* (
  input: { readonly workspaceId: string; readonly actor: string } & Entries
) {
  const repository = yield* Repository
  const { actor, workspaceId, ...given } = yield* decodeRemoved(input)
  const entries = yield* Effect.fromResult(allOf(yield* mapInTurns(yield* listIn(given), parseEntry)))
  const moment = yield* decisionMoment
  const scope = { workspaceId, suppressions: entries, addresses: entries.filter(isAddressEntry) }
  return yield* repository.decide(scope, (snapshot) =>
    Result.succeed(removeSuppressions(snapshot, entries, actor, moment(snapshot).now))
  )
})

/** Tells for each address whether it is suppressed, by itself or by its domain. Fails like `add`. */
export const check = Effect.fn("Suppression.check")(function* (input: {
  readonly workspaceId: string
  readonly emails: ReadonlyArray<string>
}) {
  const repository = yield* Repository
  const { workspaceId, ...given } = yield* decodeEmails(input)
  const emails = yield* take(given.emails)
  const addresses = yield* Effect.fromResult(allOf(yield* mapInTurns(emails, Email.parse)))
  const keys = addresses.map(({ key }) => key)
  const snapshot = yield* repository.read({ workspaceId, covers: keys })
  return keys.map((key, index): Checked => {
    const suppression = suppressionOf(snapshot, key) ?? null
    return { email: String(emails[index]), suppressed: suppression !== null, suppression }
  })
})

/**
 * Lists the entries by code point; `after` is the `next` of the page before. A thousand entries
 * hold less than 2 MB.
 */
export const list = Effect.fn("Suppression.list")(function* (input: PageInput) {
  const repository = yield* Repository
  return yield* repository.suppressions(yield* pageRequest(input))
})

const take = (entries: unknown) =>
  takeList(
    entries,
    Limits.maxSuppressionEntries,
    `split the list into calls of at most ${Limits.maxSuppressionEntries}; adding twice is safe`
  )

const listIn = Effect.fnUntraced(function* (given: {
  readonly entries?: unknown
  readonly emails?: unknown
}) {
  const entries = given.entries ?? given.emails
  if (entries === undefined) {
    return yield* new InvalidRequest({
      issues: [{ path: "entries", message: "entries, or emails, must be an array of text" }]
    })
  }
  return yield* take(entries)
})
