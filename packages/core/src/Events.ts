/**
 * The use cases of events: read, stream, last. A reader keeps the cursor of the last event that it has
 * handled, and reads on from there. It gets each event exactly once, since no event is ever written
 * before one that has been read. After lost commits its cursor may be unknown, and the call fails
 * (EV-2).
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { CursorUnknown, type InvalidRequest } from "./model/Errors.ts"
import type { DomainEvent } from "./model/Event.ts"
import type { WorkspaceId } from "./model/Ids.ts"
import * as Limits from "./model/Limits.ts"
import { pageByBytes } from "./pageByBytes.ts"
import { type Page, Repository, type RepositoryError } from "./Repository.ts"
import { decodeRequest, inWorkspace } from "./request.ts"
import { cursorOf, type EventCursor, sequenceOf } from "./rules/eventCursor.ts"

export { last } from "./lastEvent.ts"

/**
 * The events to read: those after the cursor `after`, by default from the first; `limit` 1 to
 * 1,000, by default 100.
 */
export interface EventsInput {
  readonly workspaceId: string
  readonly after?: EventCursor | null | undefined
  readonly limit?: number | undefined
}

/** An event with the cursor to go on after it. */
export type ReadEvent = DomainEvent & { readonly cursor: EventCursor }

/**
 * `next` is the `after` of the next call, on the last page too; null before the first event. `more`
 * says whether there are more events by now.
 */
export interface EventsPage {
  readonly items: ReadonlyArray<ReadEvent>
  readonly next: EventCursor | null
  readonly more: boolean
}

/** The arguments of `stream`. */
export interface EventStreamInput extends EventsInput {
  /** Seconds to wait at the end before looking for more, at most a day; left out, the stream ends there. */
  readonly pollSeconds?: number | undefined
}

const request = {
  ...inWorkspace,
  after: Schema.optional(
    Schema.NullOr(
      Schema.String.check(
        Schema.makeFilter((text: string) =>
          sequenceOf(text) === undefined ? "after must be the cursor of an event, as it was read" : undefined
        )
      )
    )
  ),
  limit: Schema.optional(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.maxPageSize })))
}
const decodeRead = decodeRequest(Schema.Struct(request))
const decodeStream = decodeRequest(
  Schema.Struct({
    ...request,
    pollSeconds: Schema.optional(
      Schema.Finite.check(Schema.isBetween({ minimum: 0.001, maximum: Limits.maxPollSeconds }))
    )
  })
)

/** Reads after a cursor, and checks in the same read that its event is still there. */
const readAfter = Effect.fnUntraced(function* (
  repository: Repository["Service"],
  workspaceId: WorkspaceId,
  after: EventCursor | null,
  limit: number
): Effect.fn.Return<Page<ReadEvent>, CursorUnknown | RepositoryError> {
  const named = after === null ? 0 : 1
  const sequence = after === null ? 0 : (sequenceOf(after) ?? 0)
  let page: Page<DomainEvent, number> = yield* repository.events({
    workspaceId,
    after: sequence - named,
    limit: limit + named
  })
  const [first] = page.items
  if (after !== null && (first === undefined || cursorOf(first) !== after))
    return yield* new CursorUnknown({ cursor: after })
  let events = page.items.slice(named)
  // A page may have nothing to show, and more after it.
  while (events.length === 0 && page.next !== null) {
    page = yield* repository.events({ workspaceId, after: page.next, limit })
    events = page.items.slice()
  }
  const items = events.map((event): ReadEvent => ({ ...event, cursor: cursorOf(event) }))
  return { items, next: page.next === null ? null : (items.at(-1)?.cursor ?? after) }
})

/** About what an id takes as JSON, by those of leads, which all have one length. */
const bytesPerLeadId = 34

const bytesOf = (event: DomainEvent): number =>
  ("leadIds" in event ? event.leadIds.length * bytesPerLeadId : 0) +
  ("messageIds" in event ? event.messageIds.length * (3 + (event.messageIds[0]?.length ?? 0)) : 0)

const pageAfter = (
  repository: Repository["Service"],
  workspaceId: WorkspaceId,
  after: EventCursor | null,
  limit: number
): Effect.Effect<EventsPage, CursorUnknown | RepositoryError> =>
  Effect.map(
    pageByBytes<ReadEvent, EventCursor, CursorUnknown | RepositoryError, never>(
      {
        read: (after, limit) => readAfter(repository, workspaceId, after, limit),
        cursorOf: ({ cursor }) => cursor,
        bytesOf,
        mostBytes: Limits.maxEventBytes
      },
      after,
      limit
    ),
    ({ items, next }) => ({ items, next: items.at(-1)?.cursor ?? after, more: next !== null })
  )

/**
 * Reads events of a workspace in the order in which they were written, after a cursor. A page also
 * ends at 8 MB of ids. An unknown workspace has no events. Fails with `CursorUnknown` when the
 * event of the cursor no longer exists.
 */
export const read = Effect.fn("Events.read")(function* (
  input: EventsInput
): Effect.fn.Return<EventsPage, InvalidRequest | CursorUnknown | RepositoryError, Repository> {
  const repository = yield* Repository
  const { after = null, limit = Limits.defaultPageSize, workspaceId } = yield* decodeRead(input)
  return yield* pageAfter(repository, workspaceId, after, limit)
})

/**
 * The same events as a stream, page by page, each read in a turn of its own when it is asked for.
 * With `pollSeconds` it waits for more. Fails like `read`, also when commits are lost between two
 * pages.
 */
export const stream = (
  input: EventStreamInput
): Stream.Stream<ReadEvent, InvalidRequest | CursorUnknown | RepositoryError, Repository> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const repository = yield* Repository
      const {
        after = null,
        limit = Limits.defaultPageSize,
        pollSeconds,
        workspaceId
      } = yield* decodeStream(input)
      const readOn = Effect.fnUntraced(function* ({ after, waits }: Progress) {
        yield* waits ? Effect.sleep(`${pollSeconds ?? 0} seconds`) : Effect.yieldNow
        const { items, more, next } = yield* pageAfter(repository, workspaceId, after, limit)
        const isLast = !more && pollSeconds === undefined
        return [items, isLast ? Option.none<Progress>() : Option.some({ after: next, waits: !more })] as const
      })
      return Stream.paginate<Progress, ReadEvent, CursorUnknown | RepositoryError>(
        { after, waits: false },
        readOn
      )
    })
  )

/** How far a stream has come, and whether that was the end for now. */
interface Progress {
  readonly after: EventCursor | null
  readonly waits: boolean
}
