/**
 * Events as server-sent events. Each has its cursor as its id, so that a client that was cut off goes
 * on with `Last-Event-ID`. While nothing happens a comment keeps the connection open.
 */
import type { Events } from "@leadterra/core"
import * as Schema from "effect/Schema"
import { Event } from "./contract/nouns.ts"

export interface EventStreamOptions {
  /** Reads on after a cursor of the core. */
  readonly read: (after: string | null) => Promise<Events.EventsPage>
  readonly seal: (cursor: string) => Promise<string>
  /** Asked every `checkMillis`: a stream ends when its key was revoked. */
  readonly isValid: () => Promise<boolean>
  /** Ends the stream. */
  readonly signal: AbortSignal
}

/** Milliseconds: to the next look for events, between two looks at the key, and between two comments. */
export const pollMillis = 500
export const checkMillis = 4_000
export const keepAliveMillis = 15_000

const encoder = new TextEncoder()
const encodeEvent = Schema.encodeUnknownSync(Schema.fromJsonString(Event))

const wait = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener("abort", end)
      resolve()
    }
    const timer = setTimeout(end, pollMillis)
    signal.addEventListener("abort", end)
  })

/** The bytes of the stream: the events of a first page, then those that come. */
export async function* eventStream(
  { isValid, read, seal, signal }: EventStreamOptions,
  first: Events.EventsPage
): AsyncGenerator<Uint8Array> {
  let page = first
  let checkedAt = performance.now()
  let spokeAt = checkedAt
  yield encoder.encode(": events follow\n\n")
  while (!signal.aborted) {
    for (const event of page.items) {
      const id = await seal(event.cursor)
      yield encoder.encode(`id: ${id}\nevent: ${event.kind}\ndata: ${encodeEvent(event)}\n\n`)
    }
    const now = performance.now()
    if (page.items.length > 0) spokeAt = now
    else if (now - spokeAt >= keepAliveMillis) {
      spokeAt = now
      yield encoder.encode(": nothing new\n\n")
    }
    if (now - checkedAt >= checkMillis) {
      if (!(await isValid())) return
      checkedAt = now
    }
    if (!page.more) await wait(signal)
    if (signal.aborted) return
    page = await read(page.next)
  }
}
