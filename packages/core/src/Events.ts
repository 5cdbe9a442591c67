/**
 * The use cases of events: read, stream. A reader keeps the sequence of the last event that it has handled, and reads on
 * from there; it misses none and meets none twice, since no event is ever written before one that has been read.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { DomainEvent } from "./model/Event.ts"
import * as Limits from "./model/Limits.ts"
import { type Page, Repository } from "./Repository.ts"
import { decodeRequest, inWorkspace } from "./request.ts"

/** Which events: those after the sequence `after`, by default from the first; `limit` 1 to 1,000, by default 100. */
export interface EventsInput {
  readonly workspaceId: string
  readonly after?: number | undefined
  readonly limit?: number | undefined
}

/** `next` is the `after` to go on from, now or later, on the last page too; `more` says whether there is more by now. */
export interface EventsPage {
  readonly items: ReadonlyArray<DomainEvent>
  readonly next: number
  readonly more: boolean
}

/** The arguments of `stream`. */
export interface EventStreamInput extends EventsInput {
  /** Seconds to wait at the end before looking for more, at most a day; left out, the stream ends there. */
  readonly pollSeconds?: number | undefined
}

const limit = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.maxPageSize }))

const request = {
  ...inWorkspace,
  after: Schema.optional(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
  ),
  limit: Schema.optional(limit)
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

/**
 * Reads events of a workspace in the order in which they were written, after a sequence. A workspace that nothing was
 * written to has none.
 */
export const read = Effect.fn("Events.read")(function* (input: EventsInput) {
  const repository = yield* Repository
  const { after = 0, limit = Limits.defaultPageSize, workspaceId } = yield* decodeRead(input)
  const { items, next } = yield* repository.events({ workspaceId, after, limit })
  const page: EventsPage = { items, next: next ?? items.at(-1)?.sequence ?? after, more: next !== null }
  return page
})

/** The same events as a stream, page by page, each read in a turn of its own when it is asked for. With `pollSeconds` it waits for more. */
export const stream = (input: EventStreamInput) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const repository = yield* Repository
      const {
        after = 0,
        limit = Limits.defaultPageSize,
        pollSeconds,
        workspaceId
      } = yield* decodeStream(input)
      const readOn = Effect.fnUntraced(function* ({ after, waits }: Place) {
        yield* waits ? Effect.sleep(`${pollSeconds ?? 0} seconds`) : Effect.yieldNow
        const { items, next }: Page<DomainEvent, number> = yield* repository.events({
          workspaceId,
          after,
          limit
        })
        const isLast = next === null && pollSeconds === undefined
        const place = { after: next ?? items.at(-1)?.sequence ?? after, waits: next === null }
        return [items, isLast ? Option.none<Place>() : Option.some(place)] as const
      })
      return Stream.paginate({ after, waits: false }, readOn)
    })
  )

/** How far a stream has come, and whether that was the end for now. */
interface Place {
  readonly after: number
  readonly waits: boolean
}
