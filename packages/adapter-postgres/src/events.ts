/** The statements on events. Their sequence is counted in the row of the workspace, which who writes them holds. */
import type { DomainEvent, Happening, WorkspaceId } from "@leadterra/core"
import { inPieces } from "./pieces.ts"
import { type Session, statement } from "./Session.ts"

interface EventRow {
  readonly sequence: number
  readonly at: number
  readonly event: Happening
}

const page = statement<EventRow>(
  "SELECT sequence, at, event FROM event WHERE workspace = $1 AND sequence > $2 ORDER BY sequence LIMIT $3"
)

const append = statement(
  `WITH counted AS (
     UPDATE workspace SET events = events + cardinality($2::float8[]) WHERE workspace = $1 RETURNING events
   )
   INSERT INTO event (workspace, sequence, at, event)
   SELECT $1, events - cardinality($2::float8[]) + v.place, v.at, v.event::json
   FROM counted CROSS JOIN unnest($2::float8[], $3::text[]) WITH ORDINALITY AS v (at, event, place)`
)

/** An event that is still to be written. */
export interface Told {
  readonly at: number
  readonly event: Happening
}

/** In their order, after a sequence. */
export const pageOfEvents = async (
  session: Session,
  workspace: WorkspaceId,
  after: number,
  limit: number
): Promise<ReadonlyArray<DomainEvent>> =>
  (await session.rows(page, workspace, after, limit)).map(({ at, event, sequence }) => ({
    ...event,
    sequence,
    at
  }))

/** Gives the events the next sequences of their workspace. */
export const appendEvents = async (
  session: Session,
  workspace: WorkspaceId,
  events: ReadonlyArray<Told>
): Promise<void> => {
  const written = events.map(({ at, event }) => ({ at, text: JSON.stringify(event) }))
  for (const piece of inPieces(written, ({ text }) => text.length))
    await session.write(
      append,
      workspace,
      piece.map(({ at }) => at),
      piece.map(({ text }) => text)
    )
}
