/**
 * Events as server-sent events. Each has its cursor as its id, so that a client that was cut off goes
 * on with `Last-Event-ID`. While nothing happens a comment keeps the connection open.
 */
import type { Events } from "@leadterra/core"
import * as Schema from "effect/Schema"
import { Event } from "./contract/nouns.ts"

export interface EventStreamOptions {
  /** Reads so many events after a cursor of the core. */
  readonly read: (after: string | null, limit: number) => Promise<Events.EventsPage>
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

/**
 * Events of one read, ids that the events held at once name between them, and bytes handed on at
 * once. A reader that is slow makes its stream hold no more than that, or one event.
 */
const maxEvents = 20
const maxIds = 1_000
const chunkBytes = 16_384

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

/** Leads and messages that an event names. */
const idsOf = (event: Events.ReadEvent): number =>
  ("leadIds" in event ? event.leadIds.length : 0) + ("messageIds" in event ? event.messageIds.length : 0)

/**
 * A page as texts, cut to the events that name so many ids between them, and at least one event. The
 * events themselves are held by nothing that waits.
 */
const textsOf = ({ items, more, next }: Events.EventsPage) => {
  let ids = 0
  let end = 0
  for (const event of items) {
    ids += idsOf(event)
    if (end > 0 && ids > maxIds) break
    end++
  }
  const last = items[end - 1]
  const cut = end < items.length && last !== undefined
  const texts = items.slice(0, end).map((event) => ({
    cursor: event.cursor,
    text: `event: ${event.kind}\ndata: ${encodeEvent(event)}\n\n`
  }))
  return { texts, cut, more: cut || more, next: cut ? last.cursor : next }
}

/** The bytes of the stream: the events after a cursor of the core, then those that come. */
export async function* eventStream(
  { isValid, read, seal, signal }: EventStreamOptions,
  start: string | null
): AsyncGenerator<Uint8Array> {
  let after = start
  let limit = 1
  let checkedAt = performance.now()
  let spokeAt = checkedAt

  /** Reads on. The events leave as bytes, so that nothing holds them while their reader is slow. */
  const readOn = async (): Promise<{ readonly bytes: Uint8Array; readonly more: boolean }> => {
    const { cut, more, next, texts } = textsOf(await read(after, limit))
    after = next
    limit = cut ? 1 : Math.min(2 * limit, maxEvents)
    const sealed = texts.map(async ({ cursor, text }) => `id: ${await seal(cursor)}\n${text}`)
    return { bytes: encoder.encode((await Promise.all(sealed)).join("")), more }
  }

  yield encoder.encode(": events follow\n\n")
  while (!signal.aborted) {
    const { bytes, more } = await readOn()
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
    const now = performance.now()
    if (bytes.length > 0) spokeAt = now
    else if (now - spokeAt >= keepAliveMillis) {
      spokeAt = now
      yield encoder.encode(": nothing new\n\n")
    }
    if (now - checkedAt >= checkMillis) {
      if (!(await isValid())) return
      checkedAt = now
    }
    if (!more) await wait(signal)
  }
}
