/** Follows the stream of events over cut connections. */

import { Attempt } from "./Attempt.ts"
import type { Event, FollowedEvent } from "./answers.ts"
import { LeadterraError } from "./LeadterraError.ts"
import { parse, unexpected } from "./problemOf.ts"
import { readEvents } from "./readEvents.ts"
import type { FollowOptions } from "./requests.ts"
import { shape } from "./Shape.ts"
import type { Transport } from "./Transport.ts"

/** The longest silence of a connection; the server comments every 15 seconds without events. */
export const silenceMillis = 45_000
/** A connection that held this long counts as a success, also without an event. */
export const settledMillis = 10_000
/** Failures in a row, each with a wait behind it, before the loop rejects. */
export const followRetries = 20

const ended = () =>
  new LeadterraError({
    code: "connection_failed",
    detail: "the stream of events ended: follow it again behind the last event"
  })

/** Yields each event once. The waits between failures in a row are bounded as those of a call. */
export async function* follow(
  transport: Transport,
  { after, signal }: FollowOptions
): AsyncGenerator<FollowedEvent, void, void> {
  const { timing } = transport
  const patience = transport.patience(followRetries)
  let cursor = after
  while (true) {
    const attempt = new Attempt(timing, signal)
    let openedAt: number | undefined
    let failure: unknown
    try {
      const headers = { "last-event-id": cursor }
      const call = { method: "GET", path: "/v1/events/stream", headers, repeatable: true } as const
      const { body } = await transport.open(call, attempt, undefined, "text/event-stream")
      openedAt = timing.now()
      for await (const { data, id } of readEvents(body, (read) => attempt.raceWithin(silenceMillis, read))) {
        const event = eventOf(data)
        cursor = id
        patience.reset()
        yield { ...event, cursor: id }
      }
      failure = ended()
    } catch (error) {
      failure = error
    } finally {
      attempt.close()
    }
    if (!(failure instanceof LeadterraError)) throw failure
    if (openedAt !== undefined && timing.now() - openedAt >= settledMillis) patience.reset()
    await patience.wait(failure, signal)
  }
}

const isEvent = shape<Event>({ sequence: "number", at: "string", kind: "string" })

const eventOf = (data: string): Event => {
  const event = parse(data)
  if (isEvent(event)) return event
  throw unexpected({ status: 200, requestId: null, retryAfterMillis: null })
}
