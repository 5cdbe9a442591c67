/** The use case `Events.last`. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { InvalidRequest } from "./model/Errors.ts"
import type { WorkspaceId } from "./model/Ids.ts"
import { Repository, type RepositoryError } from "./Repository.ts"
import { decodeRequest, inWorkspace } from "./request.ts"
import { cursorOf, type EventCursor } from "./rules/eventCursor.ts"

const decode = decodeRequest(Schema.Struct(inWorkspace))

/** Reads one event after a sequence, to learn whether there is one. */
const hasEventAfter = (repository: Repository["Service"], workspaceId: WorkspaceId, sequence: number) =>
  Effect.map(
    repository.events({ workspaceId, after: sequence, limit: 1 }),
    ({ items, next }) => items.length > 0 || next !== null
  )

/**
 * Returns the cursor of the last event of a workspace, or null when it has none. A follower that is
 * to hear of later events alone begins behind it. It reads a few dozen events, however many there
 * are: sequences are searched by doubling, then by halving.
 */
export const last = Effect.fn("Events.last")(function* (input: {
  readonly workspaceId: string
}): Effect.fn.Return<EventCursor | null, InvalidRequest | RepositoryError, Repository> {
  const repository = yield* Repository
  const { workspaceId } = yield* decode(input)
  // There is an event after `below`, and none after `above`.
  let below = -1
  let above = 0
  while (yield* hasEventAfter(repository, workspaceId, above)) {
    below = above
    above = 2 * above + 1
  }
  while (above - below > 1) {
    const middle = below + Math.floor((above - below) / 2)
    if (yield* hasEventAfter(repository, workspaceId, middle)) below = middle
    else above = middle
  }
  if (above === 0) return null
  const { items } = yield* repository.events({ workspaceId, after: above - 1, limit: 1 })
  const [event] = items
  return event === undefined ? null : cursorOf(event)
})
